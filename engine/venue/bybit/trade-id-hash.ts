/** Two independent 32-bit hashes of the venue's id `bytes[from, to)`, as the kernel makes them. */
export function hashTradeId(bytes: Uint8Array, from: number, to: number, out: Uint32Array): void {
  let a = 0x811c9dc5;
  let b = 5381;
  for (let at = from; at < to; at++) {
    const c = bytes[at] as number;
    a = Math.imul(a ^ c, 0x01000193);
    b = (Math.imul(b, 33) + c) | 0;
  }
  out[0] = a;
  out[1] = b;
}
