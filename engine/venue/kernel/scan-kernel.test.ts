import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecimalReader, DecimalResult } from '../decimal-reader.ts';
import { defineMembers, defineTexts, defineWords, LevelRows, Part } from './member-table.ts';
import { FIRST_ROW, HALF_OF_LEVELS, kernelLevels, kernelPlaces, kernelValues, scanPayloadOf } from './scan-kernel.ts';

const utf8 = new TextEncoder();
const one = { decimals: 0, units: 1 };
const inner = defineMembers([{ names: ['v'], part: Part.integer, at: 0 }], 1);
const all = { optional: true, at: 0 } as const;
const table = defineMembers(
  [
    { names: ['text'], part: Part.priceText, ...all },
    { names: ['number'], part: Part.priceNumber, ...all },
    { names: ['integer'], part: Part.integer, ...all },
    { names: ['quoted'], part: Part.quotedInteger, ...all },
    { names: ['signed'], part: Part.signedInteger, ...all },
    { names: ['sum'], part: Part.sum, ...all },
    { names: ['id'], part: Part.longInteger, ...all },
    { names: ['word'], part: Part.word, ...all, of: defineWords([{ text: '"a"', at: 7 }]) },
    { names: ['levels'], part: Part.levels, ...all, of: LevelRows.withCounts },
    { names: ['times'], part: Part.levels, ...all, of: LevelRows.withTime },
    { names: ['units'], part: Part.units, ...all, of: defineTexts(['{"a":', ',"b":', ',"c":', ',"d":']) },
    { names: ['content'], part: Part.content, ...all, of: inner },
    { names: ['a_name_of_twentyone'], part: Part.integer, ...all },
    { names: ['never'], part: Part.refused },
  ],
  20,
);

/** The first value of `{"member":json}`; undefined where the kernel refuses it. */
function read(member: string, json: string, price = one, size = one): number | undefined {
  kernelValues[0] = Number.NaN;
  return scanPayloadOf(utf8.encode(`{"${member}":${json}}`), table, price, size) ? kernelValues[0] : undefined;
}

/** The other way to read a decimal: digit by digit, exact or not at all. */
function exactSteps(text: string, decimals: number, units: number): number | undefined {
  const reader = new DecimalReader();
  const bytes = utf8.encode(text);
  return reader.read(bytes, 0, bytes.length, decimals, units) === DecimalResult.exact ? reader.steps : undefined;
}

const digits = (max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: max }).map((some) => some.join(''));
const decimal = fc
  .tuple(fc.integer({ min: 1, max: 9 }), digits(13), digits(10), fc.nat(8))
  .map(([first, whole, fraction, zeros]) => {
    const part = `${fraction}${'0'.repeat(zeros)}`;
    return part === '' ? `${first}${whole}` : `${first}${whole}.${part}`;
  });

test('a plain decimal becomes the steps that digit-by-digit reading gives, or is left to it', () => {
  fc.assert(
    fc.property(decimal, fc.nat(18), fc.constantFrom(1, 5, 25, 1000), (text, decimals, units) => {
      const scale = { decimals, units };
      const expected = exactSteps(text, decimals, units);
      assert.equal(read('text', `"${text}"`, scale), expected, text);
      assert.equal(read('number', text, scale), expected, text);
    }),
    { numRuns: 6000 },
  );
});

test('a number with an exponent is read below 1, or left to others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), digits(9), fc.integer({ min: 1, max: 12 }), (first, rest, exponent) => {
      const text = `${first}${rest === '' ? '' : `.${rest}`}E-${exponent}`;
      const steps = read('number', text, { decimals: 12, units: 1 });
      const expected = exactSteps(text, 12, 1);
      if (exponent <= 9 || steps !== undefined) assert.equal(steps, expected, text);
    }),
  );
  for (const text of ['1E5', '1E+5', '1E-0', '1E-10', '1E-', '1E', '1e-5x'])
    assert.equal(read('number', text), undefined);
});

test('what is not plain is refused, never guessed', () => {
  for (const text of [
    '',
    '.5',
    '5.',
    '-1.00',
    '1e5',
    '1E5',
    ' 1',
    '1 ',
    '1.0.0',
    '9007199254740992',
    '1,0',
    '+1',
    '01',
  ]) {
    assert.equal(read('text', `"${text}"`), undefined, text);
  }
  const fine = { decimals: 8, units: 1 };
  assert.equal(read('text', '"9007199254740991"'), 2 ** 53 - 1);
  assert.equal(read('text', '"90071992.54740991"', fine), 2 ** 53 - 1);
  assert.equal(read('text', '"90071992.54740992"', fine), undefined);
  assert.equal(read('text', '"61602.015"', { decimals: 2, units: 1 }), undefined);
  assert.equal(read('text', '"61602.01500000"', { decimals: 2, units: 1 }), undefined);
  assert.equal(read('text', `"${'0'.repeat(50)}1"`), undefined);
  assert.equal(read('text', '"1"', { decimals: 19, units: 1 }), undefined);
});

test('integers from 0 to 2^53 - 1 and nothing else; long ones in two halves', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(read('integer', `${value}`), value);
      assert.equal(read('quoted', `"${value}"`), value);
      assert.equal(read('signed', `-${value}`), -value);
      assert.equal(read('a_name_of_twentyone', `${value}`), value);
    }),
    { numRuns: 1000 },
  );
  for (const text of ['', '01', '1.0', '1e3', '-1', '9007199254740992', '99999999999999999999', 'x', '"1"']) {
    assert.equal(read('integer', text), undefined, text);
  }
  fc.assert(
    fc.property(digits(23), (text) => {
      const high = read('id', text);
      if (text === '') assert.equal(high, undefined);
      else assert.equal(BigInt(high as number) * 100_000_000n + BigInt(kernelValues[1] as number), BigInt(text));
    }),
  );
  assert.equal(read('id', '1'.repeat(24)), undefined);
});

test('sums are wholes and units of 1e-8', () => {
  assert.deepEqual([read('sum', '25752275.5542'), kernelValues[1]], [25_752_275, 55_420_000]);
  assert.equal(read('sum', '1.123456789'), undefined);
  assert.equal(read('sum', '99999999999'), undefined);
});

test('scalars that no table knows are stepped over; lists, objects and escapes are not', () => {
  for (const json of ['true', 'false', 'null', '12', '-1.5', '1.5E+3', '"text longer than eight"', '""', '0']) {
    assert.notEqual(read('integer', `5,"other":${json}`), undefined, json);
  }
  for (const json of ['[1]', '{}', '"a\\"b"', 'nul', '"open', '01', '1.', '.1', '1e', '--1', '"\n"', 'truex', '']) {
    assert.equal(read('integer', `5,"other":${json}`), undefined, json);
  }
  assert.equal(read('integer', '5,"integer":6'), undefined);
  assert.equal(read('integer', '5,"never":6'), undefined);
  assert.equal(read('integer', '5} '), undefined);
  assert.equal(read('word', '"a"'), 7);
  assert.equal(read('word', '"b"'), undefined);
});

test('lists of levels, of every kind of row', () => {
  const scale = { decimals: 1, units: 1 };
  assert.equal(read('levels', '[["30261.2","28","0","14"],["5","0.10"]]', scale, scale), 0);
  assert.deepEqual([...kernelLevels.subarray(0, 4)], [302_612, 280, 50, 1]);
  assert.deepEqual([...kernelPlaces.subarray(0, 4)], [1, 0, 0, 2]);
  assert.equal(kernelValues[1], 2);
  assert.equal(read('levels', '[]'), 0);
  for (const rows of [
    '[["0","1"]]',
    '[["1","1"],]',
    '[["1"]]',
    '[["1","1"]',
    '[["1","1",3]]',
    '[["1","1","x"]]',
    '[[]]',
  ]) {
    assert.equal(read('levels', rows), undefined, rows);
  }
  assert.equal(read('times', '[["1","1","1618678133.365913"],["2","1","1618678133.365914","r"]]'), 0);
  assert.equal(read('times', '[["1","1","1618678133365.913"]]'), undefined);
  const unit = (a: number, b: number, c: number, d: number) => `{"a":${a},"b":${b},"c":${c},"d":${d}}`;
  assert.equal(read('units', `[${unit(7, 6, 1, 2)},${unit(8, 5, 3, 4)},${unit(9, 0, 5, 0)}]`), 3);
  assert.deepEqual([...kernelValues.subarray(0, 6)], [3, 2, 9, 0, 6, 0]);
  assert.deepEqual([...kernelLevels.subarray(0, 6)], [7, 1, 8, 3, 9, 5]);
  assert.deepEqual([...kernelLevels.subarray(2 * HALF_OF_LEVELS, 2 * HALF_OF_LEVELS + 4)], [6, 2, 5, 4]);
  for (const rows of [`${unit(7, 6, 1, 2)},${unit(7, 5, 1, 1)}`, unit(0, 6, 1, 2), unit(7, 0, 1, 2), '']) {
    assert.equal(read('units', `[${rows}]`), undefined, rows);
  }
});

test('an object, or rows of them', () => {
  assert.equal(read('content', '{"v":5}'), 5);
  assert.equal(read('content', '[{"v":5},{"v":6}]'), 2);
  assert.deepEqual([kernelValues[FIRST_ROW], kernelValues[FIRST_ROW + 1]], [5, 1]);
  assert.equal(read('content', '[]'), undefined);
});

test('a payload that is too long, or empty, is somebody else’s', () => {
  assert.equal(read('integer', `5,"other":"${'x'.repeat(1 << 20)}"`), undefined);
  assert.equal(scanPayloadOf(new Uint8Array(0), table, one, one), false);
});

test('names and tables that the kernel cannot hold are refused', () => {
  assert.throws(() => defineMembers([{ names: ['x'.repeat(23)], part: Part.unread }]), RangeError);
});
