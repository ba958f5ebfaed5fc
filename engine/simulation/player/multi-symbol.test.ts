import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { OrderBook } from '../../market/order-book.ts';
import { BinanceFuturesAdapter } from '../../venue/binance-futures/binance-futures-adapter.ts';
import { BinanceSpotAdapter } from '../../venue/binance-spot/binance-spot-adapter.ts';
import { parseExchangeInfo } from '../../venue/binance-spot/exchange-info.ts';
import type { FeedCounters, MarketAdapterIo } from '../../venue/market-adapter.ts';
import { readCryptofeed } from './cryptofeed-reader.ts';
import { dataFolder, skipReason } from './recorded-day.test-support.ts';

interface Capture {
  name: string;
  symbols: string[];
  messages: { depth: number; quotes: number; trades: number };
  tops: number;
  slowMessages: number;
  /** Finer than the venue's tick at the time: orders from before it was made coarser still stand in the book. */
  tickSizes: Record<string, string>;
  create(
    instruments: readonly InstrumentSpec[],
    originUs: number,
    io: MarketAdapterIo,
  ): BinanceSpotAdapter | BinanceFuturesAdapter;
}

const captures: Capture[] = [
  {
    name: 'BINANCE',
    symbols: ['NKNUSDT', 'BLZETH', 'LRCBTC', 'RUNEEUR'],
    messages: { depth: 177, quotes: 84, trades: 2 },
    tops: 159,
    slowMessages: 3,
    tickSizes: { NKNUSDT: '0.00001' },
    create: (instruments, originUs, io) =>
      new BinanceSpotAdapter({ instruments, tradeStream: 'aggTrade', originUs }, io),
  },
  {
    name: 'BINANCE_FUTURES',
    symbols: ['SUSHIUSDT', 'AKROUSDT', 'KEEPUSDT', 'CTKUSDT'],
    messages: { depth: 764, quotes: 613, trades: 91 },
    tops: 744,
    slowMessages: 67,
    tickSizes: { CTKUSDT: '0.00001' },
    create: (instruments, originUs, io) =>
      new BinanceFuturesAdapter({ market: 'usdm', instruments, tradeStream: 'aggTrade', originUs }, io),
  },
];

/** Book of one symbol, and its tops to hold against the venue's ticker. */
class SymbolView {
  readonly book = new OrderBook();
  readonly tops: number[][] = [];
  readonly quotes: number[][] = [];
  readonly tradeIds: number[] = [];
  readonly states: number[] = [];
  crossed = 0;
  #bid = 0;
  #bidLots = 0;

  emit(slot: EventSlot): void {
    const { book } = this;
    switch (slot.kind) {
      case RecordKind.snapshotBegin:
        book.clear();
        break;
      case RecordKind.level:
        book.set(slot.side, slot.priceTicks, slot.sizeLots);
        break;
      case RecordKind.diffEnd:
        if (book.isCrossed()) this.crossed++;
        this.tops.push([slot.aux, book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots]);
        break;
      case RecordKind.trade:
        this.tradeIds.push(slot.id);
        break;
      case RecordKind.quote:
        if (slot.side === Side.buy) {
          this.#bid = slot.priceTicks;
          this.#bidLots = slot.sizeLots;
        } else this.quotes.push([slot.id, this.#bid, this.#bidLots, slot.priceTicks, slot.sizeLots]);
        break;
      case RecordKind.bookState:
        this.states.push(slot.id);
        break;
    }
  }

  /** Tops that have a quote up to their id, and how many of them equal the newest such quote. */
  compare(): { compared: number; equal: number } {
    let [at, compared, equal] = [-1, 0, 0];
    for (const [id, ...values] of this.tops) {
      while (at + 1 < this.quotes.length && (this.quotes[at + 1]?.[0] as number) <= (id as number)) at++;
      const quote = this.quotes[at];
      if (quote === undefined) continue;
      compared++;
      if (values.every((value, i) => value === quote[i + 1])) equal++;
    }
    return { compared, equal };
  }
}

for (const capture of captures) {
  test(`capture ${capture.name}: four symbols on one connection, no gap, never crossed, tops as the ticker says`, {
    skip: skipReason,
  }, async () => {
    const folder = `${dataFolder}binance/multi-symbol/${capture.name}`;
    let specs: InstrumentSpec[] = [];
    for await (const { kind, url, bytes } of readCryptofeed(`${folder}.0`)) {
      if (kind === 'http' && url.includes('exchangeInfo'))
        specs = parseExchangeInfo(bytes, { makerFee: 0, takerFee: 0 });
    }
    const instruments = capture.symbols.map((symbol, index) => {
      const spec = specs.find((candidate) => candidate.symbol === symbol);
      assert.ok(spec, symbol);
      return { ...spec, index, tickSize: capture.tickSizes[symbol] ?? spec.tickSize };
    });
    const views = instruments.map(() => new SymbolView());
    let adapter: BinanceSpotAdapter | BinanceFuturesAdapter | undefined;
    for await (const { kind, timeNs, epochUs, url, bytes } of readCryptofeed([
      `${folder}.ws.1.0`,
      `${folder}.http.0.0`,
    ])) {
      if (adapter === undefined) {
        adapter = capture.create(instruments, epochUs, {
          emit: (slot) => views[slot.instrument]?.emit(slot),
          requestSnapshot: () => undefined,
          send: () => undefined,
          reconnect: (reason) => assert.fail(reason),
        });
        adapter.onConnected(0);
      }
      if (kind === 'message') adapter.onMessage(bytes, timeNs);
      else if (kind === 'http' && url.includes('/depth')) {
        const symbol = new URL(url).searchParams.get('symbol');
        adapter.onSnapshot(
          instruments.findIndex((spec) => spec.symbol === symbol),
          bytes,
          timeNs,
        );
      }
    }
    assert.ok(adapter);
    let [compared, equal, depth, quotes, trades] = [0, 0, 0, 0, 0];
    for (const { index, symbol } of instruments) {
      const counters: FeedCounters = adapter.counters(index);
      const { gaps, resyncs, badMessages, applied, discarded } = counters;
      assert.deepEqual({ gaps, resyncs, badMessages }, { gaps: 0, resyncs: 0, badMessages: 0 }, symbol);
      assert.ok(applied > 0, symbol);
      assert.equal(applied + discarded, counters.depth, symbol);
      const view = views[index] as SymbolView;
      assert.deepEqual(view.states, [BookState.syncing, BookState.live], symbol);
      assert.equal(view.crossed, 0, symbol);
      view.tradeIds.forEach((id, i) => {
        if (i > 0) assert.equal(id, (view.tradeIds[i - 1] as number) + 1, symbol);
      });
      const result = view.compare();
      compared += result.compared;
      equal += result.equal;
      depth += counters.depth;
      quotes += counters.quotes;
      trades += counters.trades;
    }
    assert.deepEqual({ depth, quotes, trades }, capture.messages);
    assert.deepEqual([equal, compared], [capture.tops, capture.tops]);
    // What is not decoded by bytes are the candles, which nobody asked this adapter for, and sizes between two lots.
    assert.equal(adapter.slowMessages, capture.slowMessages);
  });
}
