import { createHash } from 'node:crypto';

/** SHA-256 works on blocks of 64 bytes. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** Made by the first of all: the first order must not wait for the compiler. */
const WARM_UP_ROUNDS = 400;
let warm = false;

/** FIPS 180-4: fractional parts of the square roots of the first 8 primes, of the cube roots of the first 64. */
const primes = firstPrimes(64);
const INITIAL = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const CONSTANTS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const schedule = new Int32Array(64);

/**
 * HMAC-SHA256 of short texts that share a beginning, for the last step before an order leaves. The blocks of the key and
 * of the shared beginning are worked off once. `node:crypto` is as fast in a tight loop, but takes two to three times as
 * long when it runs once in a while, as orders do: its way through OpenSSL touches far more code.
 */
export class HmacSha256 {
  readonly #inner = new Int32Array(8);
  readonly #outer = new Int32Array(8);
  /** Bytes that `#inner` has seen: the key's block and the whole blocks of the prefix. */
  readonly #innerBytes: number;
  readonly #rest: string;
  readonly #state = new Int32Array(8);
  readonly #outerBlock = Buffer.alloc(BLOCK_BYTES);
  readonly #hex = Buffer.alloc(2 * DIGEST_BYTES);
  #message = Buffer.alloc(1024);

  /** @param prefix what every text begins with; only ASCII of it is worked off in advance */
  constructor(secret: string, prefix = '') {
    const key = keyBlock(secret);
    this.#inner.set(INITIAL);
    compress(this.#inner, xorBlock(key, 0x36), 0);
    this.#outer.set(INITIAL);
    compress(this.#outer, xorBlock(key, 0x5c), 0);

    const ascii = /^[\x20-\x7e]*$/.test(prefix) ? prefix : '';
    const whole = ascii.length - (ascii.length % BLOCK_BYTES);
    const bytes = Buffer.from(ascii, 'latin1');
    for (let at = 0; at < whole; at += BLOCK_BYTES) compress(this.#inner, bytes, at);
    this.#rest = prefix.slice(whole);
    this.#innerBytes = BLOCK_BYTES + whole;

    // The digest of the inner hash is all that changes in the outer block: 32 bytes behind one block.
    this.#outerBlock[DIGEST_BYTES] = 0x80;
    this.#outerBlock.writeUInt32BE((BLOCK_BYTES + DIGEST_BYTES) * 8, BLOCK_BYTES - 4);
    if (warm) return;
    warm = true;
    for (let i = 0; i < WARM_UP_ROUNDS; i++) this.hex('x'.repeat(180));
  }

  /** Lower-case hex of the HMAC over prefix + text (UTF-8). */
  hex(text: string): string {
    const state = this.#state;
    const bytes = this.#pad(this.#rest + text);
    const message = this.#message;
    state.set(this.#inner);
    for (let at = 0; at < bytes; at += BLOCK_BYTES) compress(state, message, at);
    writeWords(state, this.#outerBlock);
    state.set(this.#outer);
    compress(state, this.#outerBlock, 0);
    const hex = this.#hex;
    for (let i = 0; i < 8; i++) {
      const word = state[i] as number;
      for (let digit = 0; digit < 8; digit++) {
        hex[i * 8 + digit] = HEX[(word >>> (28 - 4 * digit)) & 15] as number;
      }
    }
    return hex.toString('latin1');
  }

  /** Puts the text and its padding into the buffer; returns the bytes, whole blocks. */
  #pad(text: string): number {
    const most = text.length * 3 + 2 * BLOCK_BYTES;
    if (most > this.#message.byteLength) this.#message = Buffer.alloc(2 * most);
    const message = this.#message;
    const length = message.write(text, 0, 'utf8');
    // 0x80, zeros, and the number of bits in 8 bytes.
    const total = (length + 9 + BLOCK_BYTES - 1) & -BLOCK_BYTES;
    message[length] = 0x80;
    for (let i = length + 1; i < total - 4; i++) message[i] = 0;
    const bits = (this.#innerBytes + length) * 8;
    message[total - 4] = bits >>> 24;
    message[total - 3] = bits >>> 16;
    message[total - 2] = bits >>> 8;
    message[total - 1] = bits;
    return total;
  }
}

function compress(state: Int32Array, bytes: Uint8Array, start: number): void {
  const w = schedule;
  for (let i = 0, at = start; i < 16; i++, at += 4) {
    w[i] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] as number;
    const y = w[i - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (CONSTANTS[i] as number) + (w[i] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
  state[5] = ((state[5] as number) + f) | 0;
  state[6] = ((state[6] as number) + g) | 0;
  state[7] = ((state[7] as number) + h) | 0;
}

/** The key as one block: a longer one is hashed first (RFC 2104). */
function keyBlock(secret: string): Buffer {
  const key = Buffer.from(secret, 'utf8');
  const block = Buffer.alloc(BLOCK_BYTES);
  if (key.byteLength <= BLOCK_BYTES) key.copy(block);
  else createHash('sha256').update(key).digest().copy(block);
  return block;
}

function xorBlock(block: Uint8Array, value: number): Uint8Array {
  return block.map((byte) => byte ^ value);
}

function writeWords(words: Int32Array, into: Uint8Array): void {
  for (let i = 0; i < 8; i++) {
    const word = words[i] as number;
    into[4 * i] = word >>> 24;
    into[4 * i + 1] = word >>> 16;
    into[4 * i + 2] = word >>> 8;
    into[4 * i + 3] = word;
  }
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) {
    if (found.every((prime) => n % prime !== 0)) found.push(n);
  }
  return found;
}

/** First 32 bits of the fractional part. */
function fraction(value: number): number {
  return Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
}
