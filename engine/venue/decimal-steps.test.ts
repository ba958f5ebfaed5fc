import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DecimalSteps, writeDecimal, writeDigits, writeWithoutDot } from './decimal-steps.ts';

const out = new Uint8Array(256);
const written = (end: number) => new TextDecoder().decode(out.subarray(0, end));

describe('decimal steps', () => {
  it('reads exactly and prints every text as it was', () => {
    const text = fc
      .tuple(fc.integer({ min: 0, max: 9_999_999 }), fc.stringMatching(/^[0-9]{0,8}$/), fc.integer({ min: 0, max: 4 }))
      .map(([whole, fraction, zeros]) => {
        const tail = fraction + '0'.repeat(zeros);
        return tail === '' ? String(whole) : `${whole}.${tail}`;
      });
    fc.assert(
      fc.property(text, (sent) => {
        const scale = new DecimalSteps('0.00000001');
        const steps = scale.read(sent, 'x');
        const [whole = '', fraction = ''] = sent.split('.');
        assert.equal(BigInt(steps), BigInt(whole + fraction.slice(0, 8).padEnd(8, '0')));
        if (steps === 0) return;
        assert.equal(written(writeDecimal(out, 0, steps, scale, scale.textDecimals)), sent);
        const plain = written(writeWithoutDot(out, 0, steps, scale, scale.textDecimals));
        assert.equal(plain, sent.replace('.', '').replace(/^0+/, ''));
      }),
      { numRuns: 2000 },
    );
  });

  it('writes the digits of any whole number', () => {
    for (const value of [1, 9, 10, 99_999_999, 100_000_000, 100_000_001, 9_007_199_254_740_991, 1e15, 123e13]) {
      assert.equal(written(writeDigits(out, 0, value)), String(value));
    }
    fc.assert(fc.property(fc.maxSafeNat(), (v) => v === 0 || written(writeDigits(out, 0, v)) === String(v)));
  });

  it('counts in steps that are no power of ten', () => {
    const scale = new DecimalSteps('0.05');
    assert.equal(scale.read('123.450', 'px'), 2469);
    assert.equal(written(writeDecimal(out, 0, 2469, scale, 3)), '123.450');
    assert.throws(() => scale.read('123.44', 'px'), /px: expected a multiple of 0.05, was "123.44"/);
    const tens = new DecimalSteps('10');
    assert.equal(tens.read('120', 'px'), 12);
    assert.throws(() => tens.read('125', 'px'), /multiple of 10/);
  });

  it('refuses what is no plain decimal, lies between two steps or is too large', () => {
    const scale = new DecimalSteps('0.01');
    for (const bad of ['', '.', '1.', '.5', '-1', '+1', '1e3', '01', '00.5', '1.2.3', ' 1', '1,0', '1'.repeat(41)]) {
      assert.throws(() => scale.read(bad, 'px'), /^RangeError: px: expected a plain decimal/, bad);
    }
    for (const bad of [1, null, undefined, {}, []])
      assert.throws(() => scale.read(bad, 'px'), /px: expected decimal text/);
    assert.throws(() => scale.read('1.001', 'px'), /px: expected a multiple of 0.01, was "1.001"/);
    assert.throws(() => scale.read('90071992547409.92', 'px'), /2\^53/);
    assert.throws(() => scale.read('90071992547410', 'px'), /2\^53/);
    assert.equal(scale.read('90071992547409.91', 'px'), Number.MAX_SAFE_INTEGER);
    assert.throws(() => scale.readPositive('0.00', 'px'), /more than 0/);
    assert.throws(() => new DecimalSteps('0.00'), RangeError);
  });
});
