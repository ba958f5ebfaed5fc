import type { ClockEstimate } from '../contract/trading-messages.ts';

/**
 * How fast two clocks may drift apart, ns per ns. Crystals stay below 20 ppm and disciplined clocks below 1; a clock
 * that is being slewed by more contradicts itself after a while, and the estimate starts anew.
 */
const MAX_DRIFT = 50e-6;
/** The feed's smallest lag is remembered for this many stretches of time: ten minutes. */
const STRETCHES = 10;
const STRETCH_NS = 60e9;
/** Feeds stamp their messages in whole ms. */
const STAMP_RESOLUTION_NS = 1e6;

/**
 * The venue's clock minus this machine's, as an interval that it must lie in. Pure: all times come in with the calls,
 * engine ns since the session's origin, the venue's on the same scale.
 *
 * A request bounds it from both sides: the venue looked at its clock after we sent and before we received. Every further
 * one can only narrow the interval, which widens with age by {@link MAX_DRIFT}, so that the best of the recent round
 * trips counts whatever the others were. A feed bounds it from below alone: nothing is received before it was stamped.
 */
export class ClockOffset {
  #lowNs = Number.NEGATIVE_INFINITY;
  #highNs = Number.POSITIVE_INFINITY;
  #boundedNs = 0;
  /** The lag that bounds best in each of the last stretches, and when; index: number of the stretch modulo their count. */
  readonly #lagsNs = new Float64Array(STRETCHES).fill(Number.POSITIVE_INFINITY);
  readonly #lagTimesNs = new Float64Array(STRETCHES);
  #stretch = 0;

  /**
   * One answered question for the venue's time.
   * @param venueNs what it said. @param resolutionNs its last digit: 1e9 where it says whole seconds.
   * @returns by how much the answer contradicts what was known, ns: a clock was set, and the estimate starts anew from
   * this answer. 0 when it agrees.
   */
  onRequest(sentNs: number, receivedNs: number, venueNs: number, resolutionNs: number): number {
    // Bounds as of the receiving: the clocks drifted on the way too.
    const underwayNs = (receivedNs - sentNs) * MAX_DRIFT;
    const low = venueNs - receivedNs - underwayNs;
    const high = venueNs + resolutionNs - sentNs + underwayNs;
    const wornNs = Math.max(0, receivedNs - this.#boundedNs) * MAX_DRIFT;
    const knownLow = this.#lowNs - wornNs;
    const knownHigh = this.#highNs + wornNs;
    this.#boundedNs = receivedNs;
    const contradictionNs = Math.max(0, knownLow - high, low - knownHigh);
    if (contradictionNs > 0) {
      this.#lowNs = low;
      this.#highNs = high;
      // What the feed showed before is of the other clock too.
      this.#lagsNs.fill(Number.POSITIVE_INFINITY);
      return contradictionNs;
    }
    this.#lowNs = Math.max(low, knownLow);
    this.#highNs = Math.min(high, knownHigh);
    return 0;
  }

  /** Receive time minus venue time of a message, ns: the smallest since the last call is enough. */
  onLag(lagNs: number, timeNs: number): void {
    this.#moveTo(timeNs);
    const at = this.#stretch % STRETCHES;
    if (lagNs > -this.#lowByLag(at, timeNs)) return;
    this.#lagsNs[at] = lagNs;
    this.#lagTimesNs[at] = timeNs;
  }

  /** Forgets everything: this machine's clock was stopped or set. */
  reset(): void {
    this.#lowNs = Number.NEGATIVE_INFINITY;
    this.#highNs = Number.POSITIVE_INFINITY;
    this.#lagsNs.fill(Number.POSITIVE_INFINITY);
  }

  /** Undefined before the first answer or message. Added to a feed's lag it never makes one negative. */
  estimate(timeNs: number): ClockEstimate | undefined {
    this.#moveTo(timeNs);
    let feedLowNs = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < STRETCHES; i++) feedLowNs = Math.max(feedLowNs, this.#lowByLag(i, timeNs));
    const wornNs = Math.max(0, timeNs - this.#boundedNs) * MAX_DRIFT;
    const highNs = this.#highNs + wornNs;
    // Above that the feed is stamped by another clock than the one that was asked.
    if (Number.isFinite(highNs) && feedLowNs <= highNs) {
      const lowNs = Math.max(this.#lowNs - wornNs, feedLowNs);
      return { offsetNs: (lowNs + highNs) / 2, errorNs: (highNs - lowNs) / 2, source: 'request' };
    }
    if (!Number.isFinite(feedLowNs)) return undefined;
    return { offsetNs: feedLowNs, errorNs: STAMP_RESOLUTION_NS + this.#spread(timeNs), source: 'feed' };
  }

  #moveTo(timeNs: number): void {
    const stretch = Math.floor(timeNs / STRETCH_NS);
    if (stretch <= this.#stretch) return;
    const passed = Math.min(STRETCHES, stretch - this.#stretch);
    for (let i = 0; i < passed; i++) this.#lagsNs[(stretch - i) % STRETCHES] = Number.POSITIVE_INFINITY;
    this.#stretch = stretch;
  }

  /** Lower bound of the offset by what a stretch saw; -Infinity when that was nothing. */
  #lowByLag(at: number, timeNs: number): number {
    return -(this.#lagsNs[at] as number) - Math.max(0, timeNs - (this.#lagTimesNs[at] as number)) * MAX_DRIFT;
  }

  /** How far the smallest lags of the finished stretches lie apart: how well the smallest is known. */
  #spread(timeNs: number): number {
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < STRETCHES; i++) {
      const low = this.#lowByLag(i, timeNs);
      if (i === this.#stretch % STRETCHES || !Number.isFinite(low)) continue;
      lowest = Math.min(lowest, low);
      highest = Math.max(highest, low);
    }
    return highest > lowest ? highest - lowest : 0;
  }
}
