import { stepScale } from '../instrument-table.ts';

/** Writes ticks or lots as the decimal text a request carries, without BigInt: for the way of an order. */
export class StepFormatter {
  readonly #decimals: number;
  readonly #units: number;
  readonly #scale: number;

  /** @param step tick or lot size, decimal text. */
  constructor(step: string) {
    const { decimals, units } = stepScale(step);
    this.#decimals = decimals;
    this.#units = units;
    this.#scale = 10 ** decimals;
  }

  /**
   * Text with exactly the step's decimals.
   * @throws RangeError when the steps are no integer from 0, or too many to be exact.
   */
  format(steps: number): string {
    const value = steps * this.#units;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Expected a whole number of steps from 0, was ${steps}`);
    }
    if (this.#decimals === 0) return String(value);
    const whole = Math.floor(value / this.#scale);
    const fraction = String(value - whole * this.#scale);
    return `${whole}.${fraction.padStart(this.#decimals, '0')}`;
  }
}
