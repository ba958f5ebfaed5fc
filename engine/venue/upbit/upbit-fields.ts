import { asciiBytes, isText } from '../byte-text.ts';

/** Members of Upbit's messages that are read. */
export const UpbitField = {
  type: 0,
  code: 1,
  timestamp: 2,
  totalAsk: 3,
  totalBid: 4,
  units: 5,
  level: 6,
  stream: 7,
  tradeTime: 8,
  price: 9,
  volume: 10,
  side: 11,
  sequential: 12,
  error: 13,
} as const;

/** Their names, DEFAULT and SIMPLE, in that order; both may come mixed. */
const names: readonly (readonly [long: string, short: string])[] = [
  ['type', 'ty'],
  ['code', 'cd'],
  ['timestamp', 'tms'],
  ['total_ask_size', 'tas'],
  ['total_bid_size', 'tbs'],
  ['orderbook_units', 'obu'],
  ['level', 'lv'],
  ['stream_type', 'st'],
  ['trade_timestamp', 'ttms'],
  ['trade_price', 'tp'],
  ['trade_volume', 'tv'],
  ['ask_bid', 'ab'],
  ['sequential_id', 'sid'],
  ['error', 'error'],
];
const FIELDS = names.length;
/** Names of up to four bytes are told by their bytes in one number. */
const PACKED_BYTES = 4;
const bothNames = [...names.map(([long]) => long), ...names.map(([, short]) => short)];
const lengths = Uint8Array.from(bothNames, (name) => name.length);
const packed = Int32Array.from(bothNames, (name) =>
  name.length > PACKED_BYTES ? 0 : pack(asciiBytes(name), 0, name.length),
);
const longNames = names.map(([long]) => asciiBytes(long));

/** The field whose name is `bytes[from, to)`; -1 for another. */
export function upbitFieldOf(bytes: Uint8Array, from: number, to: number): number {
  if (to - from <= PACKED_BYTES) {
    const name = pack(bytes, from, to);
    for (let i = 2 * FIELDS - 1; i >= 0; i--) {
      if (packed[i] === name && lengths[i] === to - from) return i < FIELDS ? i : i - FIELDS;
    }
    return -1;
  }
  for (let i = 0; i < FIELDS; i++) {
    const name = longNames[i] as Uint8Array;
    if (to - from === name.length && isText(bytes, from, to, name)) return i;
  }
  return -1;
}

function pack(bytes: Uint8Array, from: number, to: number): number {
  let name = 0;
  for (let at = from; at < to; at++) name = (name << 8) | (bytes[at] as number);
  return name;
}
