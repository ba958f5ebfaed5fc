/** Slice-by-8 tables: row n maps a byte that is followed by n more bytes of the same 8-byte block. */
const tables = buildTables();

/**
 * CRC-32 (IEEE 802.3, as zlib and gzip use it) of `length` bytes from `offset`. Allocates nothing.
 * Pass the result of an earlier part as `previous` to continue over several parts.
 * @returns an unsigned 32-bit integer.
 * @throws RangeError when the range lies outside the array.
 */
export function crc32(bytes: Uint8Array, offset = 0, length = bytes.length - offset, previous = 0): number {
  const end = offset + length;
  if (!(offset >= 0 && length >= 0 && end <= bytes.length)) {
    throw new RangeError(`Expected a range within ${bytes.length} bytes, was ${offset} + ${length}`);
  }
  const t = tables;
  let crc = ~previous;
  let i = offset;
  for (const last = end - 8; i <= last; i += 8) {
    // Byte-wise reads: no alignment demands and no platform endianness.
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    crc =
      (t[1792 + (crc & 255)] as number) ^
      (t[1536 + ((crc >>> 8) & 255)] as number) ^
      (t[1280 + ((crc >>> 16) & 255)] as number) ^
      (t[1024 + (crc >>> 24)] as number) ^
      (t[768 + (bytes[i + 4] as number)] as number) ^
      (t[512 + (bytes[i + 5] as number)] as number) ^
      (t[256 + (bytes[i + 6] as number)] as number) ^
      (t[bytes[i + 7] as number] as number);
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 255] as number);
  return ~crc >>> 0;
}

function buildTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[n] = c;
  }
  for (let row = 1; row < 8; row++) {
    for (let n = 0; n < 256; n++) {
      const c = table[(row - 1) * 256 + n] as number;
      table[row * 256 + n] = (c >>> 8) ^ (table[c & 255] as number);
    }
  }
  return table;
}
