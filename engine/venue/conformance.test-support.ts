import type { MarketProtocol } from '../contract/market-protocol.ts';
import { crc32 } from '../core/crc32.ts';

/** Ticks and lots are 1: what the venues write are the ticks and lots themselves. */
export type Side = Map<number, number>;

/** The venue's truth about one instrument, and its place in the venue's numbering. Nothing shared with the adapters. */
export class WireBook {
  readonly symbol: string;
  readonly bids: Side = new Map([
    [1000, 5],
    [999, 7],
    [998, 9],
  ]);
  readonly asks: Side = new Map([
    [1001, 6],
    [1002, 8],
    [1003, 10],
  ]);
  /** Number of the newest update, and of the one before. */
  id = 100;
  previousId = 99;
  timeMs = 1_700_000_000_000;
  trades = 0;

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  /** Sizes change and one bid moves; as many levels as before. */
  change(): { bids: [number, number][]; asks: [number, number][] } {
    this.previousId = this.id++;
    this.timeMs += 100;
    const size = 5 + (this.id % 40);
    const lowest = Math.min(...this.bids.keys());
    const next = lowest === 998 ? 997 : 998;
    this.bids.delete(lowest);
    this.bids.set(next, size);
    this.asks.set(1001, size + 1);
    return {
      bids: [
        [lowest, 0],
        [next, size],
      ],
      asks: [[1001, size + 1]],
    };
  }

  rows(bids: boolean): [number, number][] {
    return [...(bids ? this.bids : this.asks)].sort((a, b) => (bids ? b[0] - a[0] : a[0] - b[0]));
  }

  text(): string {
    return JSON.stringify([this.rows(true), this.rows(false)]);
  }
}

/** What a venue says and is told, in its own words. */
export interface VenueWire {
  protocol: MarketProtocol;
  symbols: [string, string, string];
  /** Book of a subscription or of a REST snapshot. */
  snapshot(book: WireBook): string;
  /** Changes the book and says so. */
  update(book: WireBook): string;
  /** A trade of 3 lots at 1,001, bought. `price` as written, for bad ones. */
  trade(book: WireBook, price?: string): string;
  /** Route that trades come over. */
  tradeRoute: number;
  /** By REST, or in the stream with every subscription. */
  snapshotsBy: 'request' | 'subscription';
  /** An update that does not follow, after the changes before it were lost. */
  afterLoss(book: WireBook): string;
  /** State that a loss leads to. */
  lossState: 'gap' | 'checksum';
  /** The streams asked for by an address and texts, as `symbol channel`; what leaves them again is left out. */
  streams(path: string, texts: readonly string[]): string[];
}

const strings = (rows: [number, number][]): [string, string][] => rows.map(([p, q]) => [String(p), String(q)]);

function binance(protocol: MarketProtocol, symbols: VenueWire['symbols'], namesPrevious: boolean): VenueWire {
  const wrap = (stream: string, data: object): string => JSON.stringify({ stream, data });
  const update = (book: WireBook): string => {
    const { bids, asks } = book.change();
    const pu = namesPrevious ? { T: book.timeMs, pu: book.previousId } : {};
    const data = { e: 'depthUpdate', E: book.timeMs, s: book.symbol, U: book.id, u: book.id, ...pu };
    return wrap(`${book.symbol.toLowerCase()}@depth@100ms`, { ...data, b: strings(bids), a: strings(asks) });
  };
  return {
    protocol,
    symbols,
    tradeRoute: protocol === 'binance-usdm' ? 1 : 0,
    snapshotsBy: 'request',
    lossState: 'gap',
    snapshot: (book) =>
      JSON.stringify({ lastUpdateId: book.id, bids: strings(book.rows(true)), asks: strings(book.rows(false)) }),
    update,
    afterLoss: (book) => {
      update(book);
      return update(book);
    },
    trade: (book, p = '1001') => {
      const id = ++book.trades;
      const common = { E: book.timeMs, s: book.symbol, p, q: '3', T: book.timeMs, m: false };
      return protocol === 'binance-spot'
        ? wrap(`${book.symbol.toLowerCase()}@trade`, { e: 'trade', ...common, t: id, M: true })
        : wrap(`${book.symbol.toLowerCase()}@aggTrade`, { e: 'aggTrade', ...common, a: id, f: id, l: id });
    },
    streams: (path, texts) => {
      const asked = (/streams=(.*)$/.exec(path)?.[1] ?? '').split('/').filter((name) => name !== '');
      for (const text of texts) {
        const { method, params } = JSON.parse(text) as { method: string; params: string[] };
        if (method === 'SUBSCRIBE') asked.push(...params);
        else for (const name of params) asked.splice(asked.indexOf(name), asked.includes(name) ? 1 : 0);
      }
      return asked.map((name) => name.toUpperCase().replace('@', ' '));
    },
  };
}

function bybit(protocol: MarketProtocol): VenueWire {
  const message = (book: WireBook, type: string, b: [number, number][], a: [number, number][]): string =>
    JSON.stringify({
      topic: `orderbook.200.${book.symbol}`,
      type,
      ts: book.timeMs,
      data: { s: book.symbol, b: strings(b), a: strings(a), u: book.id, seq: book.id },
      cts: book.timeMs,
    });
  const update = (book: WireBook): string => {
    const { bids, asks } = book.change();
    return message(book, 'delta', bids, asks);
  };
  return {
    protocol,
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    tradeRoute: 0,
    snapshotsBy: 'subscription',
    lossState: 'gap',
    snapshot: (book) => message(book, 'snapshot', book.rows(true), book.rows(false)),
    update,
    afterLoss: (book) => {
      update(book);
      return update(book);
    },
    trade: (book, p = '1001') =>
      JSON.stringify({
        topic: `publicTrade.${book.symbol}`,
        type: 'snapshot',
        ts: book.timeMs,
        data: [
          { T: book.timeMs, s: book.symbol, S: 'Buy', v: '3', p, i: `id-${++book.trades}`, BT: false, seq: book.id },
        ],
      }),
    streams: (_path, texts) =>
      texts.flatMap((text) => {
        const { op, args } = JSON.parse(text) as { op: string; args: string[] };
        return op === 'subscribe' ? args.map((topic) => topic.replace(/^(.*)\.(.*)$/, '$2 $1')) : [];
      }),
  };
}

const upbit: VenueWire = {
  protocol: 'upbit',
  symbols: ['KRW-BTC', 'KRW-ETH', 'KRW-XRP'],
  tradeRoute: 0,
  snapshotsBy: 'subscription',
  lossState: 'gap',
  snapshot: (book) => upbitBook(book, 'SNAPSHOT', book.timeMs),
  update: (book) => {
    book.change();
    return upbitBook(book, 'REALTIME', book.timeMs);
  },
  // Losing a whole book loses nothing; one that is older than the newest is what must not pass.
  afterLoss: (book) => upbitBook(book, 'REALTIME', book.timeMs - 50),
  trade: (book, price = '1001') =>
    `{"ty":"trade","cd":"${book.symbol}","tms":${book.timeMs},"ttms":${book.timeMs},"tp":${price},"tv":3,"ab":"BID","sid":${++book.trades},"st":"REALTIME"}`,
  streams: (_path, texts) => {
    // Each replaces the one before.
    const last = texts.at(-1);
    if (last === undefined) return [];
    return (JSON.parse(last) as { type?: string; codes?: string[] }[]).flatMap(({ type, codes }) =>
      (codes ?? []).map((code) => `${code} ${type}`),
    );
  },
};

function upbitBook(book: WireBook, st: string, tms: number): string {
  const bids = book.rows(true);
  const asks = book.rows(false);
  const sum = (rows: [number, number][]): number => rows.reduce((total, row) => total + row[1], 0);
  const obu = asks.map(([ap, as], i) => ({ ap, bp: bids[i]?.[0], as, bs: bids[i]?.[1] }));
  return JSON.stringify({ ty: 'orderbook', cd: book.symbol, tms, tas: sum(asks), tbs: sum(bids), obu, lv: 0, st });
}

const okx: VenueWire = {
  protocol: 'okx',
  symbols: ['BTC-USDT', 'ETH-USDT', 'SOL-USDT'],
  tradeRoute: 0,
  snapshotsBy: 'subscription',
  lossState: 'gap',
  snapshot: (book) => okxBook(book, 'snapshot', book.rows(true), book.rows(false), -1),
  update: (book) => {
    const { bids, asks } = book.change();
    return okxBook(book, 'update', bids, asks, book.previousId);
  },
  afterLoss: (book) => {
    book.change();
    return okx.update(book);
  },
  trade: (book, px = '1001') => {
    const trade = {
      instId: book.symbol,
      tradeId: String(++book.trades),
      px,
      sz: '3',
      side: 'buy',
      ts: String(book.timeMs),
    };
    return JSON.stringify({ arg: { channel: 'trades', instId: book.symbol }, data: [trade] });
  },
  streams: (_path, texts) =>
    texts.flatMap((text) => {
      const { op, args } = JSON.parse(text) as { op: string; args: { channel: string; instId: string }[] };
      return op === 'subscribe' ? args.map(({ channel, instId }) => `${instId} ${channel}`) : [];
    }),
};

function okxBook(
  book: WireBook,
  action: string,
  bids: [number, number][],
  asks: [number, number][],
  prevSeqId: number,
): string {
  const rows = (side: [number, number][]): string[][] => strings(side).map(([p, q]) => [p, q, '0', '1']);
  const data = { asks: rows(asks), bids: rows(bids), ts: String(book.timeMs), checksum: 0, seqId: book.id, prevSeqId };
  return JSON.stringify({ arg: { channel: 'books', instId: book.symbol }, action, data: [data] });
}

const kraken: VenueWire = {
  protocol: 'kraken',
  symbols: ['XBT/USD', 'ETH/USD', 'SOL/USD'],
  tradeRoute: 0,
  snapshotsBy: 'subscription',
  lossState: 'checksum',
  snapshot: (book) => {
    const sides = { as: krakenRows(book, book.rows(false)), bs: krakenRows(book, book.rows(true)) };
    return JSON.stringify([7, sides, 'book-1000', book.symbol]);
  },
  update: (book) => {
    const { bids, asks } = book.change();
    const digits = new TextEncoder().encode([...book.rows(false), ...book.rows(true)].flat().join(''));
    const c = String(crc32(digits, 0, digits.length));
    const parts = [{ a: krakenRows(book, asks) }, { b: krakenRows(book, bids), c }];
    return JSON.stringify([7, ...parts, 'book-1000', book.symbol]);
  },
  afterLoss: (book) => {
    // What is lost must not be said again by what follows.
    book.asks.set(1002, book.asks.get(1002) === 8 ? 18 : 8);
    return kraken.update(book);
  },
  trade: (book, price = '1001') => {
    book.trades++;
    return JSON.stringify([8, [[price, '3', krakenTime(book), 'b', 'l', '']], 'trade', book.symbol]);
  },
  streams: (_path, texts) =>
    texts.flatMap((text) => {
      const { event, pair, subscription } = JSON.parse(text) as {
        event: string;
        pair: string[];
        subscription: { name: string };
      };
      return event === 'subscribe' ? pair.map((symbol) => `${symbol} ${subscription.name}`) : [];
    }),
};

const krakenTime = (book: WireBook): string => (book.timeMs / 1000).toFixed(6);
const krakenRows = (book: WireBook, rows: [number, number][]): string[][] =>
  strings(rows).map(([price, size]) => [price, size, krakenTime(book)]);

/** Every native protocol: one that is missing here does not compile. */
export const venueWires: Readonly<Record<MarketProtocol, VenueWire>> = {
  'binance-spot': binance('binance-spot', ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], false),
  'binance-usdm': binance('binance-usdm', ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], true),
  'binance-coinm': binance('binance-coinm', ['BTCUSD_PERP', 'ETHUSD_PERP', 'SOLUSD_PERP'], true),
  bybit: bybit('bybit'),
  'bybit-spot': bybit('bybit-spot'),
  upbit,
  okx,
  kraken,
};
