/**
 * Token bucket over the snapshot requests of all instruments of one adapter: a 5,000-level snapshot weighs 250 of
 * Binance's 6,000 a minute, so a storm of gaps must not spend what orders need.
 */
export class SnapshotBudget {
  #burst: number;
  readonly #refillNs: number;
  #tokens: number;
  #refilledNs = 0;

  /** @param burst requests at once; @param refillNs time until one more is allowed. */
  constructor(burst = 8, refillNs = 5e9) {
    this.#burst = burst;
    this.#refillNs = refillNs;
    this.#tokens = burst;
  }

  /** Allows at least so many at once from now on: each instrument more may ask once. */
  raiseTo(burst: number): void {
    if (burst <= this.#burst) return;
    this.#tokens += burst - this.#burst;
    this.#burst = burst;
  }

  /** Takes a token; false when there is none yet. */
  take(timeNs: number): boolean {
    const gained = Math.floor((timeNs - this.#refilledNs) / this.#refillNs);
    if (gained > 0) {
      this.#tokens = Math.min(this.#burst, this.#tokens + gained);
      this.#refilledNs += gained * this.#refillNs;
    }
    if (this.#tokens === 0) return false;
    this.#tokens--;
    return true;
  }
}
