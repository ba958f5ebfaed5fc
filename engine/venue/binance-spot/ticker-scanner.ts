import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import {
  CLOSE_OBJECT,
  COLON,
  COMMA,
  QUOTE,
  readInteger,
  readQuotedSteps,
  skipMember,
  skipScalar,
} from '../scan-values.ts';
import { type MarketMessage, MessageKind, toMicroseconds, Value } from './market-message.ts';
import { readSymbol } from './symbol-scanner.ts';

const BOOK_TICKER = asciiBytes('"bookTicker"');
const Seen = { symbol: 1, id: 2, bidPrice: 4, bidSize: 8, askPrice: 16, askSize: 32 } as const;
const ALL = Seen.symbol | Seen.id | Seen.bidPrice | Seen.bidSize | Seen.askPrice | Seen.askSize;

/**
 * Members of a `bookTicker` from the one at `at` to the object's end; the position behind it, or -1 for the slow path.
 * Spot's names no event; the symbol must come before prices and sizes.
 */
export function scanTicker(bytes: Uint8Array, from: number, table: InstrumentTable, m: MarketMessage): number {
  const { values } = m;
  let at = from;
  let seen = 0;
  let next = COMMA;
  while (next === COMMA) {
    if (at + 5 > bytes.length || bytes[at] !== QUOTE) return -1;
    const key = bytes[at + 1] as number;
    if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
      at += 4;
      let field = 0;
      switch (key) {
        case 69: // E
          at = readInteger(bytes, at, values, Value.eventTimeUs);
          break;
        case 117: // u
          at = readInteger(bytes, at, values, Value.lastUpdateId);
          field = Seen.id;
          break;
        case 115: // s
          at = readSymbol(bytes, at, table, m);
          field = Seen.symbol;
          break;
        case 98: // b
          at = readPrice(bytes, at, table, m, Value.bidTicks);
          field = Seen.bidPrice;
          break;
        case 97: // a
          at = readPrice(bytes, at, table, m, Value.askTicks);
          field = Seen.askPrice;
          break;
        case 66: // B
          at = readSize(bytes, at, table, m, Value.bidLots);
          field = Seen.bidSize;
          break;
        case 65: // A
          at = readSize(bytes, at, table, m, Value.askLots);
          field = Seen.askSize;
          break;
        case 101: // e: COIN-M names the event second
          if (!isText(bytes, at, at + BOOK_TICKER.length, BOOK_TICKER)) return -1;
          at += BOOK_TICKER.length;
          break;
        default:
          at = skipScalar(bytes, at);
      }
      if ((seen & field) !== 0) return -1;
      seen |= field;
    } else {
      at = skipMember(bytes, at);
    }
    if (at < 0) return -1;
    next = bytes[at++] as number;
  }
  if (next !== CLOSE_OBJECT || seen !== ALL) return -1;
  values[Value.eventTimeUs] = toMicroseconds(values[Value.eventTimeUs] as number);
  m.kind = MessageKind.bookTicker;
  return at;
}

function readPrice(bytes: Uint8Array, at: number, table: InstrumentTable, m: MarketMessage, value: number): number {
  if (m.instrument < 0) return -1;
  const decimals = table.priceDecimals[m.instrument] as number;
  return readQuotedSteps(bytes, at, decimals, table.priceUnits[m.instrument] as number, m.values, value);
}

function readSize(bytes: Uint8Array, at: number, table: InstrumentTable, m: MarketMessage, value: number): number {
  if (m.instrument < 0) return -1;
  const decimals = table.sizeDecimals[m.instrument] as number;
  return readQuotedSteps(bytes, at, decimals, table.sizeUnits[m.instrument] as number, m.values, value);
}
