import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedNumberSet } from './bounded-number-set.ts';
import { BoundedPairSet } from './bounded-pair-set.ts';

/** What they are to be: a list, newest last. */
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

const anyNumber = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 40 }).map((n) => n * 2048),
  fc.integer({ min: 0, max: 40 }).map((n) => n * 2 ** 40 + 1),
  fc.constantFrom(0, -0, -1, 0.5, Number.MAX_SAFE_INTEGER, 1e300),
);
const anyLimit = fc.integer({ min: 1, max: 12 });

test('a set of numbers says what a plain list says, for any values and bounds', () => {
  fc.assert(
    fc.property(anyLimit, fc.array(anyNumber, { maxLength: 300 }), (limit, values) => {
      const model = new Model<number>(limit);
      const numbers = new BoundedNumberSet(limit);
      for (const one of values) {
        assert.equal(numbers.has(one), model.has(one));
        assert.equal(numbers.add(one), model.add(one));
      }
      assert.ok(numbers.size <= limit);
    }),
  );
});

test('a set of pairs says what a list of their texts says, however many share a slot', () => {
  const part = fc.oneof(fc.integer({ min: 0, max: 3 }), anyNumber);
  fc.assert(
    fc.property(anyLimit, fc.array(fc.tuple(part, part), { maxLength: 300 }), (limit, values) => {
      const model = new Model<string>(limit);
      const pairs = new BoundedPairSet(limit);
      for (const [high, low] of values) {
        const isNew = model.add(`${high}:${low}`);
        assert.equal(pairs.add(high, low), isNew, `${high}:${low}`);
      }
      assert.ok(pairs.size <= limit);
    }),
    { numRuns: 500 },
  );
});

test('ids in a row, each with the factor that order records use, are found again up to the bound', () => {
  const set = new BoundedNumberSet(5_000);
  for (let id = 1; id <= 40_000; id++) assert.equal(set.add(id * 2048 + 1), true);
  for (let id = 35_001; id <= 40_000; id++) assert.equal(set.add(id * 2048 + 1), false, `id ${id}`);
  assert.equal(set.has(35_000 * 2048 + 1), false);
  assert.equal(set.size, 5_000);
});

test('pairs of ids as venues give them are known up to the bound, in both halves', () => {
  const set = new BoundedPairSet(4_096);
  const pairOf = (i: number): [number, number] => (i % 2 === 0 ? [161867826, i] : [i * 2 ** 32 + 7, 20000031]);
  for (let i = 0; i < 40_000; i++) assert.equal(set.add(...pairOf(i)), true, `${i}`);
  for (let i = 40_000 - 4_096; i < 40_000; i++) assert.equal(set.add(...pairOf(i)), false, `${i}`);
  assert.equal(set.size, 4_096);
  assert.equal(set.add(...pairOf(40_000 - 4_097)), true);
});

test('what cannot be kept is refused', () => {
  assert.throws(() => new BoundedNumberSet(0), /limit: expected a whole number from 1 to/);
  assert.throws(() => new BoundedNumberSet(4).add(Number.NaN), /Expected a finite number, was NaN/);
  assert.throws(() => new BoundedPairSet(0.5), /limit: expected a whole number from 1 to/);
  assert.throws(() => new BoundedPairSet(4).add(1, Number.NaN), /Expected finite numbers, was 1 and NaN/);
});
