const BACKSLASH = 92;

/** Single-letter escapes of Python: \a \b \f \n \r \t \v, the quotes and the backslash. */
const ESCAPES: Readonly<Record<number, number>> = {
  34: 34,
  39: 39,
  92: 92,
  97: 7,
  98: 8,
  102: 12,
  110: 10,
  114: 13,
  116: 9,
  118: 11,
};

/**
 * Bytes of a Python byte string as `repr` prints it: `b'{"a":"\xed\x95\x9c"}'`. Without escapes the result is a view.
 * @throws RangeError when it is not closed, holds bytes above 127 or an escape that Python does not print.
 */
export function decodePythonBytes(text: Uint8Array): Uint8Array {
  const quote = text[1];
  const end = text.length - 1;
  if (text[0] !== 98 || (quote !== 39 && quote !== 34) || end < 2 || text[end] !== quote) {
    throw new RangeError("Expected a Python byte string b'...', was not closed by its quote");
  }
  const body = text.subarray(2, end);
  let plain = true;
  for (let i = 0; i < body.length; i++) {
    const c = body[i] as number;
    if (c === BACKSLASH) plain = false;
    else if (c > 127) throw new RangeError(`Expected ASCII in a Python byte string, was byte ${c} at ${i}`);
    else if (c === quote && plain) throw behindQuote(i);
  }
  return plain ? body : unescapeBody(body, quote);
}

function unescapeBody(body: Uint8Array, quote: number): Uint8Array {
  const out = new Uint8Array(body.length);
  let length = 0;
  for (let i = 0; i < body.length; i++) {
    const c = body[i] as number;
    if (c !== BACKSLASH) {
      if (c === quote) throw behindQuote(i);
      out[length++] = c;
      continue;
    }
    const letter = body[++i] ?? 0;
    if (letter === 120) {
      const high = hexDigit(body[i + 1]);
      const low = hexDigit(body[i + 2]);
      if (high < 0 || low < 0) throw new RangeError(`Expected two hexadecimal digits behind \\x at ${i}`);
      out[length++] = high * 16 + low;
      i += 2;
      continue;
    }
    const value = ESCAPES[letter];
    if (value === undefined)
      throw new RangeError(`Expected a Python escape, was \\${String.fromCharCode(letter)} at ${i}`);
    out[length++] = value;
  }
  return out.subarray(0, length);
}

function hexDigit(c: number | undefined): number {
  if (c === undefined) return -1;
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function behindQuote(at: number): RangeError {
  return new RangeError(`Expected nothing behind the closing quote, was more at ${at}`);
}
