/** Log-bucket histogram of durations in ms: 12 buckets an octave (6 % wide) from 1 us to about 1000 s. */
const PER_OCTAVE = 12;
const OCTAVES = 30;
const SMALLEST_MS = 0.001;

export class LogHistogram {
  readonly #counts = new Float64Array(PER_OCTAVE * OCTAVES);
  count = 0;
  maxMs = 0;

  record(ms: number): void {
    if (!(ms >= 0)) return;
    const at = Math.floor(Math.log2(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) * PER_OCTAVE);
    const slot = Math.min(at, this.#counts.length - 1);
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
    this.count++;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  /** Upper edge of the bucket that holds the `p` quantile (0..1), ms; 0 when empty. */
  quantileMs(p: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(p * this.count));
    let seen = 0;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      seen += this.#counts[slot] as number;
      if (seen >= rank) return Math.min(this.maxMs, SMALLEST_MS * 2 ** ((slot + 1) / PER_OCTAVE));
    }
    return this.maxMs;
  }

  clear(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.maxMs = 0;
  }

  /** Halves every count: old samples lose weight, the figure follows the present. */
  decay(): void {
    let count = 0;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const kept = Math.floor((this.#counts[slot] as number) / 2);
      this.#counts[slot] = kept;
      count += kept;
    }
    this.count = count;
    if (count === 0) this.maxMs = 0;
  }
}
