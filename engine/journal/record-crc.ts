import { RecordOffset } from '../contract/record.ts';
import { crc32 } from '../core/crc32.ts';

/** Words of a record that its CRC covers. */
const CRC_WORDS = RecordOffset.crc >> 2;
/** Row n maps a byte that is followed by n more bytes of the same 8-byte block; see core/crc32.ts. */
const tables = buildTables();

/**
 * CRC-32 (IEEE) of a record's first 68 bytes, read by words rather than bytes: about half the time, and the journal
 * spends most of its time here. `words` holds little-endian bytes (every platform Node runs Electron on);
 * `at` is the record's first word. @returns a signed 32-bit integer: an
 * unsigned one above 2^31 would be boxed, for every second record.
 */
export function recordCrc(words: Uint32Array, at: number): number {
  const t = tables;
  let crc = -1;
  let i = at;
  for (const last = at + CRC_WORDS - 1; i < last; i += 2) {
    crc ^= words[i] as number;
    const next = words[i + 1] as number;
    crc =
      (t[1792 + (crc & 255)] as number) ^
      (t[1536 + ((crc >>> 8) & 255)] as number) ^
      (t[1280 + ((crc >>> 16) & 255)] as number) ^
      (t[1024 + (crc >>> 24)] as number) ^
      (t[768 + (next & 255)] as number) ^
      (t[512 + ((next >>> 8) & 255)] as number) ^
      (t[256 + ((next >>> 16) & 255)] as number) ^
      (t[next >>> 24] as number);
  }
  // 17 words: one is left.
  crc ^= words[i] as number;
  crc =
    (t[768 + (crc & 255)] as number) ^
    (t[512 + ((crc >>> 8) & 255)] as number) ^
    (t[256 + ((crc >>> 16) & 255)] as number) ^
    (t[crc >>> 24] as number);
  return ~crc;
}

/**
 * Copies a whole record, 18 words, from word `at` to word `to` of `target`, and returns the checksum of its first 17 as
 * {@link recordCrc} does: read once for both, because a journal is written and read back at millions of records a second.
 */
export function copyRecord(words: Uint32Array, at: number, target: Uint32Array, to: number): number {
  const t = tables;
  let crc = -1;
  for (let i = 0; i < CRC_WORDS - 1; i += 2) {
    const word = words[at + i] as number;
    const next = words[at + i + 1] as number;
    target[to + i] = word;
    target[to + i + 1] = next;
    crc ^= word;
    crc =
      (t[1792 + (crc & 255)] as number) ^
      (t[1536 + ((crc >>> 8) & 255)] as number) ^
      (t[1280 + ((crc >>> 16) & 255)] as number) ^
      (t[1024 + (crc >>> 24)] as number) ^
      (t[768 + (next & 255)] as number) ^
      (t[512 + ((next >>> 8) & 255)] as number) ^
      (t[256 + ((next >>> 16) & 255)] as number) ^
      (t[next >>> 24] as number);
  }
  const last = words[at + CRC_WORDS - 1] as number;
  target[to + CRC_WORDS - 1] = last;
  target[to + CRC_WORDS] = words[at + CRC_WORDS] as number;
  crc ^= last;
  crc =
    (t[768 + (crc & 255)] as number) ^
    (t[512 + ((crc >>> 8) & 255)] as number) ^
    (t[256 + ((crc >>> 16) & 255)] as number) ^
    (t[crc >>> 24] as number);
  return ~crc;
}

function buildTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  const bytes = new Uint8Array(1);
  for (let n = 0; n < 256; n++) {
    // The table entry of a byte, from the CRC of that byte alone.
    bytes[0] = n ^ 255;
    table[n] = ~crc32(bytes) ^ 0x00ffffff;
  }
  for (let row = 1; row < 8; row++) {
    for (let n = 0; n < 256; n++) {
      const c = table[(row - 1) * 256 + n] as number;
      table[row * 256 + n] = (c >>> 8) ^ (table[c & 255] as number);
    }
  }
  return table;
}
