import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toSteps } from '../../contract/units.ts';
import { BTC_TICKS, KRW_TICKS, tickBandsOf, tickSizeNear, USDT_TICKS, UpbitTickTable } from './upbit-tick-table.ts';

const FINEST = '0.00000001';
const tables = [KRW_TICKS, BTC_TICKS, USDT_TICKS];

test('every coarser tick is a multiple of every finer one, and every band begins at an order price of both sides', () => {
  for (const table of tables) {
    for (let i = 0; i + 1 < table.length; i++) {
      const [upper, lower] = [table[i], table[i + 1]] as [(typeof table)[0], (typeof table)[0]];
      assert.equal(toSteps(upper.tick, FINEST) % toSteps(lower.tick, FINEST), 0, `${upper.tick} over ${lower.tick}`);
      assert.ok(toSteps(upper.from, FINEST) > toSteps(lower.from, FINEST));
      assert.equal(toSteps(upper.from, FINEST) % toSteps(upper.tick, FINEST), 0);
    }
    assert.equal(table.at(-1)?.from, '0');
  }
});

test('the table of 2025-07-31, band by band', () => {
  const cases: [price: string, tick: string][] = [
    ['2000000', '1000'],
    ['1000000', '1000'],
    ['999500', '500'],
    ['500000', '500'],
    ['499900', '100'],
    ['100000', '100'],
    ['99950', '50'],
    ['50000', '50'],
    ['49990', '10'],
    ['10000', '10'],
    ['9995', '5'],
    ['5000', '5'],
    ['4999', '1'],
    ['1000', '1'],
    ['100', '1'],
    ['99.9', '0.1'],
    ['10', '0.1'],
    ['9.99', '0.01'],
    ['0.999', '0.001'],
    ['0.0999', '0.0001'],
    ['0.00999', '0.00001'],
    ['0.000999', '0.000001'],
    ['0.0000999', '0.0000001'],
    ['0.00000999', '0.00000001'],
  ];
  const table = new UpbitTickTable({ tickSize: FINEST }, KRW_TICKS);
  for (const [price, tick] of cases) {
    assert.equal(table.stepTicks(toSteps(price, FINEST)), toSteps(tick, FINEST), price);
    assert.ok(table.isOrderPrice(toSteps(price, FINEST)), price);
  }
  assert.equal(table.isOrderPrice(toSteps('1000500', FINEST)), false);
  assert.equal(table.isOrderPrice(toSteps('5001', FINEST)), false);
  assert.equal(table.isOrderPrice(0), false);
});

test('floor and ceil are the nearest order prices, and an order price is its own', () => {
  fc.assert(
    fc.property(fc.constantFrom(...tables), fc.integer({ min: 1, max: 9e14 }), (bands, raw) => {
      const table = new UpbitTickTable({ tickSize: FINEST }, bands);
      const floor = table.floor(raw);
      const ceil = table.ceil(raw);
      assert.ok(floor <= raw && raw <= ceil);
      if (floor > 0) assert.ok(table.isOrderPrice(floor), `floor ${floor}`);
      assert.ok(table.isOrderPrice(ceil), `ceil ${ceil}`);
      assert.equal(table.isOrderPrice(raw), floor === raw);
      assert.equal(ceil === raw, floor === raw);
      if (floor !== raw) assert.equal(table.ceil(floor + 1), ceil);
    }),
    { numRuns: 2000 },
  );
});

test("a symbol's tick holds every order price from a tenth of its reference price up, and stays exact at 1e9", () => {
  const references = fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: -7, max: 3 })).map(([m, e]) => {
    const text = e >= 0 ? `${m}${'0'.repeat(e)}` : `${m}`.padStart(1 - e, '0');
    return e >= 0 ? text : `${text.slice(0, e)}.${text.slice(e)}`;
  });
  fc.assert(
    fc.property(references, fc.double({ min: 0.1, max: 50, noNaN: true }), (reference, factor) => {
      const tickSize = tickSizeNear(KRW_TICKS, reference);
      const own = toSteps(tickSize, FINEST);
      const finest = new UpbitTickTable({ tickSize: FINEST }, KRW_TICKS);
      const price = finest.ceil(Math.min(9e15, Math.ceil(toSteps(reference, FINEST) * factor)));
      assert.equal(price % own, 0, `price ${price} at tick ${tickSize} of reference ${reference}`);
      // In the instrument's own ticks the table says the same.
      const coarse = new UpbitTickTable({ tickSize }, KRW_TICKS);
      assert.equal(coarse.isOrderPrice(price / own), true);
      assert.equal(coarse.stepTicks(price / own) * own, finest.stepTicks(price));
    }),
    { numRuns: 2000 },
  );
  assert.equal(tickSizeNear(KRW_TICKS, '1000000000'), '1000');
  assert.equal(tickSizeNear(KRW_TICKS, '150000000.0'), '1000');
  assert.equal(tickSizeNear(KRW_TICKS, '1050000'), '100');
  assert.equal(tickSizeNear(KRW_TICKS, '127.0'), '0.1');
  assert.equal(tickSizeNear(KRW_TICKS, '0.0123'), '0.00001');
});

test('tables by quote asset', () => {
  assert.equal(tickBandsOf('KRW'), KRW_TICKS);
  assert.equal(tickBandsOf('BTC'), BTC_TICKS);
  assert.equal(tickBandsOf('USDT'), USDT_TICKS);
  assert.throws(() => tickBandsOf('EUR'), /^RangeError: Expected quote asset KRW, BTC or USDT, was EUR/);
});
