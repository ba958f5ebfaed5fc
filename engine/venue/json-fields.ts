export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws RangeError when it is no list. */
export function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RangeError(`${field}: expected a list, was ${inWords(value)}`);
  return value;
}

/** @throws RangeError when it is no text, or empty. */
export function textOf(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw new RangeError(`${field}: expected text, was ${inWords(value)}`);
  return value;
}

/**
 * Whole number written as text: `1652459225393`.
 * @throws RangeError when it is none, or above 2^53 - 1.
 */
export function wholeOf(value: unknown, field: string): number {
  if (typeof value === 'string' && value.length > 0 && value.length <= 16) {
    let number = 0;
    let at = 0;
    for (; at < value.length; at++) {
      const digit = value.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    if (at === value.length && Number.isSafeInteger(number)) return number;
  }
  throw new RangeError(`${field}: expected a whole number as text, was ${inWords(value)}`);
}

/** A value for a message, cut short. */
export function inWords(value: unknown): string {
  const text =
    typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'an object') : undefined;
  if (text !== undefined) return text;
  const shown = JSON.stringify(value) ?? 'absent';
  return shown.length > 80 ? `${shown.slice(0, 80)}...` : shown;
}
