import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_OBJECT, COLON, COMMA, QUOTE, skipMember } from '../scan-values.ts';
import { type MarketMessage, MessageKind, Value } from './market-message.ts';
import type { ShapeDraft } from './message-shape.ts';
import { scanInteger, scanPrice, scanSize, scanUnread } from './part-scanners.ts';
import type { PayloadBytes } from './payload-bytes.ts';
import { readSymbol } from './symbol-scanner.ts';

const BOOK_TICKER = asciiBytes('"bookTicker"');
const Seen = { symbol: 1, id: 2, bidPrice: 4, bidSize: 8, askPrice: 16, askSize: 32 } as const;
const ALL = Seen.symbol | Seen.id | Seen.bidPrice | Seen.bidSize | Seen.askPrice | Seen.askSize;

/**
 * Members of a `bookTicker` from the one at `from` to the object's end, their places noted in `draft`; the position behind
 * it, or -1 for the slow path. Spot's names no event; the symbol must come before prices and sizes.
 */
export function scanTicker(
  payload: PayloadBytes,
  from: number,
  table: InstrumentTable,
  m: MarketMessage,
  draft: ShapeDraft,
): number {
  const { values } = m;
  const { bytes } = payload;
  let at = from;
  let seen = 0;
  let next = COMMA;
  while (next === COMMA) {
    if (at + 5 > payload.length || bytes[at] !== QUOTE) return -1;
    const key = bytes[at + 1] as number;
    if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
      at += 4;
      let field = 0;
      switch (key) {
        case 69: // E
          at = scanInteger(payload, at, values, Value.eventTimeUs, draft);
          break;
        case 117: // u
          at = scanInteger(payload, at, values, Value.lastUpdateId, draft);
          field = Seen.id;
          break;
        case 115: // s
          at = readSymbol(bytes, at, table, m);
          field = Seen.symbol;
          break;
        case 98: // b
          at = scanPrice(payload, at, table, m, Value.bidTicks, draft);
          field = Seen.bidPrice;
          break;
        case 97: // a
          at = scanPrice(payload, at, table, m, Value.askTicks, draft);
          field = Seen.askPrice;
          break;
        case 66: // B
          at = scanSize(payload, at, table, m, Value.bidLots, draft);
          field = Seen.bidSize;
          break;
        case 65: // A
          at = scanSize(payload, at, table, m, Value.askLots, draft);
          field = Seen.askSize;
          break;
        case 101: // e: COIN-M names the event second
          if (!isText(bytes, at, at + BOOK_TICKER.length, BOOK_TICKER)) return -1;
          at += BOOK_TICKER.length;
          break;
        default:
          at = scanUnread(payload, at, draft);
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
  m.kind = MessageKind.bookTicker;
  return at;
}
