import type { StageSummary } from '../contract/trading-messages.ts';

/** 64 buckets an octave: a bucket is at most 1/64 of its value wide, so a midpoint is at most 0.8 % off. */
const SUB_BITS = 6;
const SUB_BUCKETS = 1 << SUB_BITS;
const BUCKETS = (53 - SUB_BITS) * SUB_BUCKETS + SUB_BUCKETS;

/**
 * Log-bucket histogram of durations in ns (or any non-negative quantity up to 2^53): exact below 128, within 0.8 %
 * above. `record` allocates nothing and costs a few ns. Count, maximum, minimum and sum are exact.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;

  /** Adds one value. A negative one (a clock that stepped back) counts as 0; NaN is not recorded. */
  record(ns: number): void {
    if (!(ns > 0)) {
      if (Number.isNaN(ns)) return;
      ns = 0;
    }
    const index = bucketOf(ns);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    if (this.#count === 0 || ns < this.#min) this.#min = ns;
    if (ns > this.#max) this.#max = ns;
    this.#count++;
    this.#sum += ns;
  }

  get count(): number {
    return this.#count;
  }
  /** Largest value, exact; 0 when empty. */
  get max(): number {
    return this.#max;
  }
  /** Smallest value, exact; 0 when empty. */
  get min(): number {
    return this.#min;
  }
  /** Average, exact up to float rounding; 0 when empty. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /**
   * Value below or at which the fraction `q` of all values lies; 0 when empty.
   * @throws RangeError when q is not within 0..1.
   */
  percentile(q: number): number {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`Expected a fraction within 0..1, was ${q}`);
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    // The ends are known exactly.
    if (rank === this.#count) return this.#max;
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#counts[i] as number;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(i)));
    }
    return this.#max;
  }

  summary(): StageSummary {
    return {
      count: this.#count,
      p50: this.percentile(0.5),
      p99: this.percentile(0.99),
      p999: this.percentile(0.999),
      max: this.#max,
    };
  }

  /** Adds everything another histogram has seen. */
  merge(other: LatencyHistogram): void {
    if (other.#count === 0) return;
    for (let i = 0; i < BUCKETS; i++) this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number);
    this.#min = this.#count === 0 ? other.#min : Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#count += other.#count;
    this.#sum += other.#sum;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = 0;
    this.#max = 0;
  }
}

function bucketOf(value: number): number {
  let low = value;
  let exponentBase = 0;
  if (value >= 2147483648) {
    // Beyond 31 bits: drop low bits first, they lie below the bucket width anyway.
    if (value >= 9007199254740992) return BUCKETS - 1;
    low = value / 4194304;
    exponentBase = 22;
  }
  const integer = low | 0;
  if (integer < SUB_BUCKETS) return integer;
  const shift = 31 - Math.clz32(integer) - SUB_BITS;
  return ((shift + exponentBase) << SUB_BITS) + (integer >>> shift);
}

function middleOf(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const shift = (bucket >> SUB_BITS) - 1;
  const mantissa = (bucket & (SUB_BUCKETS - 1)) + SUB_BUCKETS;
  return (mantissa + 0.5) * 2 ** shift;
}
