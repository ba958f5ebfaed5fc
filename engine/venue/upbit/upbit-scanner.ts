import { Side } from '../../contract/units.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { copyLevels } from '../kernel/copy-levels.ts';
import { HALF_OF_LEVELS, kernelValues, scanPayload } from '../kernel/scan-kernel.ts';
import { type UpbitMessage, UpbitMessageKind } from './upbit-message.ts';
import { defaultMessage, Scanned, simpleMessage } from './upbit-tables.ts';
import { isUpbitTotal } from './upbit-total.ts';

const LOWER_P = 112;

/**
 * Decodes Upbit's books and trades straight from their bytes, in the kernel: single messages in compact JSON, DEFAULT or
 * SIMPLE, the type first, other members in any order. False for whatever else comes (lists, numbers that are not exact),
 * or is not right: the message is then half filled, and the decoder's to judge.
 */
export class UpbitScanner {
  readonly #table: InstrumentTable;

  constructor(table: InstrumentTable) {
    this.#table = table;
  }

  scan(bytes: Uint8Array, m: UpbitMessage): boolean {
    m.reset();
    kernelValues[Scanned.isSnapshot] = kernelValues[Scanned.level] = kernelValues[Scanned.level + 1] = 0;
    // {"typ(e" or {"ty"
    const instrument = scanPayload(bytes, bytes[4] === LOWER_P ? defaultMessage : simpleMessage, this.#table);
    if (instrument < 0) return false;
    m.instrument = instrument;
    m.timeMs = kernelValues[Scanned.timeMs] as number;
    m.isSnapshot = kernelValues[Scanned.isSnapshot] === 1;
    if (m.timeMs === 0) return false;
    return kernelValues[Scanned.isTrade] === 1 ? takeTrade(m) : takeBook(m);
  }
}

function takeBook(m: UpbitMessage): boolean {
  const asks = kernelValues[Scanned.units] as number;
  const bids = kernelValues[Scanned.units + 1] as number;
  // Sizes grouped by a coarser price step are another book than the one orders meet.
  if (kernelValues[Scanned.level] !== 0 || kernelValues[Scanned.level + 1] !== 0) return false;
  m.wasBook = true;
  m.totalsDiffer =
    !isUpbitTotal(kernelValues, Scanned.askTotal, kernelValues, Scanned.askSum) ||
    !isUpbitTotal(kernelValues, Scanned.bidTotal, kernelValues, Scanned.bidSum);
  m.kind = UpbitMessageKind.book;
  return copyLevels(0, asks, m.asks) && copyLevels(HALF_OF_LEVELS, HALF_OF_LEVELS + bids, m.bids);
}

function takeTrade(m: UpbitMessage): boolean {
  m.tradeTimeMs = kernelValues[Scanned.tradeMs] as number;
  m.tradePriceTicks = kernelValues[Scanned.ticks] as number;
  m.tradeSizeLots = kernelValues[Scanned.lots] as number;
  m.tradeSide = kernelValues[Scanned.isBuy] === 1 ? Side.buy : Side.sell;
  m.tradeIdHigh = kernelValues[Scanned.id] as number;
  m.tradeIdLow = kernelValues[Scanned.id + 1] as number;
  m.kind = UpbitMessageKind.trade;
  return m.tradeTimeMs !== 0 && m.tradePriceTicks !== 0;
}
