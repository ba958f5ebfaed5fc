import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

const utf8 = new TextEncoder();

/** Bit by bit, straight from the polynomial: the oracle. */
function naiveCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('the published check values', () => {
  assert.equal(crc32(utf8.encode('123456789')), 0xcbf43926);
  assert.equal(crc32(utf8.encode('The quick brown fox jumps over the lazy dog')), 0x414fa339);
  assert.equal(crc32(new Uint8Array(0)), 0);
});

test('equals the bitwise definition on any range, whole or in parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
      const from = Math.min(a, bytes.length);
      const length = Math.min(b, bytes.length - from);
      const part = bytes.slice(from, from + length);
      const whole = crc32(bytes, from, length);
      assert.equal(whole, naiveCrc32(part));
      const half = length >> 1;
      assert.equal(crc32(bytes, from + half, length - half, crc32(bytes, from, half)), whole);
    }),
  );
});

test('a range outside the bytes is refused', () => {
  assert.throws(() => crc32(new Uint8Array(4), 2, 3), /within 4 bytes, was 2 \+ 3/);
});
