const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const MAX_DEPTH = 64;

/**
 * Reads JSON in place, a field at a time: keys and scalars come out as spans of the bytes, nothing is allocated and
 * nothing throws. Once something is not as expected, `failed` is set, every read says false and the text is done for.
 *
 * Keys and texts are spans as written: one with an escape sequence equals no name that a caller looks for.
 */
export class JsonCursor {
  bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** An object or list was just entered: no comma stands before its first member. */
  #fresh = false;
  failed = false;
  /** Span of the newest key. */
  keyFrom = 0;
  keyTo = 0;
  /** Span of the newest value: of a text without its quotes, of an object or list with its brackets. */
  from = 0;
  to = 0;
  /** The newest scalar was a text (in quotes). */
  wasText = false;

  /** Starts at `bytes[from..to)`. */
  start(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#fresh = false;
    this.failed = false;
  }

  /** First byte of the next value: `{`, `[`, `"` ... as a code; 0 at the end. */
  peek(): number {
    this.#skipSpace();
    return this.#at < this.#end ? (this.bytes[this.#at] as number) : 0;
  }

  enterObject(): boolean {
    return this.#enter(OPEN_OBJECT);
  }

  enterArray(): boolean {
    return this.#enter(OPEN_ARRAY);
  }

  /** Moves to the value of the object's next member, its name in `keyFrom..keyTo`; false at the object's end. */
  nextKey(): boolean {
    if (!this.#next(CLOSE_OBJECT)) return false;
    this.#skipSpace();
    if (this.bytes[this.#at] !== QUOTE || !this.#readText()) return this.#fail();
    this.keyFrom = this.from;
    this.keyTo = this.to;
    this.#skipSpace();
    if (this.#at >= this.#end || this.bytes[this.#at] !== COLON) return this.#fail();
    this.#at++;
    return true;
  }

  /** Moves to the list's next element; false at the list's end. */
  nextElement(): boolean {
    return this.#next(CLOSE_ARRAY);
  }

  /** Takes a text, number or literal; its span is in `from..to`. False when something else comes. */
  readScalar(): boolean {
    if (this.failed) return false;
    this.#skipSpace();
    if (this.#at >= this.#end) return this.#fail();
    const first = this.bytes[this.#at] as number;
    if (first === QUOTE) {
      this.wasText = true;
      return this.#readText() || this.#fail();
    }
    this.wasText = false;
    this.from = this.#at;
    while (this.#at < this.#end && isPlain(this.bytes[this.#at] as number)) this.#at++;
    this.to = this.#at;
    return this.to > this.from || this.#fail();
  }

  /** Takes any value unseen; its span is in `from..to`. */
  skipValue(): boolean {
    if (this.failed) return false;
    const first = this.peek();
    if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return this.readScalar();
    const from = this.#at;
    let depth = 0;
    while (this.#at < this.#end) {
      const c = this.bytes[this.#at] as number;
      if (c === QUOTE) {
        if (!this.#readText()) return this.#fail();
        continue;
      }
      this.#at++;
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
        if (++depth > MAX_DEPTH) return this.#fail();
      } else if ((c === CLOSE_OBJECT || c === CLOSE_ARRAY) && --depth === 0) {
        this.from = from;
        this.to = this.#at;
        return true;
      }
    }
    return this.#fail();
  }

  /** True when nothing but space is left and nothing was wrong. */
  isAtEnd(): boolean {
    this.#skipSpace();
    return !this.failed && this.#at >= this.#end;
  }

  #enter(bracket: number): boolean {
    if (this.failed || this.peek() !== bracket) return this.#fail();
    this.#at++;
    this.#fresh = true;
    return true;
  }

  #next(close: number): boolean {
    if (this.failed) return false;
    const c = this.peek();
    const fresh = this.#fresh;
    this.#fresh = false;
    if (c === close) {
      this.#at++;
      return false;
    }
    if (fresh) return c !== 0 || this.#fail();
    if (c !== COMMA) return this.#fail();
    this.#at++;
    return true;
  }

  #readText(): boolean {
    const { bytes } = this;
    const end = this.#end;
    let at = this.#at + 1;
    this.from = at;
    while (at < end) {
      const c = bytes[at] as number;
      if (c === QUOTE) {
        this.to = at;
        this.#at = at + 1;
        return true;
      }
      at += c === BACKSLASH ? 2 : 1;
    }
    this.#at = end;
    return false;
  }

  #skipSpace(): void {
    while (this.#at < this.#end) {
      const c = this.bytes[this.#at] as number;
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.#at++;
    }
  }

  #fail(): false {
    this.failed = true;
    return false;
  }
}

/** Part of a number or literal: digits, letters, signs, point. */
function isPlain(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 45 || c === 46 || c === 43;
}
