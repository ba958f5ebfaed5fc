import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSteps } from '../../contract/units.ts';
import { parseExchangeInfo } from './exchange-info.ts';
import { InstrumentTable } from '../instrument-table.ts';
import { StepFormatter } from './step-formatter.ts';
import { instrument } from './venue.test-support.ts';

const fees = { makerFee: 0.0008, takerFee: 0.001 };
const symbol = (name: string, tick: string, step: string, extra: object = {}) => ({
  symbol: name,
  status: 'TRADING',
  baseAsset: name.slice(0, -4),
  quoteAsset: name.slice(-4),
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1000000.00', tickSize: tick },
    { filterType: 'LOT_SIZE', minQty: step, maxQty: '9000.0', stepSize: step },
    { filterType: 'NOTIONAL', minNotional: '5.00000000' },
  ],
  ...extra,
});
const encode = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));

test('instruments come with steps free of trailing zeros; what cannot be traded with limit orders is left out', () => {
  const specs = parseExchangeInfo(
    encode({
      symbols: [
        symbol('BTCUSDT', '0.01000000', '0.00001000'),
        symbol('OLDUSDT', '0.01', '1', { status: 'BREAK' }),
        symbol('ODDUSDT', '0.01', '1', { filters: [] }),
        symbol('PEPEUSDT', '0.00000001', '1.00000000'),
      ],
    }),
    fees,
  );
  assert.deepEqual(specs, [
    { ...instrument(0, 'BTCUSDT', '0.01', '0.00001'), minNotional: 5, ...fees },
    { ...instrument(1, 'PEPEUSDT', '0.00000001', '1'), minNotional: 5, ...fees },
  ]);
});

test('a body that is no exchangeInfo, or a broken step, is named', () => {
  assert.throws(() => parseExchangeInfo(encode({ code: -1003 }), fees), /Expected exchangeInfo with a list of symbols/);
  assert.throws(() => parseExchangeInfo(new Uint8Array([123]), fees), /Expected exchangeInfo as JSON/);
  assert.throws(
    () => parseExchangeInfo(encode({ symbols: [symbol('BTCUSDT', 'x', '1')] }), fees),
    /BTCUSDT tickSize: expected a decimal number, was "x"/,
  );
});

test('R20: the quick formatter writes what the exact one writes', () => {
  const step = fc.constantFrom('1', '10', '0.1', '0.05', '0.01', '0.25', '0.00001', '0.00000001');
  fc.assert(
    fc.property(step, fc.oneof(fc.nat(2 ** 31), fc.integer({ min: 0, max: 2 ** 48 })), (unit, steps) => {
      assert.equal(new StepFormatter(unit).format(steps), formatSteps(steps, unit));
    }),
  );
  assert.throws(() => new StepFormatter('0.01').format(1.5), /whole number of steps from 0, was 1.5/);
  assert.throws(() => new StepFormatter('0.01').format(-1), /was -1/);
});

test('symbols are found by their bytes, among hundreds', () => {
  const specs = Array.from({ length: 500 }, (_, i) => instrument(i, `A${i}USDT`, '0.01', '1'));
  const table = new InstrumentTable(specs);
  for (const { symbol: name, index } of specs) {
    const bytes = new TextEncoder().encode(`x${name}y`);
    assert.equal(table.find(bytes, 1, bytes.length - 1), index);
    assert.equal(table.find(bytes, 1, bytes.length), -1);
  }
  assert.throws(() => new InstrumentTable([]), /at least one instrument/);
  assert.throws(
    () => new InstrumentTable([...specs.slice(0, 2), { ...(specs[1] as (typeof specs)[0]), index: 2 }]),
    /twice/,
  );
});
