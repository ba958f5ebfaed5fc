/** Maps the engine's clock to the page's by ping and pong; the answer with the shortest round trip wins. */
const SAMPLES = 16;

export class ClockOffset {
  readonly #offsets = new Float64Array(SAMPLES);
  readonly #roundTrips = new Float64Array(SAMPLES).fill(Number.POSITIVE_INFINITY);
  #next = 0;
  /** Engine ms minus page ms. NaN before the first answer. */
  offsetMs = Number.NaN;
  /** Round trip of the sample in use, ms; half of it bounds the error. */
  roundTripMs = Number.NaN;

  reset(): void {
    this.#roundTrips.fill(Number.POSITIVE_INFINITY);
    this.offsetMs = Number.NaN;
    this.roundTripMs = Number.NaN;
  }

  /** Takes one answer: sent and received on the page's clock, ms; the engine's clock in between, ns. */
  record(sentMs: number, receivedMs: number, engineTimeNs: number): void {
    const roundTripMs = receivedMs - sentMs;
    if (!(roundTripMs >= 0)) return;
    this.#offsets[this.#next] = engineTimeNs / 1e6 - (sentMs + receivedMs) / 2;
    this.#roundTrips[this.#next] = roundTripMs;
    this.#next = (this.#next + 1) % SAMPLES;
    let best = 0;
    for (let i = 1; i < SAMPLES; i++) {
      if ((this.#roundTrips[i] as number) < (this.#roundTrips[best] as number)) best = i;
    }
    this.offsetMs = this.#offsets[best] as number;
    this.roundTripMs = this.#roundTrips[best] as number;
  }

  /** Age on the page's clock of something stamped `engineTimeNs`, ms; NaN while unknown. Never below zero. */
  ageMs(engineTimeNs: number, pageMs: number): number {
    return Math.max(0, pageMs + this.offsetMs - engineTimeNs / 1e6);
  }
}
