import type { InstrumentTable, StepScale } from '../instrument-table.ts';
import { copyLevels } from '../kernel/copy-levels.ts';
import { IS_OBJECT, kernelValues, scanPayload, scanPayloadOf } from '../kernel/scan-kernel.ts';
import type { LevelList } from '../level-list.ts';
import { decodeWithJson } from './json-decoder.ts';
import { type MarketMessage, MessageKind, toMicroseconds, Value } from './market-message.ts';
import { combinedMessage, event, Scanned, snapshot } from './market-tables.ts';

const LOWER_S = 115;
const LOWER_T = 116;
const NO_PREVIOUS_ID = -1;

/**
 * Decodes Binance's market messages straight from their bytes, in the kernel, by one table a kind: no string, object or
 * float on the way from decimal digits to integer ticks and lots. The tables take the compact JSON that the venue sends,
 * the event's name first, other members in any order. Whatever else comes (white space, escapes, an unknown shape or
 * symbol, a number that is not exact) is decoded again with JSON.parse, which then decides. Never throws.
 */
export class FieldScanner {
  readonly #table: InstrumentTable;
  readonly #message: MarketMessage;
  #fallbacks = 0;

  constructor(table: InstrumentTable, message: MarketMessage) {
    this.#table = table;
    this.#message = message;
  }

  /** Messages that had to be decoded with JSON.parse. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /** Decodes one WebSocket payload, bare or wrapped by a combined stream, into the message. */
  scan(bytes: Uint8Array): void {
    const m = this.#message;
    m.reset();
    kernelValues[Value.eventTimeUs] = kernelValues[Value.tradeTimeUs] = 0;
    kernelValues[Value.previousUpdateId] = NO_PREVIOUS_ID;
    kernelValues[Scanned.kind] = MessageKind.bookTicker;
    kernelValues[Scanned.type] = 0;
    kernelValues[Scanned.content] = IS_OBJECT;
    // {"st(ream" or an event of its own.
    const table = bytes[2] === LOWER_S && bytes[3] === LOWER_T ? combinedMessage : event;
    const instrument = scanPayload(bytes, table, this.#table);
    if (instrument >= 0 && kernelValues[Scanned.content] === IS_OBJECT) {
      m.instrument = instrument;
      if (this.#take(kernelValues[Scanned.kind] as number)) return;
      m.reset();
    }
    this.#fallbacks++;
    decodeWithJson(bytes, this.#table, m, -1);
  }

  /** Decodes the body of a REST depth snapshot of a known instrument. */
  scanSnapshot(bytes: Uint8Array, instrument: number): void {
    const m = this.#message;
    m.reset();
    m.instrument = instrument;
    const price = this.#table.priceScales[instrument] as StepScale;
    if (scanPayloadOf(bytes, snapshot, price, this.#table.sizeScales[instrument] as StepScale)) {
      m.values[Value.lastUpdateId] = kernelValues[Value.lastUpdateId] as number;
      if (this.#takeLevels()) {
        m.kind = MessageKind.snapshot;
        return;
      }
      m.reset();
      m.instrument = instrument;
    }
    this.#fallbacks++;
    decodeWithJson(bytes, this.#table, m, instrument);
  }

  /** Makes what was scanned the message; false where it contradicts itself. */
  #take(kind: number): boolean {
    const m = this.#message;
    const { values } = m;
    values[Value.eventTimeUs] = toMicroseconds(kernelValues[Value.eventTimeUs] as number);
    if (kind === MessageKind.depth) {
      const first = kernelValues[Value.firstUpdateId] as number;
      const last = kernelValues[Value.lastUpdateId] as number;
      if (last < first) return false;
      values[Value.firstUpdateId] = first;
      values[Value.lastUpdateId] = last;
      values[Value.previousUpdateId] = kernelValues[Value.previousUpdateId] as number;
      m.kind = MessageKind.depth;
      return this.#takeLevels();
    }
    if (kind === MessageKind.trade) {
      values[Value.tradeTimeUs] = toMicroseconds(kernelValues[Value.tradeTimeUs] as number);
      for (let i: number = Value.tradeId; i <= Value.sizeLots; i++) values[i] = kernelValues[i] as number;
      m.buyerIsMaker = kernelValues[Scanned.maker] === 1;
      m.kind = kernelValues[Scanned.type] === 0 ? MessageKind.trade : MessageKind.ignored;
      return true;
    }
    values[Value.lastUpdateId] = kernelValues[Value.lastUpdateId] as number;
    for (let i: number = Value.bidTicks; i <= Value.askLots; i++) values[i] = kernelValues[i] as number;
    m.kind = MessageKind.bookTicker;
    return true;
  }

  #takeLevels(): boolean {
    const { bids, asks } = this.#message;
    return takeSide(Scanned.bids, bids) && takeSide(Scanned.asks, asks);
  }
}

/** False for more levels than a message may have. */
function takeSide(range: number, levels: LevelList): boolean {
  return copyLevels(kernelValues[range] as number, kernelValues[range + 1] as number, levels);
}
