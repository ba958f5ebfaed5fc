import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRiskRails, type RiskRails } from '../contract/risk-rails.ts';
import { checkRails } from './check-rails.ts';

test('the default rails pass unchanged', () => {
  assert.deepEqual(checkRails({ ...defaultRiskRails }), defaultRiskRails);
});

test('a rail that is not set is an error that names it', () => {
  for (const field of Object.keys(defaultRiskRails) as (keyof RiskRails)[]) {
    const { [field]: _left, ...rest } = defaultRiskRails;
    assert.throws(() => checkRails(rest), new RegExp(`rails\\.${field}: expected a number above 0, was missing`));
  }
});

test('what is no limit is refused, naming field and value', () => {
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, null, '5', true, {}]) {
    assert.throws(() => checkRails({ ...defaultRiskRails, maxOrderValue: value }), /rails\.maxOrderValue: expected/);
  }
  assert.throws(() => checkRails({ ...defaultRiskRails, maxOpenOrders: 1.5 }), /whole number, was 1\.5/);
  assert.throws(() => checkRails({ ...defaultRiskRails, priceCollarBps: 10_000 }), /priceCollarBps: expected below/);
  assert.throws(() => checkRails({ ...defaultRiskRails, maxOrdersPerSecond: 1e6 }), /at most 10000, was 1000000/);
  assert.throws(() => checkRails({ ...defaultRiskRails, maxOrdrSize: 1 }), /was "maxOrdrSize"/);
  for (const value of [null, undefined, 5, []]) assert.throws(() => checkRails(value), /risk rails as an object/);
});
