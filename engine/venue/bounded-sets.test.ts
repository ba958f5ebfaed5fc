import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedNumberSet } from './bounded-number-set.ts';
import { BoundedSet } from './bounded-set.ts';

/** What both are to be: a list, newest last. */
class Model<T> {
  readonly #limit: number;
  #values: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(value: T): boolean {
    if (this.#values.includes(value)) return false;
    this.#values.push(value);
    if (this.#values.length > this.#limit) this.#values.shift();
    return true;
  }

  has(value: T): boolean {
    return this.#values.includes(value);
  }
}

test('both say what a plain list says, for any values and bounds', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 40 }).map((n) => n * 2048),
    fc.integer({ min: 0, max: 40 }).map((n) => n * 2 ** 40 + 1),
    fc.constantFrom(0, -0, -1, 0.5, Number.MAX_SAFE_INTEGER, 1e300),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(value, { maxLength: 300 }), (limit, values) => {
      const model = new Model<number>(limit);
      const numbers = new BoundedNumberSet(limit);
      const any = new BoundedSet<number>(limit);
      for (const one of values) {
        assert.equal(numbers.has(one), model.has(one));
        const isNew = model.add(one);
        assert.equal(numbers.add(one), isNew);
        assert.equal(any.add(one), isNew);
      }
      assert.ok(numbers.size <= limit);
    }),
  );
});

test('ids in a row, each with the factor that order records use, are found again up to the bound', () => {
  const set = new BoundedNumberSet(5_000);
  for (let id = 1; id <= 40_000; id++) assert.equal(set.add(id * 2048 + 1), true);
  for (let id = 35_001; id <= 40_000; id++) assert.equal(set.add(id * 2048 + 1), false, `id ${id}`);
  assert.equal(set.has(35_000 * 2048 + 1), false);
  assert.equal(set.size, 5_000);
});

test('what cannot be kept is refused', () => {
  assert.throws(() => new BoundedNumberSet(0), /limit: expected a whole number from 1 to/);
  assert.throws(() => new BoundedNumberSet(4).add(Number.NaN), /Expected a finite number, was NaN/);
});
