import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes } from './byte-text.ts';
import { DecimalReader, DecimalResult } from './decimal-reader.ts';
import { readInteger, readQuotedSteps, skipMember, skipScalar } from './scan-values.ts';

const out = new Float64Array(1);
const behind = fc.constantFrom(',', ']', '}');

function steps(text: string, decimals: number, units: number): number | undefined {
  const bytes = asciiBytes(`"${text}",}`);
  const at = readQuotedSteps(bytes, 0, decimals, units, out, 0);
  if (at < 0) return undefined;
  assert.equal(at, text.length + 2);
  return out[0] as number;
}

/** The other way to read a decimal: digit by digit, exact or not at all. */
function exactSteps(text: string, decimals: number, units: number): number | undefined {
  const reader = new DecimalReader();
  const bytes = asciiBytes(text);
  return reader.read(bytes, 0, bytes.length, decimals, units) === DecimalResult.exact ? reader.steps : undefined;
}

const digits = (max: number) => fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: max }).map((all) => all.join(''));
const decimal = fc
  .tuple(fc.integer({ min: 1, max: 9 }), digits(13), digits(10), fc.nat(8))
  .map(([first, whole, fraction, zeros]) => {
    const part = `${fraction}${'0'.repeat(zeros)}`;
    return part === '' ? `${first}${whole}` : `${first}${whole}.${part}`;
  });

test('a plain decimal becomes the steps that digit-by-digit reading gives, or is left to it', () => {
  fc.assert(
    fc.property(decimal, fc.nat(9), fc.constantFrom(1, 5, 25, 1000), (text, decimals, units) => {
      assert.equal(steps(text, decimals, units), exactSteps(text, decimals, units), text);
    }),
    { numRuns: 3000 },
  );
});

test('what is not plain is refused, never guessed', () => {
  for (const text of ['', '.5', '5.', '-1.00', '1e5', '1E5', ' 1', '1 ', '1.0.0', '9007199254740992', '1,0', '+1']) {
    assert.equal(steps(text, 0, 1), undefined, text);
  }
  assert.equal(steps('9007199254740991', 0, 1), 2 ** 53 - 1);
  assert.equal(steps('90071992.54740991', 8, 1), 2 ** 53 - 1);
  assert.equal(steps('90071992.54740992', 8, 1), undefined);
  assert.equal(steps('61602.015', 2, 1), undefined);
  assert.equal(steps(`${'0'.repeat(50)}1`, 0, 1), undefined);
});

test('integers from 0 to 2^53 - 1 and nothing else', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), behind, (value, next) => {
      const text = String(value);
      assert.equal(readInteger(asciiBytes(`${text}${next}}`), 0, out, 0), text.length);
      assert.equal(out[0], value);
    }),
    { numRuns: 1000 },
  );
  for (const text of ['', '01', '1.0', '1e3', '-1', '9007199254740992', '99999999999999999999', 'x']) {
    assert.equal(readInteger(asciiBytes(`${text}}`), 0, out, 0), -1, text);
  }
});

test('scalars and members are stepped over; lists, objects and escapes are not', () => {
  const end = (text: string) => skipScalar(asciiBytes(`${text}}`), 0);
  for (const text of ['true', 'false', 'null', '12', '"text"', '""']) assert.equal(end(text), text.length);
  for (const text of ['[1]', '{}', '"a\\"b"', '1.5', 'nul', '"open']) assert.equal(end(text), -1, text);
  assert.equal(skipMember(asciiBytes('"ps":"BTCUSD",}'), 0), 13);
  assert.equal(skipMember(asciiBytes('"ps" :1}'), 0), -1);
});
