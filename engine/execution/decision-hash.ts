import { createHash, type Hash } from 'node:crypto';
import type { Side } from '../contract/units.ts';

/** What was decided. */
export const DecisionKind = { place: 1, cancel: 2, cancelAll: 3 } as const;
export type DecisionKind = (typeof DecisionKind)[keyof typeof DecisionKind];

const BYTES = 56;
/** Decisions handed on at once: the call into the hash takes longer than to write one down, and an order waits for it. */
const BATCH = 64;

/**
 * SHA-256 over every decision in order: kind, side, flags, instrument, price, size, order number within the session and
 * event time. Equal inputs give an equal hash on every machine; one decision more, less or different gives another.
 * Record, little-endian: 0 u8 kind, 1 u8 side, 2 u8 flags, 4 u16 instrument, 8 f64 price ticks, 16 f64 lots, 24 f64
 * relative order number, 32 f64 time ns, 40 u32 number of the decision, rest 0.
 */
export class DecisionHash {
  readonly #hash: Hash = createHash('sha256');
  readonly #bytes = new Uint8Array(BATCH * BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #count = 0;

  /** Decisions so far. */
  get count(): number {
    return this.#count;
  }

  add(
    kind: DecisionKind,
    instrument: number,
    side: Side,
    flags: number,
    priceTicks: number,
    sizeLots: number,
    relativeOrderNumber: number,
    timeNs: number,
  ): void {
    if (this.#used === this.#bytes.byteLength) this.#handOn();
    const v = this.#view;
    const at = this.#used;
    v.setUint8(at, kind);
    v.setUint8(at + 1, side);
    v.setUint8(at + 2, flags);
    v.setUint16(at + 4, instrument, true);
    v.setFloat64(at + 8, priceTicks, true);
    v.setFloat64(at + 16, sizeLots, true);
    v.setFloat64(at + 24, relativeOrderNumber, true);
    v.setFloat64(at + 32, timeNs, true);
    v.setUint32(at + 40, this.#count++, true);
    this.#used = at + BYTES;
  }

  /** Hex digest of everything so far; adding may go on afterwards. */
  digest(): string {
    this.#handOn();
    return this.#hash.copy().digest('hex');
  }

  #handOn(): void {
    this.#hash.update(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
  }
}
