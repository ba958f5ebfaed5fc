import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HmacSha256 } from './hmac-sha256.ts';

const reference = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text, 'utf8').digest('hex');

test('RFC 4231: the second test case', () => {
  assert.equal(
    new HmacSha256('Jefe').hex('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('every length around the block borders, with and without a prefix, equals node:crypto', () => {
  for (const prefix of ['', 'apiKey=', `apiKey=${'k'.repeat(64)}&`, 'p'.repeat(64), 'p'.repeat(128)]) {
    const hmac = new HmacSha256('secret', prefix);
    for (let length = 0; length < 200; length++) {
      const text = 'a'.repeat(length);
      assert.equal(hmac.hex(text), reference('secret', prefix + text), `${prefix.length} + ${length}`);
    }
  }
});

test('any secret, prefix and text, one after another', () => {
  const any = fc.string({ unit: 'grapheme', maxLength: 150 });
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 150 }),
      any,
      fc.array(any, { maxLength: 4 }),
      (secret, prefix, texts) => {
        const hmac = new HmacSha256(secret, prefix);
        for (const text of texts) assert.equal(hmac.hex(text), reference(secret, prefix + text));
      },
    ),
    { numRuns: 100 },
  );
  const long = 'x'.repeat(5_000);
  assert.equal(new HmacSha256('s').hex(long), reference('s', long));
});
