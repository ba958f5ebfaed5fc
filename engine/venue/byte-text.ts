/** Bytes of an ASCII text, to compare messages with. */
export function asciiBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * True when `bytes[from, to)` is exactly the text. Names are compared whole: a damaged one that only looks like it is
 * not the scanner's to guess about.
 */
export function isText(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}
