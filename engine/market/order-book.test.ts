import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Side } from '../contract/units.ts';
import { NaiveBook } from './naive-book.ts';
import { OrderBook } from './order-book.ts';

const side = fc.constantFrom(Side.buy, Side.sell);
/** Crowded prices near one another, a few windows away, and at the ends of what a tick count can be. */
const price = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 6_000_000, max: 6_000_150 }) },
  { weight: 3, arbitrary: fc.integer({ min: 5_999_000, max: 6_001_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 10_000_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 10_000_000, 2 ** 31, 2 ** 32 + 5, 2 ** 52, 2 ** 52 + 1) },
);
const size = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 40 }) },
);
const delta = fc.record({ kind: fc.constant('set' as const), side, price, size });
/** Removes whatever is best: prices walk through the window and out of it. */
const removeBest = fc.record({ kind: fc.constant('removeBest' as const), side });
const snapshot = fc.record({
  kind: fc.constant('snapshot' as const),
  levels: fc.array(fc.record({ side, price, size: fc.integer({ min: 1, max: 99 }) }), { maxLength: 60, size: 'max' }),
});
const command = fc.oneof(
  { weight: 12, arbitrary: delta },
  { weight: 6, arbitrary: removeBest },
  { weight: 1, arbitrary: snapshot },
);

const prices = new Float64Array(4096);
const sizes = new Float64Array(4096);

function assertEqualBooks(book: OrderBook, naive: NaiveBook): void {
  assert.equal(book.bestBidTicks, naive.bestBidTicks);
  assert.equal(book.bestAskTicks, naive.bestAskTicks);
  assert.equal(book.isCrossed(), naive.isCrossed());
  for (const s of [Side.buy, Side.sell] as const) {
    const expected = naive.levels(s);
    assert.equal(book.levelCount(s), expected.length);
    for (const n of [1, 3, 4096]) {
      const count = book.copyTop(s, n, prices, sizes);
      const levels: [number, number][] = [];
      for (let i = 0; i < count; i++) levels.push([prices[i] as number, sizes[i] as number]);
      assert.deepEqual(levels, expected.slice(0, n));
      assert.equal(book.sumSize(s, n), naive.sumSize(s, n));
    }
    for (const [p, q] of expected) assert.equal(book.sizeAt(s, p), q);
    for (const p of [1, 5_999_999, 6_000_075, 6_070_000, 2 ** 52]) assert.equal(book.sizeAt(s, p), naive.sizeAt(s, p));
  }
  assert.equal(book.bestBidLots, naive.sizeAt(Side.buy, naive.bestBidTicks));
  assert.equal(book.bestAskLots, naive.sizeAt(Side.sell, naive.bestAskTicks));
}

for (const windowTicks of [64, 256, 65_536]) {
  test(`R4: the book equals the naive model, window ${windowTicks}`, () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120, size: 'max' }), (commands) => {
        const book = new OrderBook(windowTicks);
        const naive = new NaiveBook();
        for (const c of commands) {
          if (c.kind === 'set') {
            book.set(c.side, c.price, c.size);
            naive.set(c.side, c.price, c.size);
          } else if (c.kind === 'removeBest') {
            const best = c.side === Side.buy ? naive.bestBidTicks : naive.bestAskTicks;
            book.set(c.side, best, 0);
            naive.set(c.side, best, 0);
          } else {
            book.clear();
            naive.clear();
            for (const l of c.levels) {
              book.set(l.side, l.price, l.size);
              naive.set(l.side, l.price, l.size);
            }
          }
          assert.equal(book.bestBidTicks, naive.bestBidTicks);
          assert.equal(book.bestAskTicks, naive.bestAskTicks);
          assert.equal(book.levelCount(Side.buy), naive.levelCount(Side.buy));
        }
        assertEqualBooks(book, naive);
      }),
      { numRuns: windowTicks > 1000 ? 60 : 250 },
    );
  });
}

test('a book walks 40 windows up and down again without losing a far level', () => {
  const book = new OrderBook(64);
  const naive = new NaiveBook();
  const set = (s: Side, p: number, q: number) => {
    book.set(s, p, q);
    naive.set(s, p, q);
  };
  for (let p = 1; p < 2_600; p += 3) set(Side.buy, p, p);
  for (let p = 2_600; p < 6_000; p += 3) set(Side.sell, p, p);
  for (let p = 2_600; p < 5_000; p += 7) {
    set(Side.sell, naive.bestAskTicks, 0);
    set(Side.buy, p, 1);
  }
  assertEqualBooks(book, naive);
  while (naive.bestBidTicks > 20) set(Side.buy, naive.bestBidTicks, 0);
  assertEqualBooks(book, naive);
  assert.equal(book.droppedLevels, 0);
});

test('the sparse part is bounded: the farthest level goes first and is counted', () => {
  const book = new OrderBook(64, 4);
  book.set(Side.buy, 10_000, 1);
  for (let p = 1; p <= 6; p++) book.set(Side.buy, p, p);
  assert.equal(book.droppedLevels, 2);
  assert.equal(book.sizeAt(Side.buy, 2), 0);
  assert.equal(book.sizeAt(Side.buy, 3), 3);
  assert.equal(book.levelCount(Side.buy), 5);
});

test('an empty book, and side none', () => {
  const book = new OrderBook(64);
  book.set(Side.none, 5, 5);
  assert.equal(book.bestBidTicks, 0);
  assert.equal(book.bestAskLots, 0);
  assert.equal(book.isCrossed(), false);
  assert.equal(book.copyTop(Side.sell, 5, prices, sizes), 0);
  assert.throws(() => new OrderBook(100), /power of two within 64\.\.2\^24 ticks, was 100/);
});

test('moving the window costs the levels that leave or enter it, not a copy of the book', () => {
  const width = 1024;
  const book = new OrderBook(width);
  const levels = 5_000;
  for (let p = 1; p <= levels; p++) book.set(Side.buy, p, p);
  const filled = book.movedLevels;
  assert.ok(filled <= levels, `filling upwards moves a level out at most once, was ${filled}`);

  // Within half a window, up and down: nothing moves however often.
  for (let round = 0; round < 50; round++) {
    for (let p = levels; p > levels - width / 4; p--) book.set(Side.buy, p, 0);
    for (let p = levels - width / 4 + 1; p <= levels; p++) book.set(Side.buy, p, p);
  }
  assert.ok(book.movedLevels - filled <= width, `was ${book.movedLevels - filled}`);

  // The price runs ten windows away and back: each level leaves once and comes back once.
  const before = book.movedLevels;
  for (let p = levels + 1; p <= levels + 10 * width; p += 3) book.set(Side.buy, p, 1);
  for (let p = levels + 10 * width; p > levels; p--) book.set(Side.buy, p, 0);
  const added = Math.ceil((10 * width) / 3);
  assert.ok(book.movedLevels - before <= 2 * (width + added), `was ${book.movedLevels - before}`);

  // One price far beyond the window and gone again: the window's own levels, once out and once in.
  const far = book.movedLevels;
  book.set(Side.buy, 1e9, 1);
  book.set(Side.buy, 1e9, 0);
  assert.ok(book.movedLevels - far <= 2 * width, `was ${book.movedLevels - far}`);
  assert.equal(book.bestBidTicks, levels);
  assert.equal(book.levelCount(Side.buy), levels);
  for (let p = 1; p <= levels; p++) assert.equal(book.sizeAt(Side.buy, p), p);
});

test('a cleared book is empty, wherever its levels were, and takes others', () => {
  const book = new OrderBook(64);
  for (const p of [1, 90, 91, 95, 100, 131]) book.set(Side.buy, p, p);
  book.clear();
  assert.equal(book.levelCount(Side.buy), 0);
  for (const p of [1, 90, 91, 95, 100, 131]) assert.equal(book.sizeAt(Side.buy, p), 0);
  book.set(Side.buy, 95, 7);
  assert.deepEqual([book.bestBidTicks, book.bestBidLots, book.levelCount(Side.buy)], [95, 7, 1]);
  book.set(Side.buy, 91, 0);
  assert.equal(book.levelCount(Side.buy), 1);
});
