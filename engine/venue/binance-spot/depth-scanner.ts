import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_OBJECT, COLON, COMMA, endOfText, QUOTE, skipMember, skipScalar } from '../scan-values.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import { readLevels } from './level-scanner.ts';
import { type MarketMessage, MessageKind, Value } from './market-message.ts';
import type { ShapeDraft } from './message-shape.ts';
import { scanInteger, scanLevels, scanUnread } from './part-scanners.ts';
import type { PayloadBytes } from './payload-bytes.ts';
import { readSymbol } from './symbol-scanner.ts';

const Seen = { symbol: 1, firstId: 2, lastId: 4, bids: 8, asks: 16 } as const;
const DEPTH_FIELDS = Seen.symbol | Seen.firstId | Seen.lastId | Seen.bids | Seen.asks;
const SNAPSHOT_FIELDS = Seen.lastId | Seen.bids | Seen.asks;
const LAST_UPDATE_ID = asciiBytes('lastUpdateId');
const BIDS = asciiBytes('bids');
const ASKS = asciiBytes('asks');
const LOWER_P = 112;
const LOWER_U = 117;

/**
 * Members of the `depthUpdate` in `payload` from the one at `from` to the object's end, their places noted in `draft`; the
 * position behind it, or -1 for the slow path.
 */
export function scanDepth(
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
        case 115: // s
          at = readSymbol(bytes, at, table, m);
          field = Seen.symbol;
          break;
        case 85: // U
          at = scanInteger(payload, at, values, Value.firstUpdateId, draft);
          field = Seen.firstId;
          break;
        case 117: // u
          at = scanInteger(payload, at, values, Value.lastUpdateId, draft);
          field = Seen.lastId;
          break;
        case 98: // b
          at = scanLevels(payload, at, table, m, true, draft);
          field = Seen.bids;
          break;
        case 97: // a
          at = scanLevels(payload, at, table, m, false, draft);
          field = Seen.asks;
          break;
        case 101: // e, a second time
          return -1;
        default:
          at = scanUnread(payload, at, draft);
      }
      // What comes twice is not the scanner's to choose from.
      if ((seen & field) !== 0) return -1;
      seen |= field;
    } else if (key === LOWER_P && bytes[at + 2] === LOWER_U && bytes[at + 3] === QUOTE && bytes[at + 4] === COLON) {
      at = scanInteger(payload, at + 5, values, Value.previousUpdateId, draft);
    } else {
      at = skipMember(bytes, at);
    }
    if (at < 0) return -1;
    next = bytes[at++] as number;
  }
  if (next !== CLOSE_OBJECT || seen !== DEPTH_FIELDS) return -1;
  m.kind = MessageKind.depth;
  return at;
}

/** Members of the REST snapshot in `payload`, of the message's instrument, from the one at `from` on; the position behind its end, or -1 for the slow path. */
export function scanSnapshot(payload: PayloadBytes, from: number, table: InstrumentTable, m: MarketMessage): number {
  const { bytes } = payload;
  let at = from;
  let seen = 0;
  let next = COMMA;
  while (next === COMMA) {
    if (bytes[at] !== QUOTE) return -1;
    const key = at + 1;
    const end = endOfText(bytes, key);
    if (end < 0 || bytes[end + 1] !== COLON) return -1;
    at = end + 2;
    let field = 0;
    if (isText(bytes, key, end, LAST_UPDATE_ID)) {
      at = payload.readInteger(at, m.values, Value.lastUpdateId);
      field = Seen.lastId;
    } else if (isText(bytes, key, end, BIDS)) {
      at = readLevels(payload, at, table, m, true);
      field = Seen.bids;
    } else if (isText(bytes, key, end, ASKS)) {
      at = readLevels(payload, at, table, m, false);
      field = Seen.asks;
    } else {
      at = skipScalar(bytes, at);
    }
    if (at < 0 || (seen & field) !== 0) return -1;
    seen |= field;
    next = bytes[at++] as number;
  }
  if (next !== CLOSE_OBJECT || seen !== SNAPSHOT_FIELDS) return -1;
  m.kind = MessageKind.snapshot;
  return at;
}
