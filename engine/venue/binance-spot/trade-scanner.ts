import { asciiBytes, isText } from '../byte-text.ts';
import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_OBJECT, COLON, COMMA, QUOTE, skipMember, skipScalar } from '../scan-values.ts';
import { type MarketMessage, MessageKind, Value } from './market-message.ts';
import { PartType, type ShapeDraft } from './message-shape.ts';
import { scanInteger, scanPrice, scanSize, scanUnread } from './part-scanners.ts';
import type { PayloadBytes } from './payload-bytes.ts';
import { readSymbol } from './symbol-scanner.ts';

const Seen = { symbol: 1, price: 2, size: 4, id: 8, maker: 16 } as const;
const ALL = Seen.symbol | Seen.price | Seen.size | Seen.id | Seen.maker;
const MARKET = asciiBytes('"MARKET"');
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');
/** Name of the id. */
const LOWER_A = 97;
const LOWER_T = 116;

/**
 * Members of a `trade` or an `aggTrade` from the one at `from` to the object's end, their places noted in `draft`; the
 * position behind it, or -1 for the slow path. The symbol must come before price and size.
 */
export function scanTrade(
  payload: PayloadBytes,
  from: number,
  table: InstrumentTable,
  m: MarketMessage,
  isAggregate: boolean,
  draft: ShapeDraft,
): number {
  const { values } = m;
  const { bytes } = payload;
  const idKey = isAggregate ? LOWER_A : LOWER_T;
  let at = from;
  let seen = 0;
  let isOffBook = false;
  let next = COMMA;
  while (next === COMMA) {
    if (at + 5 > payload.length || bytes[at] !== QUOTE) return -1;
    const key = bytes[at + 1] as number;
    if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
      at += 4;
      let field = 0;
      if (key === idKey) {
        at = scanInteger(payload, at, values, Value.tradeId, draft);
        field = Seen.id;
      } else {
        switch (key) {
          case 69: // E
            at = scanInteger(payload, at, values, Value.eventTimeUs, draft);
            break;
          case 84: // T
            at = scanInteger(payload, at, values, Value.tradeTimeUs, draft);
            break;
          case 115: // s
            at = readSymbol(bytes, at, table, m);
            field = Seen.symbol;
            break;
          case 112: // p
            at = scanPrice(payload, at, table, m, Value.priceTicks, draft);
            field = Seen.price;
            break;
          case 113: // q
            at = scanSize(payload, at, table, m, Value.sizeLots, draft);
            field = Seen.size;
            break;
          case 109: {
            // m
            field = Seen.maker;
            const from = at;
            m.buyerIsMaker = isText(bytes, at, at + 4, TRUE);
            if (m.buyerIsMaker) at += 4;
            else if (isText(bytes, at, at + 5, FALSE)) at += 5;
            else return -1;
            draft.add(PartType.maker, from, at);
            break;
          }
          case 88: // X: type of a futures trade; MARKET alone met the book
            isOffBook = !isAggregate && !isText(bytes, at, at + MARKET.length, MARKET);
            at = skipScalar(bytes, at);
            break;
          case 101: // e, a second time
            return -1;
          default:
            at = scanUnread(payload, at, draft);
        }
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
  m.kind = isOffBook ? MessageKind.ignored : MessageKind.trade;
  return at;
}
