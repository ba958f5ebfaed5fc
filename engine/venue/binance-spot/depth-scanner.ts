import type { InstrumentTable } from '../instrument-table.ts';
import { CLOSE_OBJECT, COLON, COMMA, endOfText, QUOTE, readInteger, skipMember, skipScalar } from '../scan-values.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import { type MarketMessage, MessageKind, toMicroseconds, Value } from './market-message.ts';
import type { LevelScanner } from './level-scanner.ts';
import { readSymbol } from './symbol-scanner.ts';

const Seen = { symbol: 1, firstId: 2, lastId: 4, bids: 8, asks: 16 } as const;
const DEPTH_FIELDS = Seen.symbol | Seen.firstId | Seen.lastId | Seen.bids | Seen.asks;
const SNAPSHOT_FIELDS = Seen.lastId | Seen.bids | Seen.asks;
const LAST_UPDATE_ID = asciiBytes('lastUpdateId');
const BIDS = asciiBytes('bids');
const ASKS = asciiBytes('asks');
const LOWER_P = 112;
const LOWER_U = 117;

/** Members of the `depthUpdate` in `payload` from the one at `from` to the object's end; the position behind it, or -1 for the slow path. */
export function scanDepth(
  payload: Uint8Array,
  from: number,
  table: InstrumentTable,
  m: MarketMessage,
  levels: LevelScanner,
): number {
  const { values } = m;
  const bytes = levels.load(payload);
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
          at = readInteger(bytes, at, values, Value.eventTimeUs);
          break;
        case 115: // s
          at = readSymbol(bytes, at, table, m);
          field = Seen.symbol;
          break;
        case 85: // U
          at = readInteger(bytes, at, values, Value.firstUpdateId);
          field = Seen.firstId;
          break;
        case 117: // u
          at = readInteger(bytes, at, values, Value.lastUpdateId);
          field = Seen.lastId;
          break;
        case 98: // b
          at = levels.read(at, table, m, true);
          field = Seen.bids;
          break;
        case 97: // a
          at = levels.read(at, table, m, false);
          field = Seen.asks;
          break;
        case 101: // e, a second time
          return -1;
        default:
          at = skipScalar(bytes, at);
      }
      // What comes twice is not the scanner's to choose from.
      if ((seen & field) !== 0) return -1;
      seen |= field;
    } else if (key === LOWER_P && bytes[at + 2] === LOWER_U && bytes[at + 3] === QUOTE && bytes[at + 4] === COLON) {
      at = readInteger(bytes, at + 5, values, Value.previousUpdateId);
    } else {
      at = skipMember(bytes, at);
    }
    if (at < 0) return -1;
    next = bytes[at++] as number;
  }
  if (next !== CLOSE_OBJECT || seen !== DEPTH_FIELDS) return -1;
  if ((values[Value.lastUpdateId] as number) < (values[Value.firstUpdateId] as number)) return -1;
  values[Value.eventTimeUs] = toMicroseconds(values[Value.eventTimeUs] as number);
  m.kind = MessageKind.depth;
  return at;
}

/** Members of the REST snapshot in `payload`, of the message's instrument, from the one at `from` on; the position behind its end, or -1 for the slow path. */
export function scanSnapshot(
  payload: Uint8Array,
  from: number,
  table: InstrumentTable,
  m: MarketMessage,
  levels: LevelScanner,
): number {
  const bytes = levels.load(payload);
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
      at = readInteger(bytes, at, m.values, Value.lastUpdateId);
      field = Seen.lastId;
    } else if (isText(bytes, key, end, BIDS)) {
      at = levels.read(at, table, m, true);
      field = Seen.bids;
    } else if (isText(bytes, key, end, ASKS)) {
      at = levels.read(at, table, m, false);
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
