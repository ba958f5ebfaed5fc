import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Side } from '../contract/units.ts';
import { Position } from './position.ts';
import { testInstrument } from '../market/instrument.test-support.ts';

const spec = testInstrument();
const quote = Number(spec.tickSize) * Number(spec.lotSize);

test('a long is averaged, partly closed and flipped through zero', () => {
  const position = new Position(spec);
  position.applyFill(Side.buy, 100, 2, 0);
  position.applyFill(Side.buy, 130, 4, 0);
  assert.equal(position.averagePriceTicks, 120);
  assert.equal(position.unrealizedPnl(125), 6 * 5 * quote);
  position.applyFill(Side.sell, 150, 3, 0);
  assert.equal(position.averagePriceTicks, 120);
  assert.equal(position.realizedPnl, 90 * quote);
  position.applyFill(Side.sell, 110, 5, 0);
  assert.equal(position.positionLots, -2);
  assert.equal(position.averagePriceTicks, 110);
  assert.equal(position.realizedPnl, (90 - 30) * quote);
  assert.equal(position.unrealizedPnl(100), 20 * quote);
  position.applyFill(Side.buy, 111, 2, 0.5);
  assert.equal(position.averagePriceTicks, 0);
  assert.equal(position.netPnl(100), 58 * quote - 0.5);
});

test('an unknown mark gives no unrealised PnL', () => {
  const position = new Position(spec);
  position.applyFill(Side.buy, 100, 1, 0);
  assert.equal(position.unrealizedPnl(0), 0);
  assert.equal(position.unrealizedPnl(Number.NaN), 0);
});

test('turnover beyond exact integers is refused', () => {
  const position = new Position(spec);
  assert.throws(() => position.applyFill(Side.buy, 2 ** 40, 2 ** 20, 0), /2\^53/);
});

interface Fill {
  buy: boolean;
  price: number;
  lots: number;
  fee: number;
}

/** Oracle: total PnL by cash flow, average cost by matching lot by lot at the running average, with exact fractions. */
function recompute(fills: Fill[]): { lots: number; cash: bigint; average: number; fees: number } {
  let lots = 0;
  let cash = 0n;
  let fees = 0;
  let average = 0;
  for (const { buy, price, lots: size, fee } of fills) {
    fees += fee;
    cash += BigInt(price) * BigInt(size) * (buy ? -1n : 1n);
    for (let i = 0; i < size; i++) {
      const step = buy ? 1 : -1;
      if (lots === 0 || Math.sign(lots) === step) average = (average * Math.abs(lots) + price) / (Math.abs(lots) + 1);
      lots += step;
      if (lots === 0) average = 0;
    }
  }
  return { lots, cash, average, fees };
}

test('property: any fills give the position, cash, average and PnL of a naive recomputation', () => {
  const fill = fc.record({
    buy: fc.boolean(),
    price: fc.integer({ min: 1, max: 10_000_000 }),
    lots: fc.integer({ min: 1, max: 40 }),
    fee: fc.integer({ min: -100, max: 1_000 }).map((n) => n / 1_000),
  });
  fc.assert(
    fc.property(fc.array(fill, { maxLength: 60 }), fc.integer({ min: 1, max: 10_000_000 }), (fills, mark) => {
      const position = new Position(spec);
      for (const f of fills) position.applyFill(f.buy ? Side.buy : Side.sell, f.price, f.lots, f.fee);
      const naive = recompute(fills);
      assert.equal(position.positionLots, naive.lots);
      assert.equal(BigInt(position.cashTickLots), naive.cash);
      assert.ok(Math.abs(position.fees - naive.fees) < 1e-9);
      assert.ok(Math.abs(position.averagePriceTicks - naive.average) <= 1e-6 * Math.max(1, naive.average));
      // Whatever the split into realised and unrealised, their sum is cash plus the position at the mark.
      const total = Number(naive.cash + BigInt(naive.lots) * BigInt(mark)) * quote;
      const split = position.realizedPnl + position.unrealizedPnl(mark);
      assert.ok(Math.abs(split - total) <= 1e-9 * Math.max(1, Math.abs(total)), `expected ${total}, was ${split}`);
      if (naive.lots === 0) assert.equal(position.realizedPnl, Number(naive.cash) * quote);
    }),
    { numRuns: 500 },
  );
});
