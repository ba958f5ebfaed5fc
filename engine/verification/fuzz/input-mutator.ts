import type { SeededRandom } from '../../simulation/seeded-random.ts';

/** Longest input made: frames are at most 60 KiB, and a hang shows at any length. */
const MAX_BYTES = 64 * 1024;
const encoder = new TextEncoder();

/** Values of another type or size than any field expects. */
const strangeValues = [
  'null',
  'true',
  '{}',
  '[]',
  '""',
  '"\\u0000"',
  '-0',
  '-1',
  '1e999',
  '-1e999',
  '1e-999',
  '0.000000000000000000000001',
  '9007199254740993',
  '18446744073709551616',
  '123456789012345678901234567890',
  '"9007199254740993"',
  '"999999999999999999.99999999"',
  '"0.00000000000000000000001"',
  '"1e5"',
  '"-1"',
  '" 1"',
  '"NaN"',
  '[[]]',
  '[null]',
  '{"a":1}',
  '"\\ud800"',
  '0x10',
  '01',
  '1.',
  '.5',
  '+1',
].map((text) => encoder.encode(text));

/**
 * Makes hostile inputs from valid ones: flipped bits, cut and repeated parts, values of a wrong type, huge numbers, deep
 * nesting, plain noise; sometimes the valid one itself, so that a parser gets beyond its first check. The result is valid
 * until the next call.
 */
export class InputMutator {
  readonly #random: SeededRandom;
  readonly #corpus: readonly Uint8Array[];
  readonly #buffer = new Uint8Array(MAX_BYTES);
  #length = 0;

  constructor(random: SeededRandom, corpus: readonly Uint8Array[]) {
    this.#random = random;
    this.#corpus = corpus;
  }

  next(): Uint8Array {
    const random = this.#random;
    const kind = random.integer(16);
    if (kind === 0) this.#noise();
    else if (kind === 1) this.#nest();
    else {
      this.#take();
      if (kind > 2) for (let i = random.integer(3); i >= 0; i--) this.#mutate();
    }
    return this.#buffer.subarray(0, this.#length);
  }

  #take(): void {
    const source = this.#corpus[this.#random.integer(this.#corpus.length)] as Uint8Array;
    this.#length = Math.min(source.length, MAX_BYTES);
    this.#buffer.set(source.subarray(0, this.#length));
  }

  #noise(): void {
    this.#length = this.#random.integer(300);
    for (let i = 0; i < this.#length; i++) this.#buffer[i] = this.#random.integer(256);
  }

  /** Deep nesting, closed or not, alone or in the place of a value. */
  #nest(): void {
    const random = this.#random;
    const depth = random.chance(0.01) ? 30_000 : 1 + random.integer(200);
    const open = random.chance(0.5) ? '[' : '{"a":';
    const text = open.repeat(depth) + (random.chance(0.5) ? '1' : '') + (open === '[' ? ']' : '}').repeat(depth);
    const bytes = encoder.encode(text).subarray(0, MAX_BYTES >> 1);
    if (random.chance(0.5)) {
      this.#length = bytes.length;
      this.#buffer.set(bytes);
      return;
    }
    this.#take();
    this.#replaceValue(bytes);
  }

  #mutate(): void {
    const random = this.#random;
    const length = this.#length;
    if (length === 0) return;
    const at = random.integer(length);
    switch (random.integer(8)) {
      case 0:
        this.#buffer[at] = (this.#buffer[at] as number) ^ (1 << random.integer(8));
        return;
      case 1:
        this.#buffer[at] = random.integer(256);
        return;
      case 2:
        this.#length = at;
        return;
      case 3: {
        // Cut a part out.
        const to = Math.min(length, at + 1 + random.integer(40));
        this.#buffer.copyWithin(at, to, length);
        this.#length = length - (to - at);
        return;
      }
      case 4: {
        // Repeat a part.
        const size = Math.min(1 + random.integer(60), length - at, MAX_BYTES - length);
        this.#buffer.copyWithin(at + size, at, length);
        this.#length = length + size;
        return;
      }
      case 5:
        this.#lengthenNumber(at);
        return;
      default:
        this.#replaceValue(strangeValues[random.integer(strangeValues.length)] as Uint8Array);
    }
  }

  /** Puts digits into the next number behind `at`. */
  #lengthenNumber(at: number): void {
    let digit = at;
    while (digit < this.#length && !isDigit(this.#buffer[digit] as number)) digit++;
    if (digit === this.#length) return;
    const digits = encoder.encode('9'.repeat(1 + this.#random.integer(this.#random.chance(0.05) ? 400 : 20)));
    this.#splice(digit, digit, digits);
  }

  /** Replaces the value behind some colon or comma: a string, a number, or up to the next delimiter. */
  #replaceValue(value: Uint8Array): void {
    const random = this.#random;
    let from = random.integer(Math.max(1, this.#length));
    while (from < this.#length && !isBeforeValue(this.#buffer[from] as number)) from++;
    if (from >= this.#length) return;
    from++;
    let to = from;
    if (this.#buffer[to] === 34) {
      to++;
      while (to < this.#length && this.#buffer[to] !== 34) to++;
      to++;
    } else while (to < this.#length && !isDelimiter(this.#buffer[to] as number)) to++;
    this.#splice(from, Math.min(to, this.#length), value);
  }

  #splice(from: number, to: number, bytes: Uint8Array): void {
    const length = this.#length - (to - from) + bytes.length;
    if (length > MAX_BYTES) return;
    this.#buffer.copyWithin(from + bytes.length, to, this.#length);
    this.#buffer.set(bytes, from);
    this.#length = length;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
/** Colon, comma, open bracket. */
function isBeforeValue(byte: number): boolean {
  return byte === 58 || byte === 44 || byte === 91;
}
function isDelimiter(byte: number): boolean {
  return byte === 44 || byte === 93 || byte === 125;
}
