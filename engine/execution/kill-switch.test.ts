import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, OrderSource, RailCode, RecordFlag, RecordKind } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import { Side } from '../contract/units.ts';
import { OrderStatusCode } from './order.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { Bench, ObedientVenue } from './trading-core.test-support.ts';

/** A bench with a live book at 60,000, a position of `lots` and one order resting. */
function trading(lots: number, rails = {}): { bench: Bench; venue: ObedientVenue } {
  const bench = new Bench({ rails: { ...defaultRiskRails, maxOrdersPerSecond: 1_000, ...rails } });
  const venue = new ObedientVenue(bench);
  bench.up();
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  const side = lots > 0 ? Side.buy : Side.sell;
  if (lots !== 0) bench.place(side, 6_000_000, Math.abs(lots), RecordFlag.immediateOrCancel);
  assert.equal(bench.positionLots, lots);
  bench.place(Side.buy, 5_990_000, 1_000);
  assert.equal(venue.resting.size, 1);
  return { bench, venue };
}
const state = (bench: Bench): string => bench.core.killView().state;

test('cancels, closes reduce-only within the collar, asks the venue, confirms', () => {
  const { bench, venue } = trading(20_000);
  bench.sent.length = 0;
  bench.kill();
  bench.wait(500);
  assert.equal(state(bench), 'flatConfirmed');
  assert.equal(bench.positionLots, 0);
  assert.equal(venue.resting.size, 0);
  assert.equal(bench.core.workingOrders.length, 0);
  const [close] = bench.actions('place');
  assert.deepEqual(close, {
    what: 'place',
    orderNumber: 1_000_003,
    instrument: 0,
    side: Side.sell,
    priceTicks: 5_940_000,
    sizeLots: 20_000,
    source: OrderSource.killSwitch,
    flags: RecordFlag.reduceOnly,
  });
  assert.ok(bench.actions('queryOpenOrders').length > 0, 'the venue was asked');
  assert.match(bench.core.killView().detail, /flat, confirmed by the venue in \d\.\d\d s/);
  assert.ok(bench.core.killView().elapsedMs <= 500);
  const states = bench.records(RecordKind.killState).map((r) => r.id);
  assert.deepEqual(states, [1, 2, 3, 4]);
});

test('a short position is bought back', () => {
  const { bench } = trading(-20_000);
  bench.kill();
  bench.wait(500);
  assert.equal(state(bench), 'flatConfirmed');
  assert.equal(bench.positionLots, 0);
});

for (const [name, book] of Object.entries(BookState)) {
  test(`ends flat and confirmed with the book ${name}`, () => {
    const { bench } = trading(20_000);
    bench.trade(Side.buy, 6_000_001, 5);
    bench.bookState(book);
    bench.kill();
    bench.wait(1_000);
    assert.equal(state(bench), 'flatConfirmed');
    assert.equal(bench.positionLots, 0);
  });
}

test('with an emptied book the last trade is the reference', () => {
  const { bench } = trading(20_000);
  bench.trade(Side.buy, 6_100_000, 5);
  bench.input(RecordKind.snapshotBegin);
  bench.bookState(BookState.syncing);
  bench.sent.length = 0;
  bench.kill();
  bench.wait(500);
  assert.equal(state(bench), 'flatConfirmed');
  assert.equal(bench.actions('place')[0]?.priceTicks, 6_039_000);
});

test('closes in slices within order size and value, and keeps at it when liquidity is thin', () => {
  const { bench, venue } = trading(50_000, { maxOrderSize: 0.5, maxOrderValue: 30_100 });
  bench.input(RecordKind.intentRails, (s) =>
    s.setText(JSON.stringify({ ...defaultRiskRails, maxOrderSize: 0.2, maxOrderValue: 9_000 })),
  );
  bench.sent.length = 0;
  venue.liquidityLots = 20_000;
  bench.kill();
  bench.wait(200);
  assert.equal(state(bench), 'closing');
  venue.liquidityLots = Number.POSITIVE_INFINITY;
  bench.wait(1_500);
  assert.equal(state(bench), 'flatConfirmed');
  for (const { sizeLots, priceTicks } of bench.actions('place')) {
    assert.ok(sizeLots <= 20_000 && (sizeLots * priceTicks) / 1e7 <= 9_000, `${sizeLots} at ${priceTicks}`);
  }
});

test('no slice leaves a rest that the venue would not take', () => {
  const { bench } = trading(20_005, { maxOrderSize: 0.5 });
  bench.input(RecordKind.intentRails, (s) => s.setText(JSON.stringify({ ...defaultRiskRails, maxOrderSize: 0.2 })));
  bench.kill();
  bench.wait(1_000);
  assert.equal(state(bench), 'flatConfirmed');
});

test('only its own orders pass, also after the end, until it is released by hand', () => {
  const { bench } = trading(20_000);
  bench.kill();
  assert.equal(bench.place(Side.buy, 6_000_000, 1_000), 0);
  bench.wait(500);
  assert.equal(bench.place(Side.buy, 6_000_000, 1_000), 0);
  assert.match(bench.core.intentOutcome.error, /Kill switch/);
  assert.equal(bench.records(RecordKind.orderBlocked).at(-1)?.aux, RailCode.killSwitch);
  bench.input(RecordKind.intentKillReset);
  assert.ok(bench.core.intentOutcome.ok);
  assert.notEqual(bench.place(Side.buy, 5_999_000, 1_000), 0);
});

test('it cannot be released while it works, and pressing it again changes nothing', () => {
  const { bench, venue } = trading(20_000);
  venue.answersCancels = false;
  bench.kill();
  bench.kill();
  bench.input(RecordKind.intentKillReset);
  assert.equal(bench.core.intentOutcome.ok, false);
  assert.equal(state(bench), 'cancelling');
});

test('orders that do not go away: cancelled again, and an alarm after the deadline that stands until the reset', () => {
  const { bench, venue } = trading(20_000);
  venue.answersCancels = false;
  bench.sent.length = 0;
  bench.kill();
  bench.wait(4_900);
  assert.equal(state(bench), 'cancelling');
  assert.ok(bench.actions('cancel').length >= 5, 'single cancels are repeated');
  bench.wait(150);
  assert.equal(state(bench), 'alarm');
  assert.match(bench.core.killView().detail, /NOT FLAT for certain after 5 s: 1 order is not cancelled yet/);
  assert.equal(bench.alerts.at(-1)?.level, 'critical');
  // It goes on working, but nobody but a person takes the alarm down.
  venue.answersCancels = true;
  bench.wait(2_000);
  assert.equal(bench.positionLots, 0);
  assert.equal(state(bench), 'alarm');
  assert.match(bench.core.killView().detail, /flat confirmed late/);
  bench.input(RecordKind.intentKillReset);
  assert.equal(state(bench), 'idle');
});

test('order entry down: an alarm soon, and the job is done when it is back', () => {
  const { bench } = trading(20_000);
  bench.down();
  bench.sent.length = 0;
  bench.kill();
  bench.wait(900);
  assert.equal(state(bench), 'cancelling');
  bench.wait(300);
  assert.equal(state(bench), 'alarm');
  assert.match(bench.core.killView().detail, /order entry is down/);
  assert.deepEqual(bench.sent, [], 'nothing is sent into the void');
  bench.up();
  bench.wait(2_000);
  assert.equal(bench.positionLots, 0);
  assert.equal(bench.core.workingOrders.length, 0);
  assert.equal(state(bench), 'alarm');
});

test('a short interruption of order entry raises no alarm', () => {
  const { bench } = trading(20_000);
  bench.down();
  bench.kill();
  bench.wait(500);
  bench.up();
  bench.wait(1_000);
  assert.equal(state(bench), 'flatConfirmed');
});

test('an order whose fate is unknown is looked up and cancelled before anything is called flat', () => {
  const { bench, venue } = trading(0);
  const number = bench.core.workingOrders[0]!.orderNumber;
  venue.answersCancels = false;
  const answer = bench.onAction;
  bench.onAction = (sent, order) => {
    if (sent.what !== 'queryOrder') answer?.(sent, order);
  };
  bench.report(RecordKind.orderUnknown, number);
  bench.kill();
  bench.wait(1_000);
  assert.equal(bench.status(number), OrderStatusCode.unknown);
  assert.equal(state(bench), 'cancelling');
  venue.answersCancels = true;
  bench.onAction = answer;
  bench.wait(2_000);
  assert.equal(bench.status(number), OrderStatusCode.cancelled);
  assert.equal(state(bench), 'flatConfirmed');
});

test('orders that only the venue knows are cancelled too', () => {
  const { bench, venue } = trading(20_000);
  const answer = bench.onAction;
  let asked = 0;
  bench.onAction = (sent, order) => {
    // They turn up in the first answer and are gone after the next cancelAll.
    if (sent.what === 'queryOpenOrders' && asked++ === 0) venue.strangers = 2;
    answer?.(sent, order);
  };
  bench.sent.length = 0;
  bench.kill();
  bench.wait(2_000);
  assert.equal(state(bench), 'flatConfirmed');
  assert.ok(bench.actions('cancelAll').length >= 2);
});

test('no answer to which orders are open: no proof, so an alarm', () => {
  const { bench, venue } = trading(20_000);
  venue.answersOpenOrders = false;
  bench.kill();
  bench.wait(5_100);
  assert.equal(state(bench), 'alarm');
  bench.input(RecordKind.intentKillReset);
  venue.answersOpenOrders = true;
  bench.onAction = (sent) => {
    if (sent.what === 'queryOpenOrders') bench.openOrders(0, false, sent.instrument);
  };
  bench.kill();
  bench.wait(5_100);
  assert.match(bench.core.killView().detail, /did not say which orders are open/);
});

test('a fill that comes late sends it back to closing', () => {
  const { bench, venue } = trading(0);
  const number = bench.core.workingOrders[0]!.orderNumber;
  venue.answersOpenOrders = false;
  bench.kill();
  bench.wait(100);
  assert.equal(state(bench), 'confirming');
  venue.answersOpenOrders = true;
  bench.fill(number, 500);
  assert.equal(bench.positionLots, 500);
  bench.wait(1_500);
  assert.equal(bench.positionLots, 0);
  assert.equal(state(bench), 'flatConfirmed');
});

test('a rest below the smallest order value cannot be closed: alarm that says so', () => {
  const { bench } = trading(20_000);
  const number = bench.core.workingOrders[0]!.orderNumber;
  bench.kill();
  bench.wait(500);
  bench.input(RecordKind.intentKillReset);
  bench.fill(number, 3);
  bench.kill();
  bench.wait(5_500);
  assert.equal(state(bench), 'alarm');
  assert.match(bench.core.killView().detail, /at least 5 USDT/);
});

test('all instruments of the process are killed together', () => {
  const bench = new Bench({ instruments: [testInstrument(), testInstrument({ index: 1, symbol: 'ETHUSDT' })] });
  const venue = new ObedientVenue(bench);
  bench.up();
  for (const i of [0, 1]) {
    bench.snapshot([[299_999, 900_000]], [[300_001, 900_000]], i);
    bench.place(Side.buy, 300_000, 5_000, RecordFlag.immediateOrCancel, i);
    bench.place(Side.sell, 301_000, 5_000, 0, i);
  }
  assert.equal(venue.resting.size, 2);
  bench.kill();
  bench.wait(500);
  assert.equal(state(bench), 'flatConfirmed');
  assert.deepEqual([bench.core.positionView(0).positionLots, bench.core.positionView(1).positionLots], [0, 0]);
  assert.equal(bench.core.workingOrders.length, 0);
});

test('after a restart an unfinished kill is taken up again, a finished one still blocks', () => {
  const { bench, venue } = trading(20_000);
  venue.answersCancels = false;
  bench.kill();
  const next = new Bench({ sessionNumber: 2 });
  bench.restoreInto(next.core);
  next.core.finishRestore(0);
  const nextVenue = new ObedientVenue(next);
  for (const number of venue.resting) nextVenue.resting.add(number);
  assert.equal(state(next), 'cancelling');
  next.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  next.up();
  next.wait(1_000);
  assert.equal(state(next), 'flatConfirmed');
  assert.equal(next.positionLots, 0);

  const third = new Bench({ sessionNumber: 3 });
  bench.restoreInto(third.core);
  next.restoreInto(third.core);
  third.core.finishRestore(0);
  assert.equal(state(third), 'flatConfirmed');
  third.up();
  third.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  assert.equal(third.place(Side.buy, 6_000_000, 1_000), 0);
});
