/** A made-up market for looking at the page without an engine: dev.html only, never in the product. */
import {
  CANDLE_FIELDS,
  LEVEL_FIELDS,
  MARKET_HEADER_FIELDS,
  MarketField,
  type MarketFrameWriter,
  TRADE_FIELDS,
  WORKING_FIELDS,
} from '../../engine/contract/market-frame.ts';
import type { OrderView } from '../../engine/contract/trading-messages.ts';
import { Side } from '../../engine/contract/units.ts';

const LEVELS = 120;

/** mulberry32 */
export function seededRandom(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class RandomMarket {
  readonly instrument: number;
  readonly #random: () => number;
  readonly #gap: number;
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  #mid: number;
  #drift = 0;
  #tradeId = 1000;
  readonly trades: number[][] = [];
  /** 1 s candles by open time. */
  readonly candles = new Map<number, number[]>();
  readonly #touched = new Set<number>();
  lastPriceTicks = 0;
  lastSizeLots = 0;
  lastSide: number = Side.none;
  events = 0;

  constructor(instrument: number, midTicks: number, gap: number) {
    this.instrument = instrument;
    this.#random = seededRandom(instrument + 7);
    this.#gap = gap;
    this.#mid = midTicks;
    const nowS = Math.floor(Date.now() / 1000);
    for (let t = nowS - 900; t < nowS; t++) for (let i = 0; i < 4; i++) this.#step(t * 1e6 + i * 250_000);
    this.trades.splice(0, this.trades.length - 100);
  }

  get bestBid(): number {
    return Math.max(...this.bids.keys());
  }

  get bestAsk(): number {
    return Math.min(...this.asks.keys());
  }

  /** Moves on by one frame's worth of events. */
  step(timeUs: number): void {
    const rounds = 1 + Math.floor(this.#random() * 3);
    for (let i = 0; i < rounds; i++) this.#step(timeUs + i);
  }

  #step(timeUs: number): void {
    const random = this.#random;
    this.#drift = this.#drift * 0.985 + (random() - 0.5) * 0.5;
    this.#mid += (this.#drift + (random() - 0.5) * 1.2) * this.#gap;
    const bid = Math.floor(this.#mid);
    const ask = bid + 1 + Math.floor(random() * 1.6 * this.#gap);
    for (const price of this.bids.keys())
      if (price > bid || price < bid - LEVELS * this.#gap * 1.5) this.bids.delete(price);
    for (const price of this.asks.keys())
      if (price < ask || price > ask + LEVELS * this.#gap * 1.5) this.asks.delete(price);
    const size = (distance: number) =>
      Math.ceil((0.2 + random() ** 3 * 4) * (400 + distance * 22) * (random() < 0.04 ? 6 : 1));
    this.bids.set(bid, this.bids.get(bid) ?? size(0));
    this.asks.set(ask, this.asks.get(ask) ?? size(0));
    while (this.bids.size < LEVELS) {
      const d = Math.floor(random() * LEVELS * this.#gap * 1.3);
      this.bids.set(bid - d, size(d / this.#gap));
    }
    while (this.asks.size < LEVELS) {
      const d = Math.floor(random() * LEVELS * this.#gap * 1.3);
      this.asks.set(ask + d, size(d / this.#gap));
    }
    this.events += 12;
    if (random() < 0.55) {
      const buy = random() < 0.5 + this.#drift * 0.2;
      this.#trade(timeUs, buy ? ask : bid, Math.ceil(random() ** 4 * 30_000 + 20), buy ? Side.buy : Side.sell);
    }
  }

  #trade(timeUs: number, priceTicks: number, sizeLots: number, side: number): void {
    this.trades.push([timeUs, priceTicks, sizeLots, this.#tradeId++, side]);
    this.lastPriceTicks = priceTicks;
    this.lastSizeLots = sizeLots;
    this.lastSide = side;
    const openS = Math.floor(timeUs / 1e6);
    const candle = this.candles.get(openS) ?? [openS, priceTicks, priceTicks, priceTicks, priceTicks, 0, 0];
    candle[2] = Math.max(candle[2] as number, priceTicks);
    candle[3] = Math.min(candle[3] as number, priceTicks);
    candle[4] = priceTicks;
    candle[5] = (candle[5] as number) + sizeLots;
    if (side === Side.buy) candle[6] = (candle[6] as number) + sizeLots;
    this.candles.set(openS, candle);
    this.#touched.add(openS);
  }

  /** Writes the body of a frame; returns its length in fields. */
  write(writer: MarketFrameWriter, timeUs: number, timeNs: number, orders: OrderView[], position: number[]): number {
    const body = writer.body;
    const bids = [...this.bids].sort((a, b) => b[0] - a[0]);
    const asks = [...this.asks].sort((a, b) => a[0] - b[0]);
    const candles = [...this.#touched].map((openS) => this.candles.get(openS) as number[]);
    body.fill(0, 0, MARKET_HEADER_FIELDS);
    body[MarketField.instrument] = this.instrument;
    body[MarketField.bookState] = 2;
    body[MarketField.exchangeTimeUs] = timeUs;
    body[MarketField.sourceTimeNs] = timeNs - 900_000;
    body[MarketField.conflatedEvents] = this.events;
    body[MarketField.lastPriceTicks] = this.lastPriceTicks;
    body[MarketField.lastSizeLots] = this.lastSizeLots;
    body[MarketField.lastSide] = this.lastSide;
    body[MarketField.positionLots] = position[0] as number;
    body[MarketField.averagePriceTicks] = position[1] as number;
    body[MarketField.realizedPnl] = position[2] as number;
    body[MarketField.unrealizedPnl] = position[3] as number;
    body[MarketField.fees] = position[4] as number;
    body[MarketField.bidCount] = bids.length;
    body[MarketField.askCount] = asks.length;
    body[MarketField.tradeCount] = this.trades.length;
    body[MarketField.candleCount] = candles.length;
    body[MarketField.workingCount] = orders.length;
    let at: number = MARKET_HEADER_FIELDS;
    const put = (rows: ArrayLike<number>[], fields: number) => {
      for (const row of rows) for (let i = 0; i < fields; i++) body[at++] = row[i] as number;
    };
    put(bids, LEVEL_FIELDS);
    put(asks, LEVEL_FIELDS);
    put(this.trades, TRADE_FIELDS);
    put(candles, CANDLE_FIELDS);
    put(
      orders.map((o) => [o.orderNumber, o.side === 'buy' ? 1 : 2, o.priceTicks, o.sizeLots - o.filledLots, 1234, 1]),
      WORKING_FIELDS,
    );
    this.trades.length = 0;
    this.#touched.clear();
    this.events = 0;
    return at;
  }
}
