import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, RecordKind } from '../../contract/record.ts';
import { formatStepsTrimmed, Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { OrderBook } from '../../market/order-book.ts';
import { TradeStatistics } from '../../market/trade-statistics.ts';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { BinanceFuturesAdapter } from '../../venue/binance-futures/binance-futures-adapter.ts';
import { BinanceSpotAdapter } from '../../venue/binance-spot/binance-spot-adapter.ts';
import type { MarketAdapterIo } from '../../venue/market-adapter.ts';
import type { ProtocolOptions } from '../../venue/protocols.ts';
import { processScheduler } from './process-scheduler.ts';
import { expectedRecording, recordingPath, skipReason } from './recorded-day.test-support.ts';
import { RecordingPlayer } from './recording-player.ts';
import { scanRecording } from './recording-scan.ts';
import { instrumentOfScan, type RecordingScanOptions } from './scanned-recording.ts';

interface Session {
  protocol: MarketProtocol;
  files: string[];
  symbol: string;
  tickSize: string;
  lotSize: string;
  durationNs: bigint;
  originUs: number;
  /** Receive time minus venue time of the newest event, ms. */
  lagMs: [number, number];
  create(options: ProtocolOptions, io: MarketAdapterIo): BinanceSpotAdapter | BinanceFuturesAdapter;
}

const sessions: Session[] = [
  {
    protocol: 'binance-spot',
    files: ['spot_btcusdt_20240808.gz', 'spot_btcusdt_20240809.gz'],
    symbol: 'BTCUSDT',
    tickSize: '0.01',
    // The venue's order step is 0.00001, but seven levels of this day carry a sixth decimal: the book keeps it.
    lotSize: '0.000001',
    durationNs: 1723161904535092233n - 1723161253937085768n,
    originUs: 1723161253937086,
    lagMs: [-1300, -1200],
    create: (options, io) => new BinanceSpotAdapter(options, io),
  },
  {
    protocol: 'binance-usdm',
    files: ['usdm_btcusdt_20240808.gz'],
    symbol: 'BTCUSDT',
    tickSize: '0.1',
    lotSize: '0.001',
    durationNs: 1723161599833492584n - 1723161255030314667n,
    originUs: 1723161255030315,
    lagMs: [-1300, -1200],
    create: (options, io) => new BinanceFuturesAdapter({ ...options, market: 'usdm' }, io),
  },
  {
    protocol: 'binance-coinm',
    files: ['cm_btcusd_perp_20240808.gz', 'cm_btcusd_perp_20240809.gz'],
    symbol: 'BTCUSD_PERP',
    tickSize: '0.1',
    lotSize: '1',
    durationNs: 1723161903531356026n - 1723161256172216566n,
    originUs: 1723161256172217,
    lagMs: [-1300, -1200],
    create: (options, io) => new BinanceFuturesAdapter({ ...options, market: 'coinm' }, io),
  },
];
const filesOf = (session: Session) => session.files.map(recordingPath);

/** What a consumer of the events keeps: book, trade totals, and the tops to hold against the venue's own ticker. */
class Consumer {
  readonly book = new OrderBook();
  readonly statistics = new TradeStatistics();
  readonly states: number[] = [];
  readonly tops: number[][] = [];
  readonly quotes: number[][] = [];
  crossed = 0;
  zeroSizes = 0;
  unknownRemovals = 0;
  snapshot = { id: 0, bids: 0, asks: 0 };
  firstDiff: number[] = [];
  lastUpdateId = 0;
  #inSnapshot = false;
  #bid = 0;
  #bidLots = 0;

  emit(slot: EventSlot): void {
    const { book } = this;
    switch (slot.kind) {
      case RecordKind.snapshotBegin:
        book.clear();
        this.#inSnapshot = true;
        this.snapshot.id = slot.id;
        break;
      case RecordKind.snapshotEnd:
        this.#inSnapshot = false;
        this.snapshot.bids = book.levelCount(Side.buy);
        this.snapshot.asks = book.levelCount(Side.sell);
        break;
      case RecordKind.level:
        if (slot.sizeLots === 0 && !this.#inSnapshot) {
          this.zeroSizes++;
          if (book.sizeAt(slot.side, slot.priceTicks) === 0) this.unknownRemovals++;
        }
        book.set(slot.side, slot.priceTicks, slot.sizeLots);
        break;
      case RecordKind.diffEnd:
        if (this.firstDiff.length === 0) this.firstDiff = [slot.id, slot.aux];
        this.lastUpdateId = slot.aux;
        if (book.isCrossed()) this.crossed++;
        this.tops.push([slot.aux, book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots]);
        break;
      case RecordKind.trade:
        this.statistics.addTrade(slot.priceTicks, slot.sizeLots, slot.side, slot.id);
        break;
      case RecordKind.quote:
        if (slot.side === Side.buy) {
          this.#bid = slot.priceTicks;
          this.#bidLots = slot.sizeLots;
        } else {
          this.quotes.push([slot.id, this.#bid, this.#bidLots, slot.priceTicks, slot.sizeLots]);
        }
        break;
      case RecordKind.bookState:
        this.states.push(slot.id);
        break;
    }
  }
}

for (const session of sessions) {
  test(
    `the recorded day of ${session.protocol}, played at full speed, gives exactly what was computed from it by other means`,
    {
      skip: skipReason,
    },
    () => playSession(session),
  );
}

async function playSession(session: Session): Promise<void> {
  const expected = expectedRecording(session.files[0] as string);
  const scan = await scanRecording(filesOf(session), { protocol: session.protocol });
  assert.equal(scan.protocol, session.protocol);
  assert.equal(scan.symbol, session.symbol);
  assert.equal(scan.tickSize, session.tickSize);
  assert.equal(scan.lotSize, session.lotSize);
  assert.equal(scan.lines, expected.lines);
  assert.equal(scan.depth, expected.streams.depth);
  assert.equal(scan.trades, expected.streams.trade);
  assert.equal(scan.tickers, expected.streams.bookTicker);
  assert.equal(scan.snapshots, expected.streams.rest_snapshot);
  assert.equal(scan.durationNs, Number(session.durationNs));
  assert.equal(scan.originUs, session.originUs);

  const consumer = new Consumer();
  const adapter = session.create(
    {
      instruments: [instrumentOfScan(scan, { makerFee: 0, takerFee: 0 })],
      tradeStream: scan.tradeStream,
      originUs: scan.originUs,
      depth: true,
    },
    {
      emit: (slot) => consumer.emit(slot),
      requestSnapshot: () => undefined,
      send: () => undefined,
      reconnect: (reason) => assert.fail(reason),
    },
  );
  adapter.onConnected(0);
  let timers = 0;
  let lastFraction = 0;
  await new Promise<void>((resolve, reject) => {
    const player = new RecordingPlayer({
      scan,
      speed: 'max',
      scheduler: processScheduler,
      target: {
        onMessage: (bytes, timeNs) => adapter.onMessage(bytes, timeNs),
        onSnapshot: (bytes, timeNs) => adapter.onSnapshot(0, bytes, timeNs),
        onTimer: (timeNs) => {
          timers++;
          adapter.onTimer(timeNs);
        },
        onSlice: ({ fraction }) => {
          assert.ok(fraction >= lastFraction);
          lastFraction = fraction;
        },
        onFinished: resolve,
        onError: reject,
      },
    });
    player.start();
  });
  assert.equal(lastFraction, 1);
  assert.equal(timers, Math.floor(Number(session.durationNs) / 50e6));

  const counters = adapter.counters(0);
  assert.equal(counters.depth, expected.streams.depth);
  assert.equal(counters.trades, expected.streams.trade);
  assert.equal(counters.quotes, expected.streams.bookTicker);
  assert.equal(counters.discarded, expected.sync.discarded);
  assert.equal(counters.applied, expected.sync.applied);
  assert.equal(counters.gaps, expected.sync.gaps);
  assert.equal(counters.badMessages, 0);
  assert.equal(counters.resyncs, 0);
  assert.deepEqual(consumer.states, [BookState.syncing, BookState.live]);
  // The recorder's clock ran 1.22 to 1.28 s behind the venue's.
  const [least, most] = session.lagMs;
  assert.ok(counters.feedLagNs < most * 1e6 && counters.feedLagNs > least * 1e6, `feed lag ${counters.feedLagNs}`);
  assert.equal(adapter.inexactSizes, 0);
  assert.equal(adapter.slowMessages, 0);

  assert.equal(consumer.snapshot.id, expected.snapshot.lastUpdateId);
  assert.equal(consumer.snapshot.bids, expected.snapshot.bids);
  assert.equal(consumer.snapshot.asks, expected.snapshot.asks);
  assert.deepEqual(consumer.firstDiff, [expected.sync.first_applied_U, expected.sync.first_applied_u]);
  assert.equal(consumer.lastUpdateId, expected.sync.last_u);
  assert.equal(consumer.crossed, expected.checks.crossed_books);
  assert.equal(consumer.zeroSizes, expected.checks.zero_qty_entries);
  assert.equal(consumer.unknownRemovals, expected.checks.removals_of_unknown_level);

  const { book, statistics } = consumer;
  const price = (ticks: number) => formatStepsTrimmed(ticks, scan.tickSize);
  const size = (lots: number) => formatStepsTrimmed(lots, scan.lotSize);
  const top = (side: Side) => {
    const prices = new Float64Array(5);
    const sizes = new Float64Array(5);
    const count = book.copyTop(side, 5, prices, sizes);
    return Array.from({ length: count }, (_, i) => [price(prices[i] as number), size(sizes[i] as number)]);
  };
  assert.equal(book.levelCount(Side.buy), expected.final_book.bid_levels);
  assert.equal(book.levelCount(Side.sell), expected.final_book.ask_levels);
  assert.deepEqual(top(Side.buy), expected.final_book.best_bids);
  assert.deepEqual(top(Side.sell), expected.final_book.best_asks);
  assert.equal(size(book.sumSize(Side.buy, 100)), expected.final_book.bid_qty_top100);
  assert.equal(size(book.sumSize(Side.sell, 100)), expected.final_book.ask_qty_top100);

  assert.equal(statistics.count, expected.trades.count);
  assert.equal(statistics.firstId, expected.trades.first_id);
  assert.equal(statistics.lastId, expected.trades.last_id);
  assert.equal(price(statistics.lowTicks), expected.trades.low);
  assert.equal(price(statistics.highTicks), expected.trades.high);
  assert.equal(price(statistics.firstPriceTicks), expected.trades.first_price);
  assert.equal(price(statistics.lastPriceTicks), expected.trades.last_price);
  assert.equal(size(statistics.volumeLots), expected.trades.volume);
  assert.equal(size(statistics.buyVolumeLots), expected.trades.aggressive_buy_volume);
  assert.equal(size(statistics.sellVolumeLots), expected.trades.aggressive_sell_volume);

  // Every top of the rebuilt book against the venue's own ticker: the newest quote up to the same update id.
  let at = -1;
  let equal = 0;
  for (const [id, ...values] of consumer.tops) {
    while (at + 1 < consumer.quotes.length && (consumer.quotes[at + 1]?.[0] as number) <= (id as number)) at++;
    const quote = consumer.quotes[at]?.slice(1) ?? [];
    if (quote.every((value, i) => value === values[i])) equal++;
  }
  assert.equal(equal, expected.checks.top_equals_bookTicker);
  assert.equal(consumer.tops.length - equal, expected.checks.top_differs_from_bookTicker);
}

test('a recording of another protocol is refused by name, before anything is played', {
  skip: skipReason,
}, async () => {
  const [spot, usdm, coinm] = sessions.map(filesOf) as [string[], string[], string[]];
  const cases: [files: string[], protocol: MarketProtocol, reason: RegExp][] = [
    [usdm, 'binance-spot', /usdm_.*expected the spot protocol, was a futures recording \(field pu\): binance-usdm or/],
    [coinm, 'binance-spot', /cm_.*expected the spot protocol, was a futures recording/],
    [spot, 'binance-usdm', /spot_.*expected the protocol binance-usdm, was a spot recording/],
    [spot, 'binance-coinm', /spot_.*expected the protocol binance-coinm, was a spot recording/],
    [usdm, 'binance-coinm', /expected a symbol of binance-coinm, was BTCUSDT/],
    [coinm, 'binance-usdm', /expected a symbol of binance-usdm, was BTCUSD_PERP/],
  ];
  for (const [files, protocol, message] of cases) {
    const options: RecordingScanOptions = { protocol };
    await assert.rejects(scanRecording(files, options), { name: 'RecordingError', message });
  }
  const contracts = scanRecording(coinm.slice(0, 1), { protocol: 'binance-coinm', lotSize: '0.1' });
  await assert.rejects(contracts, /lotSize: expected 1 \(whole contracts\), was "0.1"/);
});

test('the second file alone has no snapshot to start from', { skip: skipReason }, async () => {
  await assert.rejects(
    scanRecording(filesOf(sessions[0] as Session).slice(1)),
    /^RecordingError: spot_btcusdt_20240809\.gz: no snapshot/,
  );
});
