/** Lag is sampled once in this long; a sample is the smallest lag of the messages since the one before. */
export const LAG_SAMPLE_NS = 250e6;
/** The slope is taken over this many samples, 5 s: shorter is jitter, longer is news. */
const SAMPLES = 20;
/** Samples with messages that a slope needs, and from first to last: 8 of them over 2 s. */
const MIN_SAMPLES = 8;
const MIN_SPAN = 8;

/** Limits of the alarm. It ends below half of the lag and a fifth of the slope, so that it does not flicker. */
export const lagLimits = {
  /** A price a second old is nothing to scalp on; a route round the world takes 0.15 s. */
  lagNs: 1e9,
  /** A feed that loses more than this a second will be over the first limit within 20 s... */
  slopeNsPerS: 50e6,
  /** ...but is not alarmed before it is behind at all: below, a slope is jitter of the network. */
  slopeFromLagNs: 250e6,
} as const;
const RELEASE_LAG_NS = lagLimits.lagNs / 2;
const RELEASE_SLOPE_NS_PER_S = lagLimits.slopeNsPerS / 5;

/** Samples in a row, a second at least, that begin an alarm: one late trade among the venue's old ones is no lag. */
const ONSET_SAMPLES = 4;
const RELEASE_SAMPLES = 8;

export type LagAlarm = 'none' | 'lag' | 'slope';

/**
 * Lag of one instrument's feed, its slope, and whether they call for an alarm. Pure and cheap: the smallest lag since the
 * last call comes in on the timer, nothing is done per message. Samples without messages are left out: a quiet market
 * has no lag, its silence is the book's watchdog's business.
 */
export class FeedLag {
  /** Smallest lag by sample, offset not removed; NaN where no message came. Index: sample number modulo their count. */
  readonly #lagsNs = new Float64Array(SAMPLES).fill(Number.NaN);
  #sample = 0;
  #over = 0;
  #under = 0;
  /** Smallest lag of the newest sample with messages, the clock offset removed, ns. */
  lagNs = 0;
  /** Change of the lag over the last 5 s, ns per second; 0 while there is too little to tell. */
  slopeNsPerS = 0;
  /** Why it is alarmed. */
  alarm: LagAlarm = 'none';

  /**
   * Takes the sample that ends now; call every {@link LAG_SAMPLE_NS}.
   * @param lagNs smallest receive time minus venue time since the last call; Infinity where no message came.
   * @param offsetNs the venue's clock minus this machine's.
   * @returns true when the alarm began or ended.
   */
  take(lagNs: number, offsetNs: number): boolean {
    const heard = Number.isFinite(lagNs);
    this.#lagsNs[this.#sample % SAMPLES] = heard ? lagNs : Number.NaN;
    this.#sample++;
    // Of the raw lags: a better estimate of the offset is no change of the lag.
    this.slopeNsPerS = this.#slope();
    if (!heard) return false;
    this.lagNs = lagNs + offsetNs;
    return this.#judge();
  }

  /** Forgets all samples and ends the alarm without a word: the clocks were set, or the connection is a new one. */
  reset(): void {
    this.#lagsNs.fill(Number.NaN);
    this.#over = this.#under = 0;
    this.slopeNsPerS = 0;
    this.alarm = 'none';
  }

  #judge(): boolean {
    const lagsBehind = this.lagNs > lagLimits.lagNs;
    const fallsBehind = this.slopeNsPerS > lagLimits.slopeNsPerS && this.lagNs > lagLimits.slopeFromLagNs;
    if (this.alarm === 'none') {
      this.#over = lagsBehind || fallsBehind ? this.#over + 1 : 0;
      if (this.#over < ONSET_SAMPLES) return false;
      this.alarm = lagsBehind ? 'lag' : 'slope';
      this.#under = 0;
      return true;
    }
    const caughtUp = this.lagNs < RELEASE_LAG_NS && this.slopeNsPerS < RELEASE_SLOPE_NS_PER_S;
    this.#under = caughtUp ? this.#under + 1 : 0;
    if (this.#under < RELEASE_SAMPLES) return false;
    this.alarm = 'none';
    this.#over = 0;
    return true;
  }

  /** Least squares over the samples with messages; x is the number of the sample. */
  #slope(): number {
    let count = 0;
    let sumX = 0;
    let sumY = 0;
    let sumXX = 0;
    let sumXY = 0;
    let first = -1;
    let last = -1;
    let baseNs = 0;
    for (let x = 0; x < SAMPLES; x++) {
      const lagNs = this.#lagsNs[(this.#sample + x) % SAMPLES] as number;
      if (Number.isNaN(lagNs)) continue;
      if (count === 0) {
        first = x;
        // Lags with a clock's hours in them would cancel all digits of what changes.
        baseNs = lagNs;
      }
      last = x;
      const y = lagNs - baseNs;
      count++;
      sumX += x;
      sumY += y;
      sumXX += x * x;
      sumXY += x * y;
    }
    if (count < MIN_SAMPLES || last - first < MIN_SPAN) return 0;
    const perSample = (count * sumXY - sumX * sumY) / (count * sumXX - sumX * sumX);
    return (perSample * 1e9) / LAG_SAMPLE_NS;
  }
}
