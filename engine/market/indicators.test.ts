import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Side } from '../contract/units.ts';
import { BookFlow } from './book-flow.ts';
import { ExponentialAverage } from './exponential-average.ts';
import { OrderBook } from './order-book.ts';
import { RelativeStrength } from './relative-strength.ts';
import { RollingDeviation } from './rolling-deviation.ts';
import { RollingSum } from './rolling-sum.ts';
import { TradeFeatures } from './trade-features.ts';
import { VolumeWeightedPrice } from './volume-weighted-price.ts';

const prices = fc.array(fc.integer({ min: 5_999_000, max: 6_001_000 }), { minLength: 1, maxLength: 200, size: 'max' });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected} within ${tolerance}, was ${actual}`);
}

test('exponential average against its definition', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 1, max: 30 }), (values, period) => {
      const average = new ExponentialAverage(period);
      const weight = 2 / (period + 1);
      let expected = values[0] as number;
      values.forEach((value, i) => {
        average.add(value);
        if (i > 0) expected = weight * value + (1 - weight) * expected;
        assertNear(average.value, expected, 1e-6);
        assert.equal(average.valid, i + 1 >= period);
      });
    }),
  );
});

test('relative strength against its definition: plain averages first, then smoothed', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 1, max: 20 }), (values, period) => {
      const strength = new RelativeStrength(period);
      for (const value of values) strength.add(value);
      const changes = values.slice(1).map((value, i) => value - (values[i] as number));
      assert.equal(strength.valid, changes.length >= period);
      if (changes.length < period) return;
      let gain = sum(changes.slice(0, period).map((change) => Math.max(0, change))) / period;
      let loss = sum(changes.slice(0, period).map((change) => Math.max(0, -change))) / period;
      for (const change of changes.slice(period)) {
        gain = (gain * (period - 1) + Math.max(0, change)) / period;
        loss = (loss * (period - 1) + Math.max(0, -change)) / period;
      }
      assertNear(strength.value, loss === 0 ? 100 : 100 - 100 / (1 + gain / loss), 1e-6);
    }),
  );
});

test('mean and deviation of the last values, also after a million of them', () => {
  const check = (deviation: RollingDeviation, last: readonly number[]): void => {
    const mean = sum(last) / last.length;
    const squares = sum(last.map((value) => (value - mean) ** 2)) / last.length;
    assertNear(deviation.mean, mean, 1e-6);
    assertNear(deviation.deviation, Math.sqrt(squares), 1e-4);
    assertNear(deviation.band(-2), mean - 2 * Math.sqrt(squares), 3e-4);
  };
  fc.assert(
    fc.property(prices, fc.integer({ min: 2, max: 30 }), (values, period) => {
      const deviation = new RollingDeviation(period);
      values.forEach((value, i) => {
        deviation.add(value);
        check(deviation, values.slice(Math.max(0, i + 1 - period), i + 1));
        assert.equal(deviation.valid, i + 1 >= period);
      });
    }),
  );
  const deviation = new RollingDeviation(20);
  const last: number[] = [];
  for (let i = 0; i < 1e6; i++) {
    const value = 6e6 + 1e5 * Math.sin(i / 5e4) + ((i * 7919) % 101) / 7;
    deviation.add(value);
    if (i >= 1e6 - 20) last.push(value);
  }
  check(deviation, last);
});

test('a rolling sum against all that is within the window', () => {
  const step = fc.record({ gapNs: fc.nat(40), value: fc.double({ min: -1e3, max: 1e3, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const rolling = new RollingSum(100, 8);
      const all: [number, number][] = [];
      let timeNs = 0;
      for (const { gapNs, value } of steps) {
        timeNs += gapNs;
        rolling.add(timeNs, value);
        all.push([timeNs, value]);
        const inside = all.filter(([time]) => time > timeNs - 100).slice(-8);
        assert.equal(rolling.count, inside.length);
        assertNear(rolling.value, sum(inside.map(([, one]) => one)), 1e-9);
      }
      rolling.advance(timeNs + 100);
      assert.deepEqual([rolling.count, rolling.value], [0, 0]);
    }),
  );
  assert.throws(() => new RollingSum(0), /windowNs: expected more than 0, was 0/);
  assert.throws(() => new RollingSum(1, 100), /capacity: expected a power of two within 2\.\.2\^24, was 100/);
});

test('volume-weighted price against value by volume', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e6)), { minLength: 1 }), (trades) => {
      const price = new VolumeWeightedPrice();
      for (const [ticks, lots] of trades) price.add(ticks, lots);
      const volume = sum(trades.map(([, lots]) => lots));
      const value = trades.reduce((total, [ticks, lots]) => total + BigInt(ticks) * BigInt(lots), 0n);
      assert.equal(price.volume, volume);
      if (volume > 0) assertNear(price.value, Number(value) / volume, 1e-5);
    }),
  );
});

const trade = fc.record({
  priceTicks: fc.integer({ min: 1, max: 50 }),
  sizeLots: fc.integer({ min: 1, max: 9 }),
  side: fc.constantFrom(Side.buy, Side.sell),
  gapNs: fc.nat(30),
});
const arrivals = fc
  .array(trade, { minLength: 1, maxLength: 60, size: 'max' })
  .map((list) => list.map((one, i) => ({ ...one, id: 1000 + i })))
  .chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.subarray(list), fc.nat(60)),
  );

test('R25: features of trades: sums are those of the set of trades, whatever came twice or late', () => {
  fc.assert(
    fc.property(arrivals, ([list, order, repeats, at]) => {
      const features = new TradeFeatures({ deltaWindowNs: 100, averagePeriod: 5 });
      const seen = new Map<number, { timeNs: number; signed: number }>();
      const average = new ExponentialAverage(5);
      let timeNs = 0;
      let newest = 0;
      for (const one of [...order.slice(0, at), ...repeats, ...order.slice(at)]) {
        timeNs += one.gapNs;
        features.addTrade(timeNs, one.priceTicks, one.sizeLots, one.side, one.id);
        if (!seen.has(one.id)) {
          seen.set(one.id, { timeNs, signed: one.side === Side.buy ? one.sizeLots : -one.sizeLots });
          if (one.id > newest) average.add(one.priceTicks);
          newest = Math.max(newest, one.id);
        }
        features.advance(timeNs);
        const inside = [...seen.values()].filter((known) => known.timeNs > timeNs - 100);
        assert.equal(features.deltaLots, sum(inside.map(({ signed }) => signed)));
      }
      assert.equal(features.repeatedTrades, repeats.length);
      assert.equal(features.cumulativeDeltaLots, sum([...seen.values()].map(({ signed }) => signed)));
      assert.equal(features.volumeLots, sum(list.map(({ sizeLots }) => sizeLots)));
      const value = sum(list.map(({ priceTicks, sizeLots }) => priceTicks * sizeLots));
      assertNear(features.vwapTicks, value / features.volumeLots, 1e-9);
      assert.equal(features.averageTicks, average.value);
      assert.equal(features.averageValid, average.valid);
    }),
  );
});

test('order-flow imbalance and realised volatility against their definitions', () => {
  const update = fc.record({
    bid: fc.integer({ min: 90, max: 99 }),
    ask: fc.integer({ min: 100, max: 110 }),
    bidLots: fc.integer({ min: 1, max: 50 }),
    askLots: fc.integer({ min: 1, max: 50 }),
    gapNs: fc.nat(60),
    gap: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 80, size: 'max' }), (updates) => {
      const book = new OrderBook(64);
      const flow = new BookFlow({ flowWindowNs: 100, volatilityWindowNs: 150 });
      let known: { timeNs: number; flow: number; square: number }[] = [];
      let before: (typeof updates)[0] | undefined;
      let timeNs = 0;
      for (const now of updates) {
        timeNs += now.gapNs;
        if (now.gap) {
          flow.reset();
          known = [];
          before = undefined;
        }
        book.clear();
        book.set(Side.buy, now.bid, now.bidLots);
        book.set(Side.sell, now.ask, now.askLots);
        flow.update(book, timeNs);
        if (before !== undefined) {
          const bidFlow = (now.bid >= before.bid ? now.bidLots : 0) - (now.bid <= before.bid ? before.bidLots : 0);
          const askFlow = (now.ask <= before.ask ? now.askLots : 0) - (now.ask >= before.ask ? before.askLots : 0);
          const change = Math.log((now.bid + now.ask) / (before.bid + before.ask));
          known.push({ timeNs, flow: bidFlow - askFlow, square: change * change });
        }
        before = now;
        const inside = (windowNs: number) => known.filter((one) => one.timeNs > timeNs - windowNs);
        assert.equal(flow.orderFlowImbalanceLots, sum(inside(100).map((one) => one.flow)));
        assertNear(flow.realisedVolatility, Math.sqrt(sum(inside(150).map((one) => one.square))), 1e-7);
      }
      book.clear();
      flow.update(book, timeNs);
      assert.equal(flow.orderFlowImbalanceLots, 0);
    }),
  );
});

test('a period that is none is named', () => {
  assert.throws(() => new ExponentialAverage(0), /period: expected an integer >= 1, was 0/);
  assert.throws(() => new RollingDeviation(1), /period: expected an integer >= 2, was 1/);
  assert.throws(() => new RelativeStrength(1.5), /period: expected an integer >= 1, was 1.5/);
});
