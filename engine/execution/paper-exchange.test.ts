import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag, RecordKind } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import { Side } from '../contract/units.ts';
import { OrderStatusCode as S } from './order.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { Bench, type KeptRecord } from './trading-core.test-support.ts';

const MS = 1e6;

/** Paper bench with a book of three levels a side around 60,000 and 20 ms of latency each way. */
function paper(): Bench {
  const bench = new Bench({ execution: 'paper', rails: { ...defaultRiskRails, maxOrdersPerSecond: 1_000 } });
  bench.snapshot(
    [
      [5_999_990, 100],
      [5_999_980, 200],
      [5_999_970, 300],
    ],
    [
      [6_000_010, 100],
      [6_000_020, 200],
      [6_000_030, 300],
    ],
  );
  return bench;
}
function fills(bench: Bench): [number, number, boolean][] {
  return bench.core.snapshotViews().fills.map((f) => [f.priceTicks, f.sizeLots, f.maker]);
}
const at = (bench: Bench, kind: number): KeptRecord | undefined => bench.records(kind)[0];

test('an order arrives after the latency and is told of after it again, each at its own event time', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 6_000_010, 50, RecordFlag.immediateOrCancel);
  bench.timeNs = 39.9 * MS;
  bench.input(RecordKind.timer);
  assert.equal(bench.status(number), S.pending);
  bench.timeNs = 100 * MS;
  bench.input(RecordKind.timer);
  assert.equal(bench.status(number), S.filled);
  const fill = at(bench, RecordKind.orderFill);
  assert.equal(new DataView(fill!.bytes.buffer).getFloat64(8, true), 40 * MS);
  assert.ok((fill!.bytes[65]! & RecordFlag.derived) !== 0);
  assert.deepEqual(bench.sent, [], 'nothing goes to a venue');
});

test('it takes from the book as it is on arrival, not as it was at the decision', () => {
  const bench = paper();
  bench.place(Side.buy, 6_000_020, 150, RecordFlag.immediateOrCancel);
  bench.timeNs = 10 * MS;
  bench.diff([Side.sell, 6_000_010, 0]);
  bench.wait(100);
  assert.deepEqual(fills(bench), [[6_000_020, 150, false]]);
});

test('taking goes level by level at the prices shown, for taker fees, and the rest of an IOC is cancelled', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 6_000_020, 450, RecordFlag.immediateOrCancel);
  bench.wait(100);
  assert.deepEqual(fills(bench), [
    [6_000_010, 100, false],
    [6_000_020, 200, false],
  ]);
  assert.equal(bench.status(number), S.cancelled);
  assert.equal(bench.records(RecordKind.orderCancelled)[0]?.sizeLots, 150);
  const fee = bench.core.positionView(0).fees;
  assert.ok(Math.abs(fee - ((6_000_010 * 100 + 6_000_020 * 200) / 1e7) * 0.001) < 1e-9, `fee ${fee}`);
});

test('the rest of a marketable limit order rests at its price', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 6_000_010, 150);
  bench.wait(100);
  assert.deepEqual(fills(bench), [[6_000_010, 100, false]]);
  assert.deepEqual([bench.status(number), bench.core.order(number)?.queueAheadLots], [S.partial, 0]);
});

test('what was taken is not taken twice until the feed updates the level', () => {
  const bench = paper();
  bench.place(Side.buy, 6_000_010, 60, RecordFlag.immediateOrCancel);
  bench.wait(50);
  const second = bench.place(Side.buy, 6_000_010, 60, RecordFlag.immediateOrCancel);
  bench.wait(50);
  assert.equal(bench.core.order(second)?.filledLots, 40);
  bench.diff([Side.sell, 6_000_010, 100]);
  const third = bench.place(Side.buy, 6_000_010, 60, RecordFlag.immediateOrCancel);
  bench.wait(50);
  assert.equal(bench.core.order(third)?.filledLots, 60);
});

test('a post-only order that would take is rejected, otherwise it rests', () => {
  const bench = paper();
  const bad = bench.place(Side.buy, 6_000_010, 50, RecordFlag.postOnly);
  const good = bench.place(Side.buy, 6_000_009, 50, RecordFlag.postOnly);
  bench.wait(50);
  assert.deepEqual([bench.status(bad), bench.status(good)], [S.rejected, S.working]);
});

test('a resting order waits behind the displayed queue and fills as a maker when trades have eaten it', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 5_999_990, 50);
  bench.wait(50);
  assert.equal(bench.core.order(number)?.queueAheadLots, 100);
  bench.trade(Side.sell, 5_999_990, 70);
  assert.equal(bench.core.order(number)?.queueAheadLots, 30);
  bench.trade(Side.buy, 6_000_010, 500);
  assert.equal(bench.core.order(number)?.queueAheadLots, 30, 'the other side does not matter');
  bench.trade(Side.sell, 5_999_990, 50);
  bench.wait(50);
  assert.deepEqual(fills(bench), [[5_999_990, 20, true]]);
  bench.trade(Side.sell, 5_999_990, 500);
  bench.wait(50);
  assert.deepEqual(fills(bench)[1], [5_999_990, 30, true]);
  assert.equal(bench.status(number), S.filled);
  const fee = bench.core.positionView(0).fees;
  assert.ok(Math.abs(fee - ((5_999_990 * 50) / 1e7) * 0.0002) < 1e-9, 'maker fee');
});

test('cancels in the level move us forward in proportion, and never in front of what is shown', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 5_999_990, 50);
  bench.wait(50);
  bench.diff([Side.buy, 5_999_990, 400]);
  assert.equal(bench.core.order(number)?.queueAheadLots, 100, 'growth is behind us');
  bench.diff([Side.buy, 5_999_990, 200]);
  assert.equal(bench.core.order(number)?.queueAheadLots, 50);
  bench.trade(Side.sell, 5_999_990, 20);
  bench.diff([Side.buy, 5_999_990, 180]);
  assert.equal(bench.core.order(number)?.queueAheadLots, 30, 'what was traded is not taken off twice');
  bench.diff([Side.buy, 5_999_990, 0]);
  assert.equal(bench.core.order(number)?.queueAheadLots, 0);
});

test('a trade through the price fills at our price, up to its size', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 5_999_980, 50);
  bench.wait(50);
  bench.trade(Side.sell, 5_999_970, 30);
  bench.wait(50);
  assert.deepEqual(fills(bench), [[5_999_980, 30, true]]);
  assert.equal(bench.core.order(number)?.queueAheadLots, 0);
});

test('one trade is not handed out twice: two own orders share it in the order of their arrival', () => {
  const bench = paper();
  const first = bench.place(Side.buy, 5_999_985, 50);
  const second = bench.place(Side.buy, 5_999_985, 50);
  bench.wait(50);
  bench.trade(Side.sell, 5_999_985, 70);
  bench.wait(50);
  assert.deepEqual([bench.core.order(first)?.filledLots, bench.core.order(second)?.filledLots], [50, 20]);
});

test('when the other side crosses a resting order, what is shown there fills it at its own price', () => {
  const bench = paper();
  const number = bench.place(Side.sell, 6_000_005, 80);
  bench.wait(50);
  bench.diff([Side.sell, 6_000_010, 0], [Side.buy, 6_000_006, 30]);
  bench.wait(50);
  assert.deepEqual(fills(bench), [[6_000_005, 30, true]]);
  assert.equal(bench.status(number), S.partial);
});

test('a cancel that arrives after the fill is refused, and the fill stands', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 5_999_985, 50);
  bench.wait(50);
  bench.trade(Side.sell, 5_999_985, 50);
  bench.cancel(number);
  bench.wait(200);
  assert.equal(bench.status(number), S.filled);
  assert.equal(bench.positionLots, 50);
  assert.equal(bench.records(RecordKind.cancelRejected).length, 1);
});

test('a cancel in time ends the order with its rest', () => {
  const bench = paper();
  const number = bench.place(Side.buy, 5_999_985, 50);
  bench.wait(50);
  bench.cancel(number);
  bench.wait(50);
  assert.equal(bench.status(number), S.cancelled);
  assert.equal(bench.records(RecordKind.orderCancelled)[0]?.sizeLots, 50);
});

test('the kill switch works on paper as it does at a venue', () => {
  const bench = paper();
  bench.place(Side.buy, 6_000_010, 100, RecordFlag.immediateOrCancel);
  bench.place(Side.sell, 6_000_020, 100);
  bench.wait(50);
  bench.kill();
  bench.wait(1_000);
  assert.equal(bench.core.killView().state, 'flatConfirmed');
  assert.equal(bench.positionLots, 0);
  assert.equal(bench.core.workingOrders.length, 0);
});

test('a paper session starts with a fresh account; orders left open by the last one end with a record', () => {
  const bench = paper();
  bench.place(Side.buy, 6_000_010, 50, RecordFlag.immediateOrCancel);
  const number = bench.place(Side.buy, 5_999_985, 50);
  bench.wait(50);
  bench.kill();
  const next = new Bench({ execution: 'paper', sessionNumber: 2 });
  bench.restoreInto(next.core);
  next.core.finishRestore(0);
  assert.equal(next.records(RecordKind.orderCancelled)[0]?.id, number);
  const { orders, fills, positions, kill } = next.core.snapshotViews();
  assert.deepEqual([orders, fills, positions[0]?.positionLots, kill.state], [[], [], 0, 'idle']);
});

test('a bad latency is named', () => {
  assert.throws(() => new Bench({ execution: 'paper', paper: { latencyNs: -1 } }), /paper\.latencyNs: expected 0 to/);
});

test('property: fills never exceed the order, the shown liquidity, or what was traded, and always sum to the position', () => {
  const event = fc.oneof(
    fc.record({
      what: fc.constant('place' as const),
      buy: fc.boolean(),
      price: fc.integer({ min: -6, max: 6 }),
      lots: fc.integer({ min: 1, max: 40 }),
      flag: fc.constantFrom(0, RecordFlag.immediateOrCancel, RecordFlag.postOnly),
    }),
    fc.record({
      what: fc.constant('trade' as const),
      buy: fc.boolean(),
      price: fc.integer({ min: -6, max: 6 }),
      lots: fc.integer({ min: 1, max: 60 }),
    }),
    fc.record({
      what: fc.constant('level' as const),
      buy: fc.boolean(),
      price: fc.integer({ min: 1, max: 6 }),
      lots: fc.integer({ min: 0, max: 60 }),
    }),
    fc.record({ what: fc.constant('cancel' as const), index: fc.nat({ max: 20 }) }),
    fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const bench = new Bench({
        execution: 'paper',
        instruments: [testInstrument({ minNotional: 0 })],
        rails: { ...defaultRiskRails, maxOrdersPerSecond: 1_000 },
      });
      const mid = 6_000_000;
      const numbers: number[] = [];
      // Everything that could ever have been there to fill us: shown on the other side, or traded.
      let offered = 0;
      const initial = [1, 2, 3, 4, 5, 6].map((d) => d);
      bench.snapshot(
        initial.map((d) => [mid - d, 30]),
        initial.map((d) => [mid + d, 30]),
      );
      offered += 12 * 30;
      for (const e of events) {
        if (e.what === 'wait') {
          bench.timeNs += e.ms * MS;
          bench.input(RecordKind.timer);
        } else if (e.what === 'place') {
          const number = bench.place(e.buy ? Side.buy : Side.sell, mid + e.price, e.lots, e.flag);
          if (number !== 0) numbers.push(number);
        } else if (e.what === 'cancel') {
          const number = numbers[e.index];
          if (number !== undefined) bench.cancel(number);
        } else if (e.what === 'trade') {
          bench.trade(e.buy ? Side.buy : Side.sell, mid + e.price, e.lots);
          offered += e.lots;
        } else {
          bench.diff([e.buy ? Side.buy : Side.sell, e.buy ? mid - e.price : mid + e.price, e.lots]);
          offered += e.lots;
        }
      }
      for (const number of numbers) if (bench.core.order(number)?.isTerminal === false) bench.cancel(number);
      bench.wait(200);
      assert.equal(bench.core.workingOrders.length, 0, 'no zombie');
      const { fills: all } = bench.core.snapshotViews();
      let position = 0;
      let filled = 0;
      const ids = new Set<number>();
      for (const fill of all) {
        position += fill.side === 'buy' ? fill.sizeLots : -fill.sizeLots;
        filled += fill.sizeLots;
        ids.add(fill.venueTradeId);
        const order = bench.core.order(fill.orderNumber)!;
        const good = fill.side === 'buy' ? fill.priceTicks <= order.priceTicks : fill.priceTicks >= order.priceTicks;
        assert.ok(good, `filled at ${fill.priceTicks}, limit ${order.priceTicks}`);
      }
      assert.equal(ids.size, all.length, 'trade ids are unique');
      assert.equal(bench.positionLots, position);
      assert.ok(filled <= offered);
      for (const number of numbers) {
        const order = bench.core.order(number)!;
        assert.ok(order.filledLots <= order.sizeLots);
        if (order.postOnly) {
          for (const fill of all) if (fill.orderNumber === number) assert.ok(fill.maker, 'post-only never takes');
        }
      }
    }),
    { numRuns: 400 },
  );
});
