import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecimalReader, DecimalResult } from './decimal-reader.ts';

const reader = new DecimalReader();
const utf8 = new TextEncoder();

function read(text: string, decimals: number, units: number): number | string {
  // Inside other bytes: the reader must keep to its range.
  const bytes = utf8.encode(`9${text}9`);
  const result = reader.read(bytes, 1, bytes.length - 1, decimals, units);
  if (result === DecimalResult.exact) return reader.steps;
  if (result === DecimalResult.betweenSteps) return `~${reader.steps}`;
  return result === DecimalResult.malformed ? 'malformed' : 'too large';
}

test('prices and sizes as the venues write them', () => {
  assert.equal(read('6727000.0', 0, 1000), 6727);
  assert.equal(read('0.1234', 4, 1), 1234);
  assert.equal(read('1e-8', 8, 1), 1);
  assert.equal(read('6E-8', 8, 1), 6);
  assert.equal(read('9.9E-7', 8, 1), 99);
  assert.equal(read('1.5E+3', 0, 1), 1500);
  assert.equal(read('1000000000', 8, 1), 1e17 > Number.MAX_SAFE_INTEGER ? 'too large' : 1e17);
  assert.equal(read('1000000000', 2, 1), 1e11);
  assert.equal(read('9007199254740991', 0, 1), Number.MAX_SAFE_INTEGER);
  assert.equal(read('9007199254740993', 0, 1), 'too large');
  assert.equal(read('123.00000000', 0, 1), 123);
  assert.equal(read('0', 8, 1), 0);
});

test('what lies between two steps says so, with the nearest', () => {
  assert.equal(read('0.5', 0, 1), '~1');
  assert.equal(read('0.49', 0, 1), '~0');
  assert.equal(read('0.05', 0, 1), '~0');
  assert.equal(read('7', 0, 5), '~1');
  assert.equal(read('7.5', 0, 5), '~2');
  assert.equal(read('1e-30', 8, 1), '~0');
  assert.equal(read('6E-9', 8, 1), '~1');
  assert.equal(read('6E-10', 8, 1), '~0');
});

test('what is no number is malformed', () => {
  for (const text of [
    '',
    '-1',
    '+1',
    '.5',
    '5.',
    '1.2.3',
    '1e',
    '1e+',
    '1e99',
    'NaN',
    'null',
    '0x10',
    '1 2',
    '1'.repeat(61),
  ]) {
    assert.equal(read(text, 2, 1), 'malformed', text);
  }
});

/** Digits with a point and an exponent in any place, and the value as a fraction of big integers. */
const decimals = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.nat(12), fc.integer({ min: -10, max: 10 }), fc.boolean())
  .map(([digits, point, exponent, spelled]) => {
    const all = digits.toString().padStart(point + 1, '0');
    const mantissa = point === 0 ? all : `${all.slice(0, -point)}.${all.slice(-point)}`;
    const shift = spelled ? exponent : 0;
    return { text: spelled ? `${mantissa}E${exponent}` : mantissa, digits, power: shift - point };
  });

test('any decimal agrees with integer arithmetic of any size', () => {
  fc.assert(
    fc.property(decimals, fc.nat(8), fc.constantFrom(1, 2, 5, 25, 1000), ({ text, digits, power }, places, units) => {
      // value * 10^places = digits * 10^(power + places)
      const exponent = power + places;
      const numerator = exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits;
      const denominator = (exponent >= 0 ? 1n : 10n ** BigInt(-exponent)) * BigInt(units);
      const got = read(text, places, units);
      const whole = exponent >= 0 ? numerator : numerator / 10n ** BigInt(-exponent);
      if (whole > BigInt(Number.MAX_SAFE_INTEGER)) {
        assert.equal(got, 'too large', text);
      } else if (numerator % denominator === 0n) {
        assert.equal(got, Number(numerator / denominator), text);
      } else {
        assert.equal(got, `~${(2n * numerator + denominator) / (2n * denominator)}`, text);
      }
    }),
    { numRuns: 5000 },
  );
});

test('exact sums: wholes and 1e-8 apart, beyond what one double counts', () => {
  const sizes = fc.array(fc.bigInt({ min: 0n, max: 10n ** 20n }), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, (values) => {
      const sum = new Float64Array(2);
      for (const value of values) {
        const text = value.toString().padStart(9, '0');
        const bytes = utf8.encode(`${text.slice(0, -8)}.${text.slice(-8)}`);
        assert.ok(reader.addTo(bytes, 0, bytes.length, sum));
      }
      const total = values.reduce((a, b) => a + b, 0n);
      assert.equal(BigInt(sum[0] as number) * 100_000_000n + BigInt(sum[1] as number), total);
    }),
    { numRuns: 500 },
  );
  const sum = new Float64Array(2);
  for (const text of ['6E-8', '9.9E-7', '1.5e1', '0.00000001']) {
    const bytes = utf8.encode(text);
    assert.ok(reader.addTo(bytes, 0, bytes.length, sum));
  }
  assert.deepEqual([...sum], [15, 106]);
  const finer = utf8.encode('0.000000001');
  assert.equal(reader.addTo(finer, 0, finer.length, sum), false);
});
