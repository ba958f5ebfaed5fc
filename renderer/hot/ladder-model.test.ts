import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MarketField } from '../../engine/contract/market-frame.ts';
import { centredTop, LadderModel, RowFlag, shouldRecentre } from './ladder-model.ts';
import { MarketState } from './market-state.ts';
import { priceBucket, readableStep } from './price-bucket.ts';
import { PRINT_LIFE_US, RecentPrints } from './recent-prints.ts';

function market(bids: [number, number][], asks: [number, number][]): MarketState {
  const state = new MarketState(0);
  state.bids.set(bids.flat());
  state.asks.set(asks.flat());
  state.bidCount = bids.length;
  state.askCount = asks.length;
  return state;
}

test('one tick a row: each level in its own row, spread rows marked', () => {
  const state = market(
    [
      [100, 5],
      [98, 7],
    ],
    [
      [103, 2],
      [104, 3],
    ],
  );
  const model = new LadderModel();
  model.build(state, new RecentPrints(), 105, 8, 1);
  assert.deepEqual([...model.ask.subarray(0, 8)], [0, 3, 2, 0, 0, 0, 0, 0]);
  assert.deepEqual([...model.bid.subarray(0, 8)], [0, 0, 0, 0, 0, 5, 0, 7]);
  assert.deepEqual(
    [...model.flags.subarray(0, 8)],
    [0, 0, RowFlag.bestAsk, RowFlag.spread, RowFlag.spread, RowFlag.bestBid, 0, 0],
  );
  assert.equal(model.priceTicks(5), 100);
});

test('aggregation loses no lot, keeps the sides apart and never shows a row better than its orders', () => {
  const level = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 1000 }));
  fc.assert(
    fc.property(
      fc.integer({ min: 10_000, max: 20_000 }),
      fc.integer({ min: 1, max: 40 }),
      fc.array(level, { minLength: 1, maxLength: 60 }),
      fc.array(level, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(1, 2, 5, 10, 50, 100),
      (bestBid, spread, bidOffsets, askOffsets, step) => {
        const unique = (levels: [number, number][]) => [...new Map(levels).entries()].sort((a, b) => a[0] - b[0]);
        const bids = unique(bidOffsets).map(([offset, lots]): [number, number] => [bestBid - offset, lots]);
        const asks = unique(askOffsets).map(([offset, lots]): [number, number] => [bestBid + spread + offset, lots]);
        const state = market(bids, asks);
        const model = new LadderModel();
        const top = centredTop(state.midTicks, step, 140);
        model.build(state, new RecentPrints(), top, 140, step);
        for (let row = 0; row < 140; row++) {
          assert.ok(!(model.bid[row] && model.ask[row]), 'one side a row');
          const bucket = top - row;
          const bidLots = bids
            .filter(([p]) => priceBucket(p, step, false) === bucket)
            .reduce((sum, [, l]) => sum + l, 0);
          const askLots = asks
            .filter(([p]) => priceBucket(p, step, true) === bucket)
            .reduce((sum, [, l]) => sum + l, 0);
          assert.equal(model.bid[row], bidLots);
          assert.equal(model.ask[row], askLots);
        }
        for (const [price] of bids) assert.ok(priceBucket(price, step, false) * step <= price);
        for (const [price] of asks) assert.ok(priceBucket(price, step, true) * step >= price);
      },
    ),
    { numRuns: 300 },
  );
});

test('re-centres only outside the middle half', () => {
  const top = centredTop(1000, 1, 40);
  assert.equal(shouldRecentre(1000, 1, top, 40), false);
  assert.equal(shouldRecentre(1009, 1, top, 40), false);
  assert.equal(shouldRecentre(1011, 1, top, 40), true);
  assert.equal(shouldRecentre(989, 1, top, 40), true);
});

test('readable step follows the gaps of the book', () => {
  const dense = new Float64Array(Array.from({ length: 20 }, (_, i) => [1000 - i, 1]).flat());
  const denseAsks = new Float64Array(Array.from({ length: 20 }, (_, i) => [1001 + i, 1]).flat());
  assert.equal(readableStep(dense, 20, denseAsks, 20), 1);
  const sparse = new Float64Array(Array.from({ length: 20 }, (_, i) => [100_000 - i * 80, 1]).flat());
  const sparseAsks = new Float64Array(Array.from({ length: 20 }, (_, i) => [100_001 + i * 80, 1]).flat());
  assert.equal(readableStep(sparse, 20, sparseAsks, 20), 100);
  assert.equal(readableStep(sparse, 1, sparseAsks, 0), 1);
});

test('prints add up at a price, carry the last side, and fade', () => {
  const state = new MarketState(0);
  const prints = new RecentPrints();
  state.pushTrade([1_000_000, 105, 3, 1, 1], 0);
  state.pushTrade([2_000_000, 105, 4, 2, 2], 0);
  prints.update(state, 1);
  assert.equal(prints.signedLots(105, 2_000_000), -7);
  assert.equal(prints.signedLots(105, 2_000_001 + PRINT_LIFE_US), 0);
  state.pushTrade([3_000_000 + PRINT_LIFE_US, 105, 1, 3, 1], 0);
  prints.update(state, 1);
  assert.equal(prints.signedLots(105, 3_000_000 + PRINT_LIFE_US), 1, 'a new run starts at zero');
  prints.update(state, 10);
  assert.equal(prints.signedLots(11, 3_000_000 + PRINT_LIFE_US), 1, 'buys round up with the asks they took');
});

test('marks last price and entry in their rows', () => {
  const state = market([[100, 5]], [[101, 5]]);
  state.header[MarketField.lastPriceTicks] = 101;
  state.header[MarketField.lastSide] = 1;
  state.header[MarketField.averagePriceTicks] = 99.6;
  const model = new LadderModel();
  model.build(state, new RecentPrints(), 103, 6, 1);
  assert.equal(model.flags[2], RowFlag.bestAsk | RowFlag.lastPrice);
  assert.equal(model.flags[3], RowFlag.bestBid | RowFlag.entry);
});
