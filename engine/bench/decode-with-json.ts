export const decodeKinds = ['depth', 'trade'] as const;
export type DecodeKind = (typeof decodeKinds)[number];
export const decodeVenues = ['binance-spot', 'binance-usdm', 'bybit', 'upbit', 'okx', 'kraken'] as const;
export type DecodeVenue = (typeof decodeVenues)[number];

/**
 * The peer: `JSON.parse`, then `Number` on every price and size, consumed into a typed array as price, size, price, size
 * (bids before asks). Checks nothing. Returns how many numbers.
 */
export interface JsonDecoder extends Record<DecodeKind, (json: unknown, out: Float64Array) => number> {
  symbol(json: unknown): string;
}

type Level = [price: string, size: string, ...rest: string[]];

function levels(rows: readonly Level[] | undefined, out: Float64Array, from: number): number {
  let at = from;
  if (rows === undefined) return at;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Level;
    out[at++] = Number(row[0]);
    out[at++] = Number(row[1]);
  }
  return at;
}

interface BinanceMessage {
  data: {
    s: string;
    E: number;
    U: number;
    u: number;
    b: Level[];
    a: Level[];
    p: string;
    q: string;
    t: number;
    T: number;
  };
}
const binance: JsonDecoder = {
  symbol: (json) => (json as BinanceMessage).data.s,
  depth: (json, out) => {
    const { data } = json as BinanceMessage;
    return levels(data.a, out, levels(data.b, out, 0));
  },
  trade: (json, out) => {
    const { data } = json as BinanceMessage;
    out[0] = Number(data.p);
    out[1] = Number(data.q);
    return 2;
  },
};

interface BybitMessage {
  data: { s: string; b: Level[]; a: Level[] };
}
const bybit: JsonDecoder = {
  symbol: (json) => (json as BybitMessage).data.s,
  depth: (json, out) => {
    const { data } = json as BybitMessage;
    return levels(data.a, out, levels(data.b, out, 0));
  },
  trade: () => 0,
};

interface UpbitMessage {
  cd: string;
  obu: { ap: number; bp: number; as: number; bs: number }[];
  tp: number;
  tv: number;
}
const upbit: JsonDecoder = {
  symbol: (json) => (json as UpbitMessage).cd,
  depth: (json, out) => {
    const { obu } = json as UpbitMessage;
    const count = obu.length;
    for (let i = 0; i < count; i++) {
      const unit = obu[i] as UpbitMessage['obu'][0];
      out[2 * i] = unit.bp;
      out[2 * i + 1] = unit.bs;
      out[2 * (count + i)] = unit.ap;
      out[2 * (count + i) + 1] = unit.as;
    }
    return 4 * count;
  },
  trade: (json, out) => {
    const { tp, tv } = json as UpbitMessage;
    out[0] = tp;
    out[1] = tv;
    return 2;
  },
};

interface OkxMessage {
  arg: { instId: string };
  data: { bids: Level[]; asks: Level[]; px: string; sz: string }[];
}
const okx: JsonDecoder = {
  symbol: (json) => (json as OkxMessage).arg.instId,
  depth: (json, out) => {
    const book = (json as OkxMessage).data[0];
    return levels(book?.asks, out, levels(book?.bids, out, 0));
  },
  trade: (json, out) => {
    let at = 0;
    for (const { px, sz } of (json as OkxMessage).data) {
      out[at++] = Number(px);
      out[at++] = Number(sz);
    }
    return at;
  },
};

interface KrakenBook {
  b?: Level[];
  a?: Level[];
}
const kraken: JsonDecoder = {
  symbol: (json) => (json as unknown[]).at(-1) as string,
  depth: (json, out) => {
    const parts = json as KrakenBook[];
    let at = 0;
    // Bids and asks come in one object or in two.
    for (let i = 1; i < parts.length - 2; i++) at = levels(parts[i]?.b, out, at);
    for (let i = 1; i < parts.length - 2; i++) at = levels(parts[i]?.a, out, at);
    return at;
  },
  trade: (json, out) => levels((json as [number, Level[]])[1], out, 0),
};

export const jsonDecoders: Record<DecodeVenue, JsonDecoder> = {
  'binance-spot': binance,
  'binance-usdm': binance,
  bybit,
  upbit,
  okx,
  kraken,
};
