import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, OrderSource, RailCode, RecordFlag, RecordKind, StrategyCommand } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import { Side } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import { OrderStatusCode as S } from './order.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { Bench } from './trading-core.test-support.ts';

function live(patch = {}): Bench {
  const bench = new Bench(patch);
  bench.up();
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  bench.sent.length = 0;
  return bench;
}

test('an order goes out journalled, is accepted, filled in part and cancelled; the views tell', () => {
  const bench = live();
  bench.timeNs = 5e9;
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  assert.equal(number, 1_000_001);
  const submitted = bench.records(RecordKind.orderSubmitted)[0];
  assert.deepEqual(
    [submitted?.id, submitted?.aux, submitted?.side, submitted?.priceTicks, submitted?.sizeLots, submitted?.value],
    [number, OrderSource.manual, Side.buy, 5_999_000, 1_000, 5e9],
  );
  bench.accept(number);
  bench.fill(number, 400);
  bench.cancel(number);
  assert.equal(bench.actions('cancel').length, 1);
  bench.cancelled(number);
  const { orders, fills, positions } = bench.core.snapshotViews();
  assert.equal(orders.length, 1);
  assert.deepEqual(
    { ...orders[0] },
    {
      orderNumber: number,
      clientId: 't-1000001',
      venueOrderId: 6_000_001,
      instrument: 0,
      side: 'buy',
      type: 'limit',
      reduceOnly: false,
      priceTicks: 5_999_000,
      sizeLots: 1_000,
      filledLots: 400,
      status: 'cancelled',
      source: 'manual',
      reason: '',
      createdUs: 1_700_000_005_000_000,
      updatedUs: 1_700_000_005_000_000,
    },
  );
  assert.equal(fills.length, 1);
  assert.ok((fills[0]?.sequence ?? 0) > 0);
  assert.equal(positions[0]?.positionLots, 400);
  assert.deepEqual(
    [bench.core.counters.sent, bench.core.counters.acked, bench.core.counters.fills, bench.core.counters.cancelled],
    [1, 1, 1, 1],
  );
});

test('a refused order is journalled with the rail and told to whoever asked', () => {
  const bench = live();
  bench.input(RecordKind.intentPlace, (s) => {
    s.id = 77;
    s.side = Side.buy;
    s.priceTicks = 6_000_000;
    s.sizeLots = 200_000;
  });
  assert.deepEqual(bench.core.intentOutcome, {
    ok: false,
    error: 'Order size: expected at most 1 BTC, was 2',
    orderNumber: 0,
  });
  const blocked = bench.records(RecordKind.orderBlocked)[0];
  assert.deepEqual([blocked?.id, blocked?.aux, blocked?.value], [77, RailCode.maxOrderSize, 1]);
  assert.deepEqual(bench.sent, []);
});

test('nobody outside can claim to be the kill switch', () => {
  const bench = live();
  bench.bookState(BookState.gap);
  bench.input(RecordKind.intentPlace, (s) => {
    s.side = Side.buy;
    s.priceTicks = 6_000_000;
    s.sizeLots = 1_000;
    s.aux = OrderSource.killSwitch;
  });
  assert.equal(bench.core.intentOutcome.ok, false);
});

test('everything twice changes nothing the second time', () => {
  const bench = live();
  const number = bench.place(Side.sell, 6_001_000, 1_000);
  bench.accept(number);
  bench.accept(number);
  bench.fill(number, 1_000, 6_001_000, 42);
  bench.fill(number, 1_000, 6_001_000, 42);
  bench.cancelled(number);
  assert.equal(bench.positionLots, -1_000);
  assert.deepEqual([bench.core.counters.fills, bench.core.counters.duplicateFills], [1, 1]);
  assert.deepEqual([bench.core.counters.filled, bench.core.counters.cancelled], [1, 0]);
});

test('unknown is not failed: looked up before anything else is sent for it, again and again', () => {
  const bench = live();
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.report(RecordKind.orderUnknown, number);
  assert.deepEqual(
    bench.sent.map((s) => s.what),
    ['place', 'queryOrder'],
  );
  bench.cancel(number);
  assert.ok(bench.core.intentOutcome.ok);
  assert.equal(bench.actions('cancel').length, 0, 'not before the answer');
  bench.wait(2_100);
  assert.equal(bench.actions('queryOrder').length, 3, 'asked again each second');
  bench.accept(number);
  assert.equal(bench.actions('cancel').length, 1, 'the cancel goes out with the answer');
});

test('an unknown order that the venue never had ends as rejected', () => {
  const bench = live();
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.report(RecordKind.orderUnknown, number);
  bench.report(RecordKind.orderRejected, number, (s) => s.setText('Not at the venue'));
  assert.equal(bench.status(number), S.rejected);
  assert.equal(bench.core.counters.rejected, 1);
});

test('when order entry comes back, every order that is not over is looked up, and open orders are asked for', () => {
  const bench = live();
  const a = bench.place(Side.buy, 5_999_000, 1_000);
  const b = bench.place(Side.buy, 5_998_000, 1_000);
  const c = bench.place(Side.buy, 5_997_000, 1_000);
  for (const number of [a, b, c]) bench.accept(number);
  bench.cancelled(c);
  bench.down();
  assert.equal(bench.place(Side.buy, 5_999_000, 1_000), 0, 'nothing is sent while it is down');
  bench.cancel(a);
  assert.equal(bench.actions('cancel').length, 0);
  bench.sent.length = 0;
  bench.up();
  assert.deepEqual(
    bench.sent.map((s) => [s.what, s.orderNumber]),
    [
      ['queryOrder', a],
      ['queryOrder', b],
      ['queryOpenOrders', 0],
    ],
  );
});

test('a cancel asked for while order entry was down goes out once the order is confirmed', () => {
  const bench = live();
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.accept(number);
  bench.down();
  bench.cancel(number);
  bench.up();
  bench.accept(number);
  assert.equal(bench.actions('cancel').length, 1);
});

test('an open order that this journal did not send is adopted and can be cancelled', () => {
  const bench = live();
  const number = bench.core.allocateOrderNumber();
  bench.input(RecordKind.orderAdopted, (s) => {
    s.id = number;
    s.aux = 99;
    s.side = Side.sell;
    s.priceTicks = 6_010_000;
    s.sizeLots = 500;
    s.setText('web_1');
  });
  const view = bench.core.snapshotViews().orders[0];
  assert.deepEqual([view?.clientId, view?.source, view?.status], ['web_1', 'adopted', 'working']);
  assert.equal(bench.core.adoptedNumberOf('web_1'), number);
  bench.cancel(number);
  assert.equal(bench.actions('cancel').length, 1);
  assert.equal(bench.place(Side.buy, 5_999_000, 1_000), number + 1, 'its number is taken');
});

test('a cancel that reports more filled than was told asks for the missing fills', () => {
  const bench = live();
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.accept(number);
  bench.report(RecordKind.orderCancelled, number, (s) => {
    s.sizeLots = 600;
  });
  assert.equal(bench.actions('queryOrder').length, 1);
  bench.fill(number, 400);
  assert.equal(bench.positionLots, 400);
  assert.equal(bench.status(number), S.cancelled);
});

test('a refused cancel asks what became of the order', () => {
  const bench = live();
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.accept(number);
  bench.cancel(number);
  bench.report(RecordKind.cancelRejected, number, (s) => s.setText('Unknown order'));
  assert.equal(bench.status(number), S.working);
  assert.equal(bench.actions('queryOrder').length, 1);
});

test('a fill for an order nobody knows moves the position once, with an alarm', () => {
  const bench = live();
  for (let i = 0; i < 2; i++) {
    bench.report(RecordKind.orderFill, 123, (s) => {
      s.aux = 9;
      s.side = Side.buy;
      s.priceTicks = 6_000_000;
      s.sizeLots = 50;
    });
  }
  assert.equal(bench.positionLots, 50);
  assert.equal(bench.alerts.at(-1)?.level, 'critical');
});

test('cancel all is by instrument and passes although the order rate is used up', () => {
  const bench = live({
    instruments: [testInstrument(), testInstrument({ index: 1, symbol: 'ETHUSDT' })],
    rails: { ...defaultRiskRails, maxOrdersPerSecond: 3 },
  });
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]], 1);
  const numbers = [
    bench.place(Side.buy, 5_999_000, 1_000),
    bench.place(Side.buy, 5_998_000, 1_000),
    bench.place(Side.buy, 5_998_000, 1_000, 0, 1),
  ];
  assert.equal(bench.place(Side.buy, 5_998_000, 1_000), 0);
  bench.input(RecordKind.intentCancelAll);
  assert.deepEqual(
    bench.actions('cancel').map((s) => s.orderNumber),
    numbers.slice(0, 2),
  );
});

test('an action may feed a record back into the step at once', () => {
  const bench = live();
  bench.onAction = (sent) => {
    if (sent.what === 'place') bench.report(RecordKind.orderRejected, sent.orderNumber, (s) => s.setText('Not sent'));
  };
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  assert.equal(bench.status(number), S.rejected);
});

test('a crossed book is reported, and the strategy does not see it', () => {
  const bench = live();
  bench.diff([Side.buy, 6_000_005, 10]);
  assert.deepEqual(bench.sent, [{ ...bench.sent[0], what: 'crossed', instrument: 0 }]);
  assert.equal(bench.core.counters.crossedBooks, 1);
});

test('the queue ahead starts at the level, shrinks with trades and with cancels in proportion', () => {
  const bench = live();
  bench.diff([Side.buy, 5_999_000, 1_000]);
  const number = bench.place(Side.buy, 5_999_000, 100);
  assert.equal(bench.core.order(number)?.queueAheadLots, -1);
  bench.accept(number);
  const ahead = (): number | undefined => bench.core.order(number)?.queueAheadLots;
  assert.equal(ahead(), 1_000);
  bench.trade(Side.sell, 5_999_000, 200);
  assert.equal(ahead(), 800);
  bench.diff([Side.buy, 5_999_000, 900]);
  assert.equal(ahead(), 800, 'traded 200, joined 100 behind');
  bench.diff([Side.buy, 5_999_000, 450]);
  assert.equal(ahead(), 400, 'half of the level was cancelled');
  bench.diff([Side.buy, 5_999_000, 100]);
  assert.equal(ahead(), 89);
});

test('rails change as a whole, or not at all', () => {
  const bench = live();
  bench.input(RecordKind.intentRails, (s) => s.setText('{"maxOrderSize":'));
  assert.equal(bench.core.intentOutcome.ok, false);
  bench.input(RecordKind.intentRails, (s) => s.setText(JSON.stringify({ ...defaultRiskRails, maxOrderSize: 'much' })));
  assert.match(bench.core.intentOutcome.error, /rails\.maxOrderSize: expected a number above 0, was "much"/);
  bench.input(RecordKind.intentRails, (s) => s.setText(JSON.stringify({ ...defaultRiskRails, maxOrderSize: 0.01 })));
  assert.equal(bench.core.rails.maxOrderSize, 0.01);
});

test('strategies start, change parameters and stop by intent; bad ones are told apart', () => {
  const bench = live();
  const intent = (id: number, text: unknown): string => {
    bench.input(RecordKind.intentStrategy, (s) => {
      s.id = id;
      s.setText(typeof text === 'string' ? text : JSON.stringify(text));
    });
    return bench.core.intentOutcome.error;
  };
  assert.match(intent(StrategyCommand.start, { name: 'martingale', parameters: {} }), /was "martingale"/);
  assert.match(intent(StrategyCommand.start, { name: 'imbalance', parameters: { levels: 0 } }), /levels: expected/);
  assert.equal(bench.core.strategyView().state, 'stopped');
  assert.equal(intent(StrategyCommand.start, { name: 'imbalance', parameters: { levels: 3 } }), '');
  assert.equal(bench.core.strategyView().state, 'running');
  assert.equal(bench.core.strategyView().parameters['levels'], 3);
  assert.match(intent(StrategyCommand.start, { name: 'imbalance' }), /expected stopped, was running/);
  assert.match(intent(StrategyCommand.parameters, { parameters: { levels: 'x' } }), /levels/);
  assert.equal(intent(StrategyCommand.parameters, { levels: 7 }), '');
  assert.equal(bench.core.strategyView().parameters['levels'], 7);
  assert.equal(intent(StrategyCommand.stop, ''), '');
  assert.equal(bench.core.strategyView().state, 'stopped');
});

test('the kill switch halts the strategy and it cannot start before the release', () => {
  const bench = live({ strategy: { name: 'imbalance', parameters: {}, instrument: 0, autoStart: true } });
  assert.equal(bench.core.strategyView().state, 'running');
  bench.kill();
  assert.equal(bench.core.strategyView().state, 'halted');
  bench.input(RecordKind.intentStrategy, (s) => {
    s.id = StrategyCommand.start;
  });
  assert.match(bench.core.intentOutcome.error, /Kill switch/);
});

test('the day begins anew at midnight UTC: yesterday’s loss does not block', () => {
  const bench = live({ originUs: 86_400e6 * 19_000 + 86_390e6 });
  bench.place(Side.buy, 6_000_000, 100_000);
  bench.fill(1_000_001, 100_000);
  bench.snapshot([[5_880_000, 900_000]], [[5_880_002, 900_000]]);
  assert.equal(bench.place(Side.buy, 5_880_000, 1_000), 0);
  assert.match(bench.core.intentOutcome.error, /Day's loss: expected below 1000 USDT, was 1199\.99/);
  bench.timeNs = 11e9;
  assert.notEqual(bench.place(Side.buy, 5_880_000, 1_000), 0);
});

test('a journal fed to a fresh core gives the same orders, positions, fills and alerts, and decides nothing', () => {
  const bench = live();
  const a = bench.place(Side.buy, 5_999_000, 1_000);
  bench.accept(a);
  bench.fill(a, 300);
  const b = bench.place(Side.sell, 6_001_000, 500);
  bench.accept(b);
  bench.cancel(b);
  const c = bench.place(Side.sell, 6_002_000, 700);
  bench.fill(c, 700);
  bench.place(Side.sell, 6_900_000, 700);
  const before = bench.core.snapshotViews();

  const next = new Bench({ sessionNumber: 2 });
  bench.restoreInto(next.core);
  next.core.finishRestore(0);
  const after = next.core.snapshotViews();
  assert.deepEqual(after.fills, before.fills);
  // Unrealised PnL needs a market, which has not spoken yet.
  assert.deepEqual(after.positions, [{ ...before.positions[0], unrealizedPnl: 0 }]);
  assert.deepEqual(after.alerts, before.alerts);
  assert.deepEqual(
    after.orders.map((o) => [o.orderNumber, o.status, o.filledLots, o.createdUs]),
    [
      [a, 'unknown', 300, before.orders[0]?.createdUs],
      [b, 'unknown', 0, before.orders[1]?.createdUs],
      [c, 'filled', 700, before.orders[2]?.createdUs],
    ],
  );
  assert.equal(next.sent.length, 0);
  assert.equal(next.journal.length, 0);
  assert.equal(next.core.counters.sent, 0, 'counters are of this session');
  next.up();
  assert.deepEqual(
    next.sent.map((s) => [s.what, s.orderNumber]),
    [
      ['queryOrder', a],
      ['queryOrder', b],
      ['queryOpenOrders', 0],
    ],
  );
  next.accept(b);
  assert.equal(next.actions('cancel').length, 1, 'the cancel that was under way is repeated');
  next.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  assert.equal(next.place(Side.buy, 5_999_000, 1_000), 2_000_001);
});

test('records of an earlier session are matched by symbol, and those of other symbols passed over', () => {
  const btc = testInstrument();
  const eth = testInstrument({ index: 1, symbol: 'ETHUSDT' });
  const bench = live({ instruments: [btc, eth] });
  // As the shell writes it at the session's start.
  for (const spec of [btc, eth]) {
    bench.input(RecordKind.instrument, (s) => s.setText(JSON.stringify(spec)), spec.index);
  }
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]], 1);
  bench.fill(bench.place(Side.buy, 5_999_000, 100), 100);
  bench.fill(bench.place(Side.buy, 5_999_000, 300, 0, 1), 300);

  const next = new Bench({ sessionNumber: 2, instruments: [{ ...eth, index: 0 }] });
  bench.restoreInto(next.core);
  next.core.finishRestore(0);
  assert.equal(next.positionLots, 300);
  assert.equal(next.core.snapshotViews().orders.length, 1);
  const other = new Bench({ sessionNumber: 2, instruments: [{ ...btc, lotSize: '0.001' }] });
  bench.restoreInto(other.core);
  other.core.finishRestore(0);
  assert.equal(other.positionLots, 0);

  // A later session of another numbering in the same journal counts again.
  const later = live({ sessionNumber: 3 });
  later.fill(later.place(Side.sell, 6_001_000, 40), 40);
  const last = new Bench({ sessionNumber: 4 });
  next.input(RecordKind.sessionStart);
  next.input(RecordKind.instrument, (s) => s.setText(JSON.stringify({ ...eth, index: 0 })));
  next.input(RecordKind.sessionStart);
  for (const journal of [bench, next, later]) journal.restoreInto(last.core);
  last.core.finishRestore(0);
  assert.equal(last.positionLots, 100 - 40);
});

test('what is no input is refused', () => {
  const bench = live();
  assert.throws(() => bench.input(RecordKind.orderSubmitted), /input record, was kind 40/);
  assert.throws(() => bench.input(99), /input record, was kind 99/);
  assert.throws(
    () =>
      bench.input(RecordKind.orderAccepted, (s) => {
        s.flags = RecordFlag.derived;
      }),
    /was derived/,
  );
  // A refused record leaves the step usable.
  assert.notEqual(bench.place(Side.buy, 5_999_000, 1_000), 0);
});

test('bad options are named', () => {
  assert.throws(() => new Bench({ sessionNumber: 0 }), /sessionNumber: expected 1/);
  assert.throws(
    () => new Bench({ instruments: [testInstrument({ index: 3 })] }),
    /instruments\[0\]\.index: expected 0/,
  );
  assert.throws(() => new Bench({ rails: { ...defaultRiskRails, maxPosition: Number.NaN } }), /maxPosition/);
  assert.throws(
    () => new Bench({ strategy: { name: 'imbalance', parameters: { levels: 99 }, instrument: 0, autoStart: false } }),
    /levels: expected at most 50, was 99/,
  );
});

test('stages are recorded when a clock is given', () => {
  let now = 0;
  const counts = { apply: 0, decide: 0, check: 0 };
  const recorder = (name: keyof typeof counts) => ({
    record: (ns: number): void => {
      assert.ok(ns > 0);
      counts[name]++;
    },
  });
  const bench = live({
    stageClock: {
      nowNs: () => ++now,
      apply: recorder('apply'),
      decide: recorder('decide'),
      check: recorder('check'),
    },
    strategy: { name: 'imbalance', parameters: {}, instrument: 0, autoStart: true },
  });
  bench.diff([Side.buy, 5_999_000, 10]);
  bench.trade(Side.buy, 6_000_001, 10);
  bench.place(Side.buy, 5_999_000, 1_000);
  assert.deepEqual(counts, { apply: 3, decide: 2, check: 1 });
});

test('the step cannot be entered from inside', () => {
  const slot = new EventSlot();
  const bench: Bench = live({ derived: { emit: () => bench.core.step(slot) } });
  assert.throws(() => bench.place(Side.buy, 5_999_000, 1_000), /one step at a time/);
});

test('a cancel that the venue keeps refusing is asked again once a second, not on every tick', () => {
  const bench = live({
    strategy: {
      name: 'imbalance',
      parameters: { crossSpread: false, momentumBps: 0, levels: 1, entryImbalance: 0.5, staleEntryMs: 50 },
      instrument: 0,
      autoStart: true,
    },
  });
  bench.diff([Side.buy, 5_999_999, 9_000_000]);
  const order = bench.core.workingOrders[0];
  assert.ok(order, 'the strategy entered at the touch');
  const number = order.orderNumber;
  bench.accept(number);
  for (let i = 0; i < 100; i++) {
    bench.wait(50);
    if (order.cancelSent) bench.report(RecordKind.cancelRejected, number, (s) => s.setText('Unknown order'));
    bench.accept(number);
  }
  const cancels = bench.actions('cancel').length;
  assert.ok(cancels >= 4 && cancels <= 6, `expected about 5 cancels in 5 s, was ${cancels}`);
  assert.ok(bench.actions('queryOrder').length <= cancels + 1);
});

test('a fill that is learned of later is shown at the time the venue made it', () => {
  const bench = live();
  bench.timeNs = 60e9;
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.accept(number);
  bench.report(RecordKind.orderFill, number, (s) => {
    s.side = Side.buy;
    s.priceTicks = 5_999_000;
    s.sizeLots = 1_000;
    s.aux = 9;
    s.exchangeTimeUs = 1_700_000_001_000_000;
  });
  assert.equal(bench.core.snapshotViews().fills[0]?.timeUs, 1_700_000_001_000_000);
});
