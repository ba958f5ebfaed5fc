import { BACKSLASH, LOWER_E, MINUS, PLUS, POINT, QUOTE } from './characters';
import { MOST_DIGITS, readDigits } from './digits';

const ONES: u64 = 0x0101010101010101;
const HIGHEST_BITS: u64 = 0x8080808080808080;
/** Bytes of a text of a table, zeros behind its end. As many of its mask follow, then its length, then what it stands for. */
const TEXT_BYTES: usize = 24;
export const LENGTH: usize = 2 * TEXT_BYTES;
/** Of a word: its number. */
export const WORD_NUMBER: usize = LENGTH + 8;
/** From one text to the next. */
export const ENTRY_BYTES: usize = LENGTH + 24;

/** Position of the quote that ends the text which begins at `at`; 0 when it has escapes or control characters. */
export function endOfText(from: usize): usize {
  let at = from;
  while (true) {
    const bytes = load<u64>(at);
    const quotes = bytes ^ (ONES * QUOTE);
    const escapes = bytes ^ (ONES * BACKSLASH);
    const ends =
      (((quotes - ONES) & ~quotes) | ((escapes - ONES) & ~escapes) | ((bytes - ONES * 32) & ~bytes)) & HIGHEST_BITS;
    if (ends !== 0) {
      // The lowest of them is right, whatever those above it may be.
      const end = at + (<usize>ctz(ends) >> 3);
      return <u32>load<u8>(end) === QUOTE ? end : 0;
    }
    at += 8;
  }
}

/** True when the text of `length` at `text` stands at `at`: a text of a table, with its mask. */
export function isText(at: usize, text: usize, length: i32): bool {
  if ((load<u64>(at) & load<u64>(text, TEXT_BYTES)) !== load<u64>(text)) return false;
  if (length <= 8) return true;
  if ((load<u64>(at, 8) & load<u64>(text, TEXT_BYTES + 8)) !== load<u64>(text, 8)) return false;
  return length <= 16 || (load<u64>(at, 16) & load<u64>(text, TEXT_BYTES + 16)) === load<u64>(text, 16);
}

/** Steps over a text, number or literal; the position behind, or 0. Lists and objects that nobody knows are not stepped over. */
export function skipScalar(at: usize): usize {
  const first = <u32>load<u8>(at);
  if (first === QUOTE) {
    const end = endOfText(at + 1);
    return end === 0 ? 0 : end + 1;
  }
  if (first - 48 < 10 || first === MINUS) return skipNumber(at);
  const four = load<u32>(at);
  // true, null, fals
  if (four === 0x65757274 || four === 0x6c6c756e) return at + 4;
  return four === 0x736c6166 && <u32>load<u8>(at, 4) === LOWER_E ? at + 5 : 0;
}

function skipNumber(from: usize): usize {
  const at = <u32>load<u8>(from) === MINUS ? from + 1 : from;
  let end = readDigits(at);
  if (end <= at || (end - at > 1 && load<u8>(at) === 48)) return 0;
  if (<u32>load<u8>(end) === POINT) {
    const fraction = end + 1;
    end = readDigits(fraction);
    if (end <= fraction) return 0;
  }
  if ((<u32>load<u8>(end) | 32) !== LOWER_E) return end;
  const sign = <u32>load<u8>(++end);
  if (sign === MINUS || sign === PLUS) end++;
  const exponent = end;
  end = readDigits(exponent);
  return end > exponent && <i32>(end - exponent) <= MOST_DIGITS ? end : 0;
}
