import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BookState, OrderSource, RailCode, RecordFlag, RecordKind } from '../contract/record.ts';
import type { RiskRails } from '../contract/risk-rails.ts';
import { Side } from '../contract/units.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { Bench } from './trading-core.test-support.ts';

const spec = testInstrument();
const quote = Number(spec.tickSize) * Number(spec.lotSize);
const INTENTS_PER_RUN = 500;
const RUNS = 240;

/** Deterministic stream of numbers in 0..1 from a seed that fast-check chooses and shrinks. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One run: random intents, fills, cancels, book moves and rail changes; every order that leaves is held to the limits. */
function run(seed: number, refused: Set<number>): { intents: number; sent: number } {
  const random = randomFrom(seed);
  const pick = (n: number): number => Math.floor(random() * n);
  let rails: RiskRails = {
    maxOrderSize: 0.5,
    maxPosition: 1.2,
    maxOrderValue: 25_000,
    priceCollarBps: 50,
    maxOrdersPerSecond: 4,
    maxDailyLoss: 40,
    maxOpenOrders: 6,
  };
  const bench = new Bench({ rails });
  const { core } = bench;
  let mid = 6_000_000;
  let book: BookState = BookState.live;
  let up = false;
  let position = 0;
  let cash = 0;
  const open = new Map<number, { buy: boolean; lots: number }>();
  const times: number[] = [];

  bench.onAction = (sent) => {
    if (sent.what !== 'place') return;
    const { side, priceTicks, sizeLots, orderNumber } = sent;
    const buy = side === Side.buy;
    // Held to the limits by what this test knows itself, not by what the core believes.
    assert.ok(up, 'order entry is up');
    assert.ok(book === BookState.live, 'no order with a bad book');
    assert.ok(sizeLots > 0 && sizeLots * 1e-5 <= rails.maxOrderSize + 1e-9, `size ${sizeLots}`);
    const value = sizeLots * priceTicks * quote;
    assert.ok(value <= rails.maxOrderValue && value >= spec.minNotional, `value ${value}`);
    assert.ok((Math.abs(priceTicks - mid) / mid) * 1e4 <= rails.priceCollarBps + 1e-6, `price ${priceTicks} at ${mid}`);
    let sameSide = sizeLots;
    for (const other of open.values()) if (other.buy === buy) sameSide += other.lots;
    const worst = buy ? position + sameSide : position - sameSide;
    const reducing = buy ? position < 0 && worst <= 0 : position > 0 && worst >= 0;
    assert.ok(reducing || Math.abs(worst) * 1e-5 <= rails.maxPosition + 1e-9, `worst position ${worst}`);
    if ((sent.flags & RecordFlag.reduceOnly) !== 0) assert.ok(reducing, 'reduce-only reduces');
    const net = (cash + position * mid) * quote;
    assert.ok(reducing || -net < rails.maxDailyLoss, `day's result ${net}`);
    assert.ok(open.size < rails.maxOpenOrders, `${open.size} open orders`);
    times.push(bench.timeNs);
    const second = times.filter((t) => t > bench.timeNs - 1e9).length;
    assert.ok(second <= rails.maxOrdersPerSecond, `${second} orders a second`);
    open.set(orderNumber, { buy, lots: sizeLots });
  };

  const setBook = (): void => bench.snapshot([[mid - 1, 1_000_000]], [[mid + 1, 1_000_000]]);
  bench.up();
  up = true;
  setBook();
  let intents = 0;
  let sent = 0;
  while (intents < INTENTS_PER_RUN) {
    bench.timeNs += pick(120) * 1e6;
    const dice = random();
    if (dice < 0.7) {
      intents++;
      const flags =
        (random() < 0.2 ? RecordFlag.reduceOnly : 0) |
        (random() < 0.2 ? RecordFlag.postOnly : 0) |
        (random() < 0.2 ? RecordFlag.immediateOrCancel : 0);
      const size = random() < 0.05 ? pick(3) - 1 : Math.ceil(10 ** (random() * 5));
      const price = random() < 0.05 ? pick(3) * 3_000_000 : Math.round(mid * (1 + (random() - 0.5) * 0.012));
      const side = random() < 0.02 ? Side.none : random() < 0.5 ? Side.buy : Side.sell;
      const number = bench.place(side, price, size, flags);
      if (number !== 0) sent++;
      assert.equal(number !== 0, core.intentOutcome.ok);
    } else if (dice < 0.85 && open.size > 0) {
      // Fill, wholly or partly, or cancel one of the open orders.
      const [number, order] = [...open][pick(open.size)]!;
      if (random() < 0.3) {
        open.delete(number);
        bench.cancelled(number);
      } else {
        const lots = random() < 0.5 ? order.lots : Math.ceil(random() * order.lots);
        const price = core.order(number)!.priceTicks;
        order.lots -= lots;
        if (order.lots === 0) open.delete(number);
        position += order.buy ? lots : -lots;
        cash -= (order.buy ? lots : -lots) * price;
        bench.fill(number, lots);
      }
    } else if (dice < 0.93) {
      mid = Math.max(1_000_000, mid + pick(8_001) - 4_000);
      setBook();
      book = BookState.live;
    } else if (dice < 0.95) {
      book = random() < 0.5 ? BookState.stale : BookState.live;
      bench.bookState(book);
    } else if (dice < 0.97) {
      up = !up;
      if (up) bench.up();
      else bench.down();
    } else if (dice < 0.985) {
      rails = { ...rails, maxOrderSize: 0.1 + random() * 0.9, maxOpenOrders: 1 + pick(8) };
      bench.input(RecordKind.intentRails, (s) => s.setText(JSON.stringify(rails)));
      assert.ok(core.intentOutcome.ok);
    } else if (dice < 0.988) {
      // Broken rails must change nothing.
      bench.input(RecordKind.intentRails, (s) => s.setText(JSON.stringify({ ...rails, maxPosition: -5 })));
      assert.equal(core.intentOutcome.ok, false);
    }
  }
  assert.equal(bench.positionLots, position);
  assert.equal(sent, bench.records(RecordKind.orderSubmitted).length);
  assert.equal(intents - sent, core.counters.blockedByRisk);
  assert.equal(
    core.counters.blockedByCode.reduce((a, b) => a + b, 0),
    core.counters.blockedByRisk,
  );
  for (const record of bench.records(RecordKind.orderSubmitted)) assert.equal(record.aux, OrderSource.manual);
  core.counters.blockedByCode.forEach((count, code) => {
    if (count > 0) refused.add(code);
  });
  return { intents, sent };
}

test('property: of 120,000 random intents, no order that leaves breaks any limit', () => {
  let intents = 0;
  let sent = 0;
  const refused = new Set<number>();
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const result = run(seed, refused);
      intents += result.intents;
      sent += result.sent;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  assert.ok(intents >= 100_000, `expected at least 100,000 intents, was ${intents}`);
  // Every rail has refused something; only the kill switch and a missing price do not come up here.
  const expected = Object.values(RailCode).filter((c) => c !== RailCode.killSwitch && c !== RailCode.noReferencePrice);
  assert.deepEqual(
    [...refused].sort((a, b) => a - b),
    expected.sort((a, b) => a - b),
  );
  // Neither everything refused nor everything let through: the test has seen both sides of the rails.
  assert.ok(sent > intents * 0.05 && sent < intents * 0.95, `${sent} of ${intents} sent`);
});
