import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSteps } from '../../engine/contract/units.ts';
import { createStepFormatter, groupThousands, sizeDisplayDecimals } from './step-formatter.ts';

test('agrees with the exact formatter for every unit and step', () => {
  const units = ['0.01', '0.00001', '1', '0.5', '0.25', '5', '0.00000001', '1000'];
  const formatters = new Map(units.map((unit) => [unit, createStepFormatter(unit)]));
  fc.assert(
    fc.property(
      fc.constantFrom(...units),
      fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
      (unit, steps) => {
        assert.equal(formatters.get(unit)?.(steps), formatSteps(steps, unit));
      },
    ),
    { numRuns: 2000 },
  );
});

test('fewer decimals never show an existing size as zero', () => {
  const format = createStepFormatter('0.00001', 3);
  assert.deepEqual([0, 1, 99, 100, 123456, -1].map(format), ['0.000', '0.001', '0.001', '0.001', '1.234', '-0.001']);
});

test('display decimals follow the price', () => {
  assert.deepEqual(
    [61000, 3000, 150, 0.5, 0].map((price) => sizeDisplayDecimals(price, 5)),
    [3, 2, 1, 0, 3],
  );
});

test('groups thousands left of the point only', () => {
  assert.deepEqual(['1', '1234', '-1234567.1234', '999.9999'].map(groupThousands), [
    '1',
    '1,234',
    '-1,234,567.1234',
    '999.9999',
  ]);
});
