const VOLUME = 0;
const VALUE = 1;
const BASE = 2;

/**
 * Volume-weighted average price since the start. Value is summed as differences to the first price, so that whole ticks
 * and lots stay exact far longer than prices times sizes would.
 */
export class VolumeWeightedPrice {
  readonly #state = new Float64Array(3);

  get volume(): number {
    return this.#state[VOLUME] as number;
  }
  /** 0 before the first volume. */
  get value(): number {
    const volume = this.#state[VOLUME] as number;
    return volume === 0 ? 0 : (this.#state[BASE] as number) + (this.#state[VALUE] as number) / volume;
  }

  /** @param volume 0 changes nothing. */
  add(price: number, volume: number): void {
    const state = this.#state;
    const before = state[VOLUME] as number;
    if (before === 0) state[BASE] = price;
    state[VOLUME] = before + volume;
    state[VALUE] = (state[VALUE] as number) + (price - (state[BASE] as number)) * volume;
  }

  clear(): void {
    this.#state.fill(0);
  }
}
