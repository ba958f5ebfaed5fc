import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TradeIdWindow } from './trade-id-window.ts';

const WIDTH = 128;

/** The newest ids in a plain set. */
class NaiveWindow {
  readonly #seen = new Set<number>();
  #newest = -1;
  add(id: number): boolean {
    if (this.#seen.has(id) || (this.#newest >= 0 && this.#newest - id >= WIDTH)) return false;
    this.#seen.add(id);
    this.#newest = Math.max(this.#newest, id);
    for (const old of this.#seen) if (this.#newest - old >= WIDTH) this.#seen.delete(old);
    return true;
  }
}

test('says what a plain set of the newest ids says, over steps and gaps of every size', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 3, arbitrary: fc.integer({ min: -WIDTH - 2, max: WIDTH + 2 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 10 * WIDTH }) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 2000, max: 2 ** 50 }), fc.array(step, { maxLength: 200 }), (start, steps) => {
      const window = new TradeIdWindow(WIDTH);
      const naive = new NaiveWindow();
      let id = start;
      for (const by of steps) {
        id = Math.max(0, id + by);
        assert.equal(window.add(id), naive.add(id), `id ${id}`);
      }
    }),
    { numRuns: 500 },
  );
});
