/** Digits of an epoch time in ns; whole seconds and the rest are kept apart because 19 digits exceed 2^53. */
export const LOCAL_TIME_DIGITS = 19;

/** A wall-clock instant split so that it is exact. */
export interface LocalTime {
  seconds: number;
  nanoseconds: number;
}

/** Reads `count` decimal digits at `from`; -1 when one of them is no digit. */
export function readDigits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = (bytes[at] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** As {@link readDigits} for exactly nine digits, in integer arithmetic, several times as quick. */
function readNineDigits(bytes: Uint8Array, from: number): number {
  if (from + 9 > bytes.length) return -1;
  let value = 0;
  let strange = 0;
  for (let at = from; at < from + 9; at++) {
    const digit = ((bytes[at] as number) - 48) | 0;
    // Negative below 0, and above 9.
    strange |= digit | (9 - digit);
    value = (value * 10 + digit) | 0;
  }
  return strange < 0 ? -1 : value;
}

/** ns since `origin` of the 19 digits at `from`; exact for 104 days. NaN when they are no digits. */
export function readTimeNs(bytes: Uint8Array, from: number, origin: LocalTime): number {
  const tens = readNineDigits(bytes, from);
  const ones = readDigits(bytes, from + 9, 1);
  const nanoseconds = readNineDigits(bytes, from + 10);
  if (tens < 0 || ones < 0 || nanoseconds < 0) return Number.NaN;
  const seconds = tens * 10 + ones;
  return (seconds - origin.seconds) * 1e9 + (nanoseconds - origin.nanoseconds);
}

/**
 * Whether a time counts exactly in ns: a line further from the first is a broken one, and its gap would be played timer by
 * timer for hours.
 */
export function isExactNs(timeNs: number): boolean {
  return Number.isSafeInteger(timeNs);
}

/** What to say of a line whose time is not. */
export const NOT_EXACT = 'expected a time within 104 days of the first line, was another';

/** us since the epoch, rounded. */
export function toEpochUs(time: LocalTime): number {
  return time.seconds * 1e6 + Math.round(time.nanoseconds / 1000);
}
