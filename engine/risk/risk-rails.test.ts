import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, OrderSource, RailCode } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import { Side } from '../contract/units.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { railReason } from './rail-reason.ts';
import { RiskContext, RiskRailsCheck } from './risk-rails.ts';

const spec = testInstrument({ makerFee: 0, takerFee: 0 });
const rails = { ...defaultRiskRails, maxOrderSize: 1, maxPosition: 2, maxOrderValue: 50_000, maxOrdersPerSecond: 3 };

/** A good order: buy 0.1 BTC at 60,000 with the reference there. */
function good(patch: Partial<RiskContext> = {}): RiskContext {
  return Object.assign(new RiskContext(), {
    timeNs: 0,
    source: OrderSource.manual,
    side: Side.buy,
    priceTicks: 6_000_000,
    sizeLots: 10_000,
    bookState: BookState.live,
    referenceTicks: 6_000_000,
    orderEntryUp: true,
    ...patch,
  });
}
function check(patch: Partial<RiskContext>): number {
  return new RiskRailsCheck([spec], rails).check(0, good(patch));
}

test('each rail refuses what lies beyond it, and lets pass what lies on it', () => {
  const cases: [Partial<RiskContext>, number][] = [
    [{}, 0],
    [{ side: Side.none }, RailCode.invalidOrder],
    [{ sizeLots: 0 }, RailCode.invalidOrder],
    [{ sizeLots: 1.5 }, RailCode.invalidOrder],
    [{ sizeLots: Number.NaN }, RailCode.invalidOrder],
    [{ priceTicks: -1 }, RailCode.invalidOrder],
    [{ postOnly: true, immediateOrCancel: true }, RailCode.invalidOrder],
    [{ orderEntryUp: false }, RailCode.orderEntryDown],
    [{ killActive: true }, RailCode.killSwitch],
    [{ bookState: BookState.syncing }, RailCode.bookNotLive],
    [{ bookState: BookState.stale }, RailCode.bookNotLive],
    [{ referenceTicks: 0 }, RailCode.noReferencePrice],
    [{ referenceTicks: Number.NaN }, RailCode.noReferencePrice],
    [{ priceTicks: 6_060_000 }, 0],
    [{ priceTicks: 6_060_001 }, RailCode.priceCollar],
    [{ priceTicks: 5_940_000 }, 0],
    [{ priceTicks: 5_939_999 }, RailCode.priceCollar],
    [{ sizeLots: 83_333 }, 0],
    [{ sizeLots: 83_334 }, RailCode.maxOrderValue],
    [{ sizeLots: 100_001 }, RailCode.maxOrderSize],
    [{ sizeLots: 8 }, RailCode.minNotional],
    [{ sizeLots: 9 }, 0],
    [{ positionLots: 190_000 }, 0],
    [{ positionLots: 190_001 }, RailCode.maxPosition],
    [{ positionLots: 100_000, workingBuyLots: 90_001 }, RailCode.maxPosition],
    [{ positionLots: 100_000, workingSellLots: 90_001 }, 0],
    [{ side: Side.sell, positionLots: -190_001 }, RailCode.maxPosition],
    [{ reduceOnly: true }, RailCode.notReducing],
    [{ reduceOnly: true, positionLots: -10_000 }, 0],
    [{ reduceOnly: true, positionLots: -10_000, workingBuyLots: 1 }, RailCode.notReducing],
    [{ dayPnl: -1_000 }, RailCode.dailyLoss],
    [{ dayPnl: -999.99 }, 0],
    [{ dayPnl: -5_000, positionLots: -10_000 }, 0],
    [{ dayPnl: -5_000, positionLots: -9_999 }, RailCode.dailyLoss],
    [{ openOrders: 50 }, RailCode.tooManyOpenOrders],
  ];
  for (const [patch, expected] of cases) assert.equal(check(patch), expected, JSON.stringify(patch));
});

test('a position beyond the limit may still be reduced', () => {
  assert.equal(check({ side: Side.sell, positionLots: 500_000 }), 0);
  assert.equal(check({ side: Side.buy, positionLots: 500_000 }), RailCode.maxPosition);
});

test('the kill switch passes where it must, and is held to size, value, collar and reducing', () => {
  const kill = { source: OrderSource.killSwitch, reduceOnly: true, positionLots: -50_000 };
  const badWorld = { killActive: true, bookState: BookState.gap, openOrders: 99, dayPnl: -9e9 };
  assert.equal(check({ ...kill, ...badWorld }), 0);
  assert.equal(check({ ...kill, priceTicks: 6_060_001 }), RailCode.priceCollar);
  assert.equal(check({ ...kill, sizeLots: 50_001 }), RailCode.notReducing);
  assert.equal(check({ ...kill, referenceTicks: 0 }), RailCode.noReferencePrice);
});

test('the order rate is a sliding second', () => {
  const check = new RiskRailsCheck([spec], rails);
  const at = (ms: number): number => {
    const code = check.check(0, good({ timeNs: ms * 1e6 }));
    if (code === 0) check.countMessage(ms * 1e6);
    return code;
  };
  assert.deepEqual([at(0), at(400), at(800), at(999)], [0, 0, 0, RailCode.orderRate]);
  assert.deepEqual([at(1_000), at(1_399), at(1_400)], [0, RailCode.orderRate, 0]);
});

test('bad new rails leave the old ones in force', () => {
  const check = new RiskRailsCheck([spec], rails);
  assert.throws(() => check.replace({ ...rails, maxOrderSize: -1 }), /maxOrderSize/);
  assert.equal(check.rails.maxOrderSize, 1);
  check.replace({ ...rails, maxOrderSize: 0.05 });
  assert.equal(check.check(0, good()), RailCode.maxOrderSize);
});

test('every refusal has a line for the user with what was expected', () => {
  for (const code of Object.values(RailCode)) {
    const text = railReason(code, 7, spec, good());
    assert.match(text, /xpected|wait/, text);
    assert.doesNotMatch(text, /undefined|NaN|^Rail /);
  }
});

test('a figure that is no number refuses the order, whichever it is', () => {
  const figures = ['referenceTicks', 'positionLots', 'workingBuyLots', 'dayPnl', 'priceTicks', 'sizeLots'] as const;
  for (const figure of figures) assert.notEqual(check({ [figure]: Number.NaN }), 0, figure);
  const selling = { side: Side.sell, workingSellLots: Number.NaN };
  assert.equal(check(selling), RailCode.maxPosition);
  assert.equal(check({ ...selling, positionLots: 100_000 }), RailCode.maxPosition, 'nor does it count as reducing');
});
