import { Side } from '../../contract/units.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { copyLevels } from '../kernel/copy-levels.ts';
import { FIRST_ROW, IS_OBJECT, kernelValues, ROW_VALUES, scanPayload } from '../kernel/scan-kernel.ts';
import { type BybitMessage, BybitMessageKind } from './bybit-message.ts';
import { push, Scanned, ScannedTrade, TRADE_HAS_SEQUENCE } from './bybit-tables.ts';

const UNKNOWN = -1;
const MAX_TRADES = 4096;

/**
 * Decodes Bybit's books and trades straight from their bytes, in the kernel: compact JSON, the topic first, other members
 * in any order. False for whatever else comes, or is not written plainly, or not right: the message is then half filled,
 * and the decoder's to judge.
 */
export class BybitScanner {
  readonly #table: InstrumentTable;
  #trades = 0;
  /** Rows as the kernel gave them: another message may be read before these are taken. */
  readonly #rows = new Float64Array(MAX_TRADES * ROW_VALUES);

  constructor(table: InstrumentTable) {
    this.#table = table;
  }

  scan(bytes: Uint8Array, m: BybitMessage): boolean {
    m.reset();
    this.#trades = 0;
    kernelValues[Scanned.engineMs] = 0;
    kernelValues[Scanned.isSnapshot] = UNKNOWN;
    const instrument = scanPayload(bytes, push, this.#table);
    if (instrument < 0) return false;
    m.instrument = instrument;
    const pushMs = kernelValues[Scanned.pushMs] as number;
    const engineMs = kernelValues[Scanned.engineMs] as number;
    if (pushMs === 0) return false;
    m.timeUs = 1000 * (engineMs > 0 ? engineMs : pushMs);
    const depth = kernelValues[Scanned.depth] as number;
    return depth > 0 ? this.#takeBook(m, depth) : this.#takeTrades(m);
  }

  /** Puts the scanned trade of that number into the message's fields; false when there is none. */
  readTrade(index: number, m: BybitMessage): boolean {
    if (index >= this.#trades) return false;
    const rows = this.#rows;
    const at = index * ROW_VALUES;
    m.tradeTimeMs = rows[at + ScannedTrade.timeMs] as number;
    m.tradePriceTicks = rows[at + ScannedTrade.ticks] as number;
    m.tradeSizeLots = rows[at + ScannedTrade.lots] as number;
    m.tradeSide = rows[at + ScannedTrade.isBuy] === 1 ? Side.buy : Side.sell;
    m.tradeIdHashA = rows[at + ScannedTrade.id] as number;
    m.tradeIdHashB = rows[at + ScannedTrade.id + 1] as number;
    const hasSequence = ((rows[at + ScannedTrade.seen] as number) & TRADE_HAS_SEQUENCE) !== 0;
    m.tradeSequence = hasSequence ? (rows[at + ScannedTrade.sequence] as number) : 0;
    return true;
  }

  #takeBook(m: BybitMessage, depth: number): boolean {
    const type = kernelValues[Scanned.isSnapshot] as number;
    m.depth = depth;
    m.wasBook = true;
    m.updateId = kernelValues[Scanned.update] as number;
    m.sequence = kernelValues[Scanned.sequence] as number;
    if (kernelValues[Scanned.content] !== IS_OBJECT || type === UNKNOWN || m.updateId === 0) return false;
    m.kind = type === 1 ? BybitMessageKind.snapshot : BybitMessageKind.delta;
    const { bids, asks } = Scanned;
    return (
      copyLevels(kernelValues[bids] as number, kernelValues[bids + 1] as number, m.bids) &&
      copyLevels(kernelValues[asks] as number, kernelValues[asks + 1] as number, m.asks)
    );
  }

  #takeTrades(m: BybitMessage): boolean {
    const count = kernelValues[Scanned.content] as number;
    const rows = this.#rows;
    if (count === IS_OBJECT) return false;
    for (let i = 0; i < count; i++) {
      const at = i * ROW_VALUES;
      const from = FIRST_ROW + at;
      if (kernelValues[from + ScannedTrade.timeMs] === 0 || kernelValues[from + ScannedTrade.ticks] === 0) return false;
      for (let field = 0; field <= ScannedTrade.seen; field++) rows[at + field] = kernelValues[from + field] as number;
    }
    this.#trades = count;
    m.kind = BybitMessageKind.trades;
    return true;
  }
}
