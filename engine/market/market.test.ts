import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CANDLE_FIELDS } from '../contract/market-frame.ts';
import { Side } from '../contract/units.ts';
import { CandleBuilder } from './candles.ts';
import { BookFeatures } from './features.ts';
import { OrderBook } from './order-book.ts';
import { TradeIdWindow } from './trade-id-window.ts';
import { TradeStatistics } from './trade-statistics.ts';

interface Trade {
  id: number;
  timeUs: number;
  price: number;
  size: number;
  side: Side;
}

/** Trades with rising ids and times, as a venue makes them. */
const trades = fc
  .array(
    fc.record({
      gapUs: fc.nat(700_000),
      price: fc.integer({ min: 1, max: 50 }),
      size: fc.integer({ min: 1, max: 9 }),
      side: fc.constantFrom(Side.buy, Side.sell),
    }),
    { minLength: 1, maxLength: 60, size: 'max' },
  )
  .map((steps) => {
    let timeUs = 1_723_161_253_000_000;
    return steps.map(({ gapUs, ...rest }, i): Trade => {
      timeUs += gapUs;
      return { id: 1000 + i, timeUs, ...rest };
    });
  });
/** The same trades in another order, some of them twice. */
const shuffled = trades.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.subarray(list), fc.nat(60)),
);

function naiveCandles(list: Trade[]): number[] {
  const rows: number[] = [];
  for (const timeS of new Set(list.map((t) => Math.floor(t.timeUs / 1e6)))) {
    const inside = list.filter((t) => Math.floor(t.timeUs / 1e6) === timeS);
    const prices = inside.map((t) => t.price);
    const sum = (ts: Trade[]) => ts.reduce((total, t) => total + t.size, 0);
    rows.push(timeS, prices[0] as number, Math.max(...prices), Math.min(...prices), prices.at(-1) as number);
    rows.push(sum(inside), sum(inside.filter((t) => t.side === Side.buy)));
  }
  return rows;
}

test('R25: candles and totals depend on the set of trades, not on their order or on repeats', () => {
  fc.assert(
    fc.property(shuffled, ([list, order, repeats, at]) => {
      const candles = new CandleBuilder(100);
      const statistics = new TradeStatistics();
      const arriving = [...order.slice(0, at), ...repeats, ...order.slice(at)];
      for (const t of arriving) {
        candles.addTrade(t.timeUs, t.price, t.size, t.side, t.id);
        statistics.addTrade(t.price, t.size, t.side, t.id);
      }
      assert.deepEqual(candles.toRows(), naiveCandles(list));
      assert.equal(candles.repeatedTrades, repeats.length);
      const volume = (ts: Trade[]) => ts.reduce((total, t) => total + t.size, 0);
      assert.equal(statistics.count, list.length);
      assert.equal(statistics.firstId, 1000);
      assert.equal(statistics.lastId, 999 + list.length);
      assert.equal(statistics.firstPriceTicks, list[0]?.price);
      assert.equal(statistics.lastPriceTicks, list.at(-1)?.price);
      assert.equal(statistics.highTicks, Math.max(...list.map((t) => t.price)));
      assert.equal(statistics.lowTicks, Math.min(...list.map((t) => t.price)));
      assert.equal(statistics.volumeLots, volume(list));
      assert.equal(statistics.buyVolumeLots, volume(list.filter((t) => t.side === Side.buy)));
    }),
    { numRuns: 200 },
  );
});

test('a full ring drops the oldest candle, and trades older than all of it are counted, not added', () => {
  const candles = new CandleBuilder(3);
  for (let s = 1; s <= 5; s++) candles.addTrade(s * 1e6, s, 1, Side.buy, s);
  assert.deepEqual(
    candles.toRows().filter((_, i) => i % CANDLE_FIELDS === 0),
    [3, 4, 5],
  );
  candles.addTrade(2e6, 9, 9, Side.buy, 99);
  assert.equal(candles.lateTrades, 1);
  assert.equal(candles.size, 3);
});

test('a reader that starts at the oldest change sees every change', () => {
  const candles = new CandleBuilder(10);
  candles.addTrade(1e6, 10, 1, Side.buy, 1);
  candles.addTrade(3e6, 11, 1, Side.buy, 2);
  candles.clearDirty();
  assert.equal(candles.dirtyFromS, Number.POSITIVE_INFINITY);
  candles.addTrade(2e6, 7, 1, Side.sell, 3);
  assert.equal(candles.dirtyFromS, 2);
  const out = new Float64Array(CANDLE_FIELDS * 2);
  assert.equal(candles.copyFrom(2, out), 2);
  assert.deepEqual(Array.from(out), [2, 7, 7, 7, 7, 1, 0, 3, 11, 11, 11, 11, 1, 1]);
  assert.equal(candles.copyFrom(2, out, 1), 1);
});

test('a window of trade ids forgets what is far behind, and nothing else', () => {
  const window = new TradeIdWindow(64);
  for (let id = 100; id < 300; id += 3) assert.equal(window.add(id), true);
  assert.equal(window.add(298), false);
  assert.equal(window.add(297), true);
  assert.equal(window.add(100), false);
  assert.equal(window.add(5_000_000_000), true);
  assert.equal(window.add(4_999_999_990), true);
  assert.equal(window.add(4_999_999_990), false);
});

test('features: imbalance, microprice and momentum against their definitions', () => {
  const update = fc.record({
    bid: fc.integer({ min: 90, max: 99 }),
    ask: fc.integer({ min: 100, max: 110 }),
    bidLots: fc.integer({ min: 1, max: 50 }),
    askLots: fc.integer({ min: 1, max: 50 }),
    stepNs: fc.nat(60),
  });
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 60, size: 'max' }), (updates) => {
      const book = new OrderBook(64);
      const features = new BookFeatures({ levels: 2, momentumWindowNs: 100 });
      const mids: [number, number][] = [];
      let timeNs = 0;
      for (const u of updates) {
        timeNs += u.stepNs;
        book.clear();
        for (let level = 0; level < 3; level++) {
          book.set(Side.buy, u.bid - level, u.bidLots + level);
          book.set(Side.sell, u.ask + level, u.askLots + 2 * level);
        }
        features.update(book, timeNs);
        const mid = (u.bid + u.ask) / 2;
        mids.push([timeNs, mid]);
        const bids = 2 * u.bidLots + 1;
        const asks = 2 * u.askLots + 2;
        assert.equal(features.midTicks, mid);
        assert.equal(features.spreadTicks, u.ask - u.bid);
        assert.equal(features.imbalance, (bids - asks) / (bids + asks));
        assert.equal(features.microPriceTicks, (u.bid * u.askLots + u.ask * u.bidLots) / (u.bidLots + u.askLots));
        const then = mids.filter(([t]) => t <= timeNs - 100).at(-1) ?? mids[0];
        assert.equal(features.momentumTicks, mid - (then?.[1] as number), `at ${timeNs}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('features of a one-sided book are not valid; wrong options are named', () => {
  const features = new BookFeatures({ levels: 5, momentumWindowNs: 1 });
  const book = new OrderBook(64);
  book.set(Side.buy, 5, 1);
  features.update(book, 1);
  assert.equal(features.valid, false);
  assert.throws(() => new BookFeatures({ levels: 0, momentumWindowNs: 1 }), /levels: expected an integer >= 1, was 0/);
});
