import type { EventSlot } from '../core/event-slot.ts';
import { Field, MAKER_FLAG, type TableLayout } from './record-tables.ts';

const EPOCH_2000_US = 946_684_800_000_000;
const TWO_32 = 4_294_967_296;
/** Signature, flags, header extension. */
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
/** Timestamps a Postgres and a day partition can hold sensibly: 1970 to 2200, us since the epoch. */
const MAX_TIME_US = 7_258_118_400_000_000;

/** What a row needs beyond its record. */
export interface RowContext {
  journal: number;
  session: number;
  /** 0 for none. */
  series: number;
  timeUs: number;
}

/** Rows of one table in Postgres' binary COPY format, in one growing buffer that is used again. */
export class CopyBuffer {
  readonly layout: TableLayout;
  #bytes: Buffer;
  /** Of the same bytes: its numbers are written in one step each. */
  #view: DataView;
  #at = 0;
  #rows = 0;

  constructor(layout: TableLayout, initialBytes = 64 * 1024) {
    this.layout = layout;
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.clear();
  }

  get rows(): number {
    return this.#rows;
  }

  clear(): void {
    HEADER.copy(this.#bytes, 0);
    this.#at = HEADER.byteLength;
    this.#rows = 0;
  }

  /** The finished bytes; valid until the next `clear` or `add`. */
  finish(): Uint8Array {
    this.#reserve(2);
    this.#view.setInt16(this.#at, -1);
    return this.#bytes.subarray(0, this.#at + 2);
  }

  /** One row from a record. */
  addRecord(slot: EventSlot, context: RowContext): void {
    this.#add(slot, context, slot.sequence, 0);
  }

  /** One row for a text chunk of the record in `slot`. */
  addTextChunk(slot: EventSlot, context: RowContext, sequence: number): void {
    this.#add(slot, context, sequence, slot.sequence);
  }

  #add(slot: EventSlot, context: RowContext, sequence: number, ownerSequence: number): void {
    const fields = this.layout.fields;
    this.#reserve(2 + fields.length * 12 + slot.text.length * 3);
    this.#view.setInt16(this.#at, fields.length);
    this.#at += 2;
    for (let i = 0; i < fields.length; i++) {
      switch (fields[i]) {
        case Field.time:
          this.#timestamp(context.timeUs);
          break;
        case Field.journal:
          this.#int4(context.journal);
          break;
        case Field.sequence:
          this.#int8(sequence);
          break;
        case Field.ownerSequence:
          this.#int8(ownerSequence);
          break;
        case Field.session:
          this.#int4(context.session);
          break;
        case Field.series:
          if (context.series === 0) this.#null();
          else this.#int4(context.series);
          break;
        case Field.instrument:
          this.#int4(slot.instrument);
          break;
        case Field.exchangeTime:
          if (slot.exchangeTimeUs > 0) this.#timestamp(slot.exchangeTimeUs);
          else this.#null();
          break;
        case Field.eventTime:
          this.#timestamp(slot.exchangeTimeUs > 0 ? slot.exchangeTimeUs : context.timeUs);
          break;
        case Field.side:
          this.#int2(slot.side);
          break;
        case Field.flags:
          this.#int2(slot.flags);
          break;
        case Field.priceTicks:
          this.#int8(slot.priceTicks);
          break;
        case Field.sizeLots:
          this.#int8(slot.sizeLots);
          break;
        case Field.kind:
          this.#int2(slot.kind);
          break;
        case Field.id:
          this.#int8(slot.id);
          break;
        case Field.aux:
          this.#int8(slot.aux);
          break;
        case Field.value:
          this.#float8(slot.value);
          break;
        case Field.maker:
          this.#view.setInt32(this.#at, 1);
          this.#bytes[this.#at + 4] = slot.has(MAKER_FLAG) ? 1 : 0;
          this.#at += 5;
          break;
        case Field.text:
          if (slot.text === '') this.#null();
          else this.#text(slot.text);
          break;
        case Field.json:
          if (isJson(slot.text)) this.#json(slot.text);
          else this.#null();
          break;
        default:
          throw new RangeError(`Expected a known field, was ${fields[i]}`);
      }
    }
    this.#rows++;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.byteLength) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.byteLength * 2, this.#at + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  #null(): void {
    this.#view.setInt32(this.#at, -1);
    this.#at += 4;
  }

  #int2(value: number): void {
    this.#view.setInt32(this.#at, 2);
    this.#view.setInt16(this.#at + 4, value);
    this.#at += 6;
  }

  #int4(value: number): void {
    this.#view.setInt32(this.#at, 4);
    this.#view.setInt32(this.#at + 4, value);
    this.#at += 8;
  }

  /** NULL for what no bigint can hold: the row counts all the same. */
  #int8(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#null();
      return;
    }
    const high = Math.floor(value / TWO_32);
    this.#view.setInt32(this.#at, 8);
    this.#view.setInt32(this.#at + 4, high);
    this.#view.setUint32(this.#at + 8, value - high * TWO_32);
    this.#at += 12;
  }

  #float8(value: number): void {
    this.#view.setInt32(this.#at, 8);
    this.#view.setFloat64(this.#at + 4, value);
    this.#at += 12;
  }

  #timestamp(us: number): void {
    this.#int8(clampTimeUs(us) - EPOCH_2000_US);
  }

  /** jsonb: a version byte, then the text. */
  #json(text: string): void {
    this.#bytes[this.#at + 4] = 1;
    const length = 1 + this.#bytes.write(text, this.#at + 5, 'utf8');
    this.#view.setInt32(this.#at, length);
    this.#at += 4 + length;
  }

  #text(text: string): void {
    // Postgres text cannot hold NUL.
    const clean = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
    const length = this.#bytes.write(clean, this.#at + 4, 'utf8');
    this.#view.setInt32(this.#at, length);
    this.#at += 4 + length;
  }
}

/** Postgres would refuse the whole batch for one bad text; escapes may be of characters that it does not take. */
function isJson(text: string): boolean {
  if (text.includes('\\u')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // NULL in the row; the text itself is in the journal.
    return false;
  }
}

/** Whole us between 1970 and 2200. */
export function clampTimeUs(us: number): number {
  return us > 0 ? Math.min(Math.floor(us), MAX_TIME_US) : 0;
}
