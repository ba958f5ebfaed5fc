import { RECORD_BYTES, RecordFlag, RecordOffset } from '../contract/record.ts';

/**
 * One preallocated record in the layout of contract/record.ts. Producers fill it, the step reads it, the journal copies
 * its bytes: nothing is allocated per event. Whoever receives a slot must not keep it; it is overwritten by the next.
 */
export class EventSlot {
  /** 72 bytes plus padding so that the f64 view fits. */
  readonly bytes: Uint8Array;
  /** The same in words. */
  readonly words: Uint32Array;
  readonly #f64: Float64Array;
  readonly #u8: Uint8Array;
  readonly #u16: Uint16Array;

  /** Text of the event (reason, JSON); written as Text records behind it. Empty for market events. */
  text = '';

  constructor() {
    const buffer = new ArrayBuffer(80);
    this.bytes = new Uint8Array(buffer, 0, RECORD_BYTES);
    this.words = new Uint32Array(buffer, 0, RECORD_BYTES >> 2);
    this.#f64 = new Float64Array(buffer);
    this.#u8 = new Uint8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
  }

  get sequence(): number {
    return this.#f64[0] as number;
  }
  set sequence(value: number) {
    this.#f64[0] = value;
  }
  /** Engine time, ns since the session's origin. */
  get timeNs(): number {
    return this.#f64[1] as number;
  }
  set timeNs(value: number) {
    this.#f64[1] = value;
  }
  /** us since the epoch; 0 unknown. */
  get exchangeTimeUs(): number {
    return this.#f64[2] as number;
  }
  set exchangeTimeUs(value: number) {
    this.#f64[2] = value;
  }
  get priceTicks(): number {
    return this.#f64[3] as number;
  }
  set priceTicks(value: number) {
    this.#f64[3] = value;
  }
  get sizeLots(): number {
    return this.#f64[4] as number;
  }
  set sizeLots(value: number) {
    this.#f64[4] = value;
  }
  get id(): number {
    return this.#f64[5] as number;
  }
  set id(value: number) {
    this.#f64[5] = value;
  }
  get aux(): number {
    return this.#f64[6] as number;
  }
  set aux(value: number) {
    this.#f64[6] = value;
  }
  get value(): number {
    return this.#f64[7] as number;
  }
  set value(value: number) {
    this.#f64[7] = value;
  }
  get kind(): number {
    return this.#u8[RecordOffset.kind] as number;
  }
  set kind(value: number) {
    this.#u8[RecordOffset.kind] = value;
  }
  get side(): 0 | 1 | 2 {
    return ((this.#u8[RecordOffset.sideAndFlags] as number) & 3) as 0 | 1 | 2;
  }
  set side(value: 0 | 1 | 2) {
    this.#u8[RecordOffset.sideAndFlags] = ((this.#u8[RecordOffset.sideAndFlags] as number) & ~3) | value;
  }
  /** RecordFlag bits. */
  get flags(): number {
    return (this.#u8[RecordOffset.sideAndFlags] as number) & ~3;
  }
  set flags(value: number) {
    this.#u8[RecordOffset.sideAndFlags] = ((this.#u8[RecordOffset.sideAndFlags] as number) & 3) | value;
  }
  get instrument(): number {
    return this.#u16[RecordOffset.instrument >> 1] as number;
  }
  set instrument(value: number) {
    this.#u16[RecordOffset.instrument >> 1] = value;
  }

  has(flag: number): boolean {
    return ((this.#u8[RecordOffset.sideAndFlags] as number) & flag) !== 0;
  }

  /** Zeroes everything and sets the kind, instrument and time: the start of filling a slot. */
  begin(kind: number, instrument: number, timeNs: number): this {
    // Plain stores: `fill` is a call into the runtime, several times as dear, for every event.
    const f64 = this.#f64;
    f64[0] = f64[2] = f64[3] = f64[4] = f64[5] = f64[6] = f64[7] = f64[8] = f64[9] = 0;
    this.#u8[RecordOffset.kind] = kind;
    this.#u16[RecordOffset.instrument >> 1] = instrument;
    this.#f64[1] = timeNs;
    this.text = '';
    return this;
  }

  /** As {@link begin} and the setters, for the event there is most of: a level of a book. `flags` as in {@link flags}. */
  fillLevel(
    kind: number,
    instrument: number,
    side: 0 | 1 | 2,
    flags: number,
    timeNs: number,
    exchangeTimeUs: number,
    priceTicks: number,
    sizeLots: number,
  ): void {
    const f64 = this.#f64;
    f64[0] = f64[5] = f64[6] = f64[7] = f64[8] = f64[9] = 0;
    f64[1] = timeNs;
    f64[2] = exchangeTimeUs;
    f64[3] = priceTicks;
    f64[4] = sizeLots;
    this.#u8[RecordOffset.kind] = kind;
    this.#u8[RecordOffset.sideAndFlags] = side | flags;
    this.#u16[RecordOffset.instrument >> 1] = instrument;
    this.text = '';
  }

  setText(text: string): this {
    this.text = text;
    this.flags = text === '' ? this.flags & ~RecordFlag.hasText : this.flags | RecordFlag.hasText;
    return this;
  }

  /** Takes over another slot's bytes and text. */
  copyFrom(other: EventSlot): void {
    this.bytes.set(other.bytes);
    this.text = other.text;
  }
}

/** Receives events. The slot is valid only during the call. */
export interface EventSink {
  emit(slot: EventSlot): void;
}
