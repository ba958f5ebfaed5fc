/** What a venue allows by REST from one address. */
export interface RequestRules {
  /** Weight (or, where nothing is weighed, requests) in each window. */
  weight: number;
  perMs: number;
  /** Part of the weight that market data leaves to cancels and orders. */
  reserved: number;
}

/** Refused without a word on when to come back: doubled each time, up to this. */
const FIRST_PAUSE_MS = 5_000;
const LAST_PAUSE_MS = 15 * 60_000;

/**
 * Spends a venue's request weight so that there is always some left for cancels, and so that a refusal (429) is never
 * answered with another request, which is what turns it into a ban (418). Windows are the venue's own: whole multiples of
 * `perMs` of the wall clock; what the venue says was used counts where it is more than what is known here.
 */
export class RequestBudget {
  readonly #rules: RequestRules;
  #window = -1;
  #used = 0;
  #pausedUntilMs = 0;
  #pauseMs = FIRST_PAUSE_MS;

  /** @throws RangeError when the reserve leaves nothing. */
  constructor(rules: RequestRules) {
    if (!(rules.reserved >= 0 && rules.reserved < rules.weight)) {
      throw new RangeError(`reserved: expected 0 to below ${rules.weight}, was ${rules.reserved}`);
    }
    this.#rules = rules;
  }

  /** Weight used in the window of `nowMs`. */
  usedAt(nowMs: number): number {
    this.#roll(nowMs);
    return this.#used;
  }

  /** ms until market data of this weight may be asked for; 0: now, and the weight is spent. @param nowMs since the epoch */
  take(weight: number, nowMs: number): number {
    this.#roll(nowMs);
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    const { weight: most, reserved, perMs } = this.#rules;
    // What is dearer than all that market data may have must still be possible: alone in a window.
    if (this.#used > 0 && this.#used + weight > most - reserved) return (this.#window + 1) * perMs - nowMs;
    this.#used += weight;
    return 0;
  }

  /** An order or a cancel went out: it asks nobody, but it counts. */
  spend(weight: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#used += weight;
  }

  /** The venue's own count of the window. */
  onUsed(weight: number, nowMs: number): void {
    this.#roll(nowMs);
    if (weight > this.#used) this.#used = weight;
  }

  /** Answered: the next refusal is a first one again. */
  onAnswered(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  /**
   * Refused for the number of requests. Returns ms until the next may be made.
   * @param retryAfterMs what the venue said; 0 when it said nothing.
   */
  onRefused(retryAfterMs: number, nowMs: number): number {
    const pauseMs = Math.max(retryAfterMs, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LAST_PAUSE_MS);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + pauseMs);
    return this.#pausedUntilMs - nowMs;
  }

  #roll(nowMs: number): void {
    const window = Math.floor(nowMs / this.#rules.perMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#used = 0;
  }
}
