import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BookState, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { NaiveBook } from '../../market/naive-book.ts';
import { OrderBook } from '../../market/order-book.ts';
import { parseExchangeInfo } from '../binance-spot/exchange-info.ts';
import { FieldScanner } from '../binance-spot/field-scanner.ts';
import { InstrumentTable } from '../instrument-table.ts';
import { decodeWithJson } from '../binance-spot/json-decoder.ts';
import { MarketMessage } from '../binance-spot/market-message.ts';
import { instrument } from '../binance-spot/venue.test-support.ts';
import { BinanceFuturesAdapter } from './binance-futures-adapter.ts';
import { futuresHosts } from './stream-routes.ts';

const MS = 1e6;
const START_ID = 5_123_107_832_000;
const utf8 = new TextEncoder();

interface Diff {
  first: number;
  last: number;
  previous: number;
  levels: Map<string, [side: 'b' | 'a', price: number, size: number]>;
}

/** The truth: ids count for all symbols of the venue, so those of this one have holes; each update names the one before. */
class TrueVenue {
  #lastOfUpdate = START_ID;
  /** Book after each id of this symbol, oldest first. */
  readonly states = new Map<number, Map<string, number>>([[START_ID, new Map()]]);
  id = START_ID;

  diff(changes: readonly (readonly [bid: boolean, price: number, size: number, hole: number])[]): Diff {
    const previous = this.#lastOfUpdate;
    const levels: Diff['levels'] = new Map();
    let first = 0;
    for (const [bid, price, size, hole] of changes) {
      const side = bid ? 'b' : 'a';
      const state = new Map(this.states.get(this.id));
      if (size > 0) state.set(`${side}${price}`, size);
      else state.delete(`${side}${price}`);
      this.id += 1 + hole;
      if (first === 0) first = this.id;
      this.states.set(this.id, state);
      levels.set(`${side}${price}`, [side, price, size]);
    }
    this.#lastOfUpdate = this.id;
    return { first, last: this.id, previous, levels };
  }

  /** Snapshot at the symbol's id `back` before the newest. */
  snapshot(back = 0): Uint8Array {
    const ids = [...this.states.keys()];
    const id = ids[Math.max(0, ids.length - 1 - back)] as number;
    const rows = (side: string) =>
      [...(this.states.get(id) ?? [])]
        .filter(([key]) => key.startsWith(side))
        .map(([key, size]) => [`${key.slice(1)}.0`, `${size}`]);
    return utf8.encode(JSON.stringify({ lastUpdateId: id, E: 1, T: 1, bids: rows('b'), asks: rows('a') }));
  }
}

function depthMessage({ first, last, previous, levels }: Diff): Uint8Array {
  const rows = (side: string) =>
    [...levels.values()].filter(([s]) => s === side).map(([, price, size]) => [`${price}.0`, `${size}`]);
  const event = { e: 'depthUpdate', E: 2, T: 1, s: 'BTCUSDT', U: first, u: last, pu: previous };
  return utf8.encode(JSON.stringify({ stream: 'btcusdt@depth@100ms', data: { ...event, b: rows('b'), a: rows('a') } }));
}

interface Seen {
  kind: number;
  id: number;
  aux: number;
  side: number;
  priceTicks: number;
  sizeLots: number;
  exchangeTimeUs: number;
}

class Bench {
  readonly book = new OrderBook(64);
  readonly seen: Seen[] = [];
  readonly states: [state: number, reason: string][] = [];
  readonly adapter: BinanceFuturesAdapter;
  lastId = 0;
  requests = 0;
  openRequests = 0;
  timeNs = 0;

  constructor(symbol = 'BTCUSDT', lotSize = '1', market: 'usdm' | 'coinm' = 'usdm', originUs = 0) {
    this.adapter = new BinanceFuturesAdapter(
      { market, instruments: [instrument(0, symbol, '0.1', lotSize)], tradeStream: 'trade', originUs },
      {
        emit: (slot) => this.#emit(slot),
        requestSnapshot: () => {
          this.requests++;
          this.openRequests++;
        },
        send: () => undefined,
        reconnect: () => undefined,
      },
    );
  }

  get counters() {
    return this.adapter.counters(0);
  }

  receive(json: string): void {
    this.adapter.onMessage(utf8.encode(json), this.timeNs);
  }

  #emit(slot: EventSlot): void {
    const { kind, id, aux, side, priceTicks, sizeLots, exchangeTimeUs } = slot;
    if (kind === RecordKind.snapshotBegin) this.book.clear();
    else if (kind === RecordKind.level) this.book.set(side, priceTicks, sizeLots);
    else if (kind === RecordKind.snapshotEnd) this.lastId = id;
    else if (kind === RecordKind.diffEnd) this.lastId = aux;
    else if (kind === RecordKind.bookState) this.states.push([id, slot.text]);
    else this.seen.push({ kind, id, aux, side, priceTicks, sizeLots, exchangeTimeUs });
  }

  /** A live book is the venue's at the update where it stands. */
  assertRight(venue: TrueVenue): void {
    const { state } = this.counters;
    if (state !== BookState.live && state !== BookState.stale) return;
    const truth = venue.states.get(this.lastId);
    assert.ok(truth, `expected an update of the venue, was ${this.lastId}`);
    const expected = new NaiveBook();
    for (const [key, size] of truth) {
      expected.set(key.startsWith('b') ? Side.buy : Side.sell, Number(key.slice(1)) * 10, size);
    }
    for (const side of [Side.buy, Side.sell] as const) {
      const prices = new Float64Array(100);
      const sizes = new Float64Array(100);
      const count = this.book.copyTop(side, 100, prices, sizes);
      const levels = Array.from({ length: count }, (_, i) => [prices[i], sizes[i]]);
      assert.deepEqual(levels, expected.levels(side), `at update ${this.lastId}`);
    }
  }
}

const hole = fc.oneof(fc.constant(0), fc.nat(500));
const change = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 12 }), fc.nat(3), hole);
const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const command = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), changes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), changes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), changes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), back: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('damage' as const), changes, pu: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnect' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('connect' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crossed' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), back: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('strangeSnapshot' as const), back: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('timer' as const), ms: fc.integer({ min: 1, max: 15_000 }) }) },
);

test('R5, R6: ids with holes; whatever is lost, repeated, reordered, late or cut: never live with a wrong book, healed by two snapshots', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120, size: 'max' }), changes, (commands, lastChanges) => {
      const venue = new TrueVenue();
      const bench = new Bench();
      const { adapter } = bench;
      const sent: Diff[] = [];
      const held: Diff[] = [];
      let connected = false;
      const deliver = (diff: Diff) => {
        if (connected) adapter.onMessage(depthMessage(diff), bench.timeNs);
      };
      for (const c of commands) {
        bench.timeNs += 10 * MS;
        switch (c.kind) {
          case 'deliver':
          case 'drop':
          case 'hold': {
            const diff = venue.diff(c.changes);
            sent.push(diff);
            if (c.kind === 'deliver') deliver(diff);
            else if (c.kind === 'hold') held.push(diff);
            break;
          }
          case 'release':
            for (const diff of held.splice(0).reverse()) deliver(diff);
            break;
          case 'repeat': {
            const diff = sent[sent.length - 1 - c.back];
            if (diff !== undefined) deliver(diff);
            break;
          }
          case 'damage': {
            const text = new TextDecoder().decode(depthMessage(venue.diff(c.changes)));
            const damaged = c.pu ? text.replace('"pu"', '"px"') : text.replace('.0"', '.05"');
            if (connected) bench.receive(damaged);
            break;
          }
          case 'disconnect':
            if (connected) adapter.onDisconnected(bench.timeNs, 'cut');
            connected = false;
            break;
          case 'connect':
            if (!connected) adapter.onConnected(bench.timeNs);
            connected = true;
            break;
          case 'crossed':
            adapter.onCrossed(0, bench.timeNs);
            break;
          case 'snapshot':
            if (bench.openRequests > 0) {
              bench.openRequests--;
              adapter.onSnapshot(0, venue.snapshot(c.back), bench.timeNs);
            }
            break;
          case 'strangeSnapshot':
            adapter.onSnapshot(0, venue.snapshot(c.back), bench.timeNs);
            break;
          case 'timer':
            bench.timeNs += c.ms * MS;
            adapter.onTimer(bench.timeNs);
            break;
        }
        bench.assertRight(venue);
      }
      // Peace: everything arrives, snapshots are answered at once.
      if (!connected) {
        adapter.onConnected(bench.timeNs);
        connected = true;
      }
      const before = bench.requests;
      for (let step = 0; step < 600 && (bench.counters.state !== BookState.live || step < 3); step++) {
        bench.timeNs += 100 * MS;
        deliver(venue.diff(lastChanges));
        adapter.onTimer(bench.timeNs);
        for (; bench.openRequests > 0; bench.openRequests--) adapter.onSnapshot(0, venue.snapshot(), bench.timeNs);
        bench.assertRight(venue);
      }
      assert.equal(bench.counters.state, BookState.live);
      assert.equal(bench.lastId, venue.id);
      const asked = bench.requests - before;
      assert.ok(asked <= 2, `expected at most 2 snapshot requests, was ${asked}`);
    }),
    { numRuns: 250 },
  );
});

const depth = (first: number, last: number, previous: number | undefined) =>
  JSON.stringify({ e: 'depthUpdate', E: 9, T: 8, s: 'BTCUSDT', U: first, u: last, pu: previous, b: [], a: [] });
const snapshotAt = (id: number) => utf8.encode(`{"lastUpdateId":${id},"E":1,"T":1,"bids":[["1.0","5"]],"asks":[]}`);

/** Connected, with these updates buffered and the snapshot joined. */
function joined(updates: [first: number, last: number, previous: number][], snapshotId: number): Bench {
  const bench = new Bench();
  bench.adapter.onConnected(0);
  for (const update of updates) bench.receive(depth(...update));
  bench.adapter.onSnapshot(0, snapshotAt(snapshotId), 1);
  return bench;
}

test('joining: what ends before the snapshot is dropped, what ends at it counts, what starts after it is too late', () => {
  const updates: [number, number, number][] = [
    [157, 160, 149],
    [165, 170, 160],
    [171, 180, 170],
  ];
  const outcome = ({ counters, lastId }: Bench) => [counters.state, counters.discarded, counters.applied, lastId];
  assert.deepEqual(outcome(joined(updates, 172)), [BookState.live, 2, 1, 180]);
  assert.deepEqual(outcome(joined(updates, 170)), [BookState.live, 1, 2, 180]);
  // 162 lies between two updates: the one after 160 holds all that happened since.
  assert.deepEqual(outcome(joined(updates, 162)), [BookState.live, 1, 2, 180]);
  assert.deepEqual(outcome(joined(updates, 149)), [BookState.live, 0, 3, 180]);
  const late = joined(updates, 148);
  assert.deepEqual(outcome(late), [BookState.syncing, 0, 0, 0]);
  assert.match(late.counters.stateReason, /snapshot 148 is older than update 157/);

  // A snapshot newer than everything buffered: the next update must reach over its id.
  const ahead = joined(updates, 190);
  assert.deepEqual(outcome(ahead), [BookState.live, 3, 0, 190]);
  ahead.receive(depth(181, 188, 180));
  assert.deepEqual(outcome(ahead), [BookState.live, 4, 0, 190]);
  ahead.receive(depth(189, 195, 188));
  assert.deepEqual(outcome(ahead), [BookState.live, 4, 1, 195]);
  const torn = joined(updates, 190);
  torn.receive(depth(196, 199, 195));
  assert.deepEqual([torn.counters.state, torn.counters.gaps], [BookState.gap, 1]);
});

test('every update names the one before: any other is a gap, a repeat is none', () => {
  const live = () => joined([[157, 160, 149]], 158);
  const bench = live();
  bench.receive(depth(157, 160, 149));
  assert.deepEqual([bench.counters.state, bench.counters.discarded], [BookState.live, 1]);
  bench.receive(depth(400, 410, 160));
  assert.deepEqual([bench.counters.state, bench.lastId], [BookState.live, 410]);
  for (const previous of [411, 409]) {
    const other = live();
    other.receive(depth(400, 410, 160));
    other.receive(depth(412, 420, previous));
    assert.deepEqual([other.counters.state, other.counters.gaps, other.counters.resyncs], [BookState.gap, 1, 1]);
    assert.equal(other.counters.stateReason, `expected the update after 410, was the one after ${previous}`);
  }
  const spot = live();
  spot.receive(depth(161, 165, undefined));
  assert.deepEqual([spot.counters.state, spot.counters.badMessages], [BookState.gap, 1]);
  assert.match(spot.counters.stateReason, /pu: expected the last id of the update before, was absent/);
});

test('golden messages of both markets, read by bytes', () => {
  const usdm = new Bench('BTCUSDT', '0.001', 'usdm', 1_723_161_256_000_000);
  usdm.timeNs = 1e9;
  usdm.adapter.onConnected(0);
  usdm.receive(
    '{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256314}}',
  );
  // Receive time 1000 ms after the origin, venue time 314 ms after it.
  assert.equal(usdm.counters.feedLagNs, 686e6);
  usdm.receive(
    '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}',
  );
  usdm.receive(
    '{"e":"aggTrade","E":123456789,"s":"BTCUSDT","a":5933014,"p":"61800.1","q":"0.100","nq":"0.050","f":100,"l":105,"T":123456785,"m":true}',
  );
  // Forced deleveraging and the insurance fund trade outside the book.
  for (const type of ['ADL', 'INSURANCE_FUND', 'NA']) {
    usdm.receive(`{"e":"trade","E":1,"T":1,"s":"BTCUSDT","t":5266583936,"p":"0","q":"0","X":"${type}","m":false}`);
  }
  const quote = { kind: RecordKind.quote, id: 5123107839020, aux: 1, exchangeTimeUs: 1723161256314000 };
  const trade = { kind: RecordKind.trade, aux: 0 };
  assert.deepEqual(usdm.seen, [
    { ...quote, side: Side.buy, priceTicks: 618002, sizeLots: 2507 },
    { ...quote, side: Side.sell, priceTicks: 618003, sizeLots: 2510 },
    { ...trade, id: 5266583935, side: Side.buy, priceTicks: 618003, sizeLots: 6, exchangeTimeUs: 1723161256321000 },
    { ...trade, id: 5933014, side: Side.sell, priceTicks: 618001, sizeLots: 100, exchangeTimeUs: 123456785000 },
  ]);
  assert.deepEqual([usdm.counters.trades, usdm.counters.badMessages, usdm.adapter.slowMessages], [2, 0, 0]);

  const coinm = new Bench('BTCUSD_PERP', '1', 'coinm');
  coinm.adapter.onConnected(0);
  coinm.receive(
    '{"stream":"btcusd_perp@depth@0ms","data":{"e":"depthUpdate","E":2,"T":1,"s":"BTCUSD_PERP","ps":"BTCUSD","U":157,"u":160,"pu":149,"b":[["61773.6","1001"]],"a":[["61801.4","0"]]}}',
  );
  coinm.adapter.onSnapshot(
    0,
    utf8.encode(
      '{"lastUpdateId":158,"E":1,"T":1,"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":[["61804.7","35"]],"asks":[["61804.8","4"]]}',
    ),
    2,
  );
  assert.equal(coinm.counters.state, BookState.live);
  assert.deepEqual([coinm.book.bestBidLots, coinm.book.sizeAt(Side.buy, 617736)], [35, 1001]);
  assert.equal(coinm.adapter.slowMessages, 0);
});

test('COIN-M counts whole contracts', () => {
  assert.throws(
    () => new Bench('BTCUSD_PERP', '0.001', 'coinm'),
    /BTCUSD_PERP lotSize: expected 1 \(a contract\), was "0.001"/,
  );
});

test('exchangeInfo of both markets: only what trades, sizes in base units or contracts', () => {
  const filters = (lot: string) => [
    { filterType: 'PRICE_FILTER', tickSize: '0.10', minPrice: '1', maxPrice: '9' },
    { filterType: 'LOT_SIZE', stepSize: lot, minQty: lot, maxQty: '9' },
    { filterType: 'MIN_NOTIONAL', notional: '5' },
  ];
  const body = (symbols: object[]) => utf8.encode(JSON.stringify({ symbols }));
  const fees = { makerFee: 0.0002, takerFee: 0.0005 };
  const usdm = {
    symbol: 'BTCUSDT',
    status: 'TRADING',
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    filters: filters('0.001'),
  };
  const coinm = { symbol: 'BTCUSD_PERP', contractStatus: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USD' };
  const settling = { ...coinm, symbol: 'BTCUSD_240927', contractStatus: 'DELIVERING' };
  assert.deepEqual(parseExchangeInfo(body([usdm]), fees, 'binance-usdm'), [
    {
      ...{ index: 0, venue: 'binance-usdm', symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', minNotional: 5 },
      ...{ tickSize: '0.1', lotSize: '0.001', priceDecimals: 1, sizeDecimals: 3, ...fees },
    },
  ]);
  const contracts = [settling, coinm].map((symbol) => ({ ...symbol, filters: filters('1') }));
  assert.deepEqual(
    parseExchangeInfo(body(contracts), fees, 'binance-coinm').map((spec) => [spec.symbol, spec.lotSize, spec.venue]),
    [['BTCUSD_PERP', '1', 'binance-coinm']],
  );
});

test('the bytes say what JSON.parse says, for messages of futures too', () => {
  const table = new InstrumentTable([instrument(0, 'BTCUSDT', '0.1', '0.001')]);
  const text = fc.constantFrom('1.0', '61800.20', '0.006', '0', '', '1.05', '5.');
  const id = fc.oneof(fc.nat(99), fc.constant(5_123_107_832_006), fc.constant(-1), fc.constant('7'));
  const pairs = fc.array(fc.tuple(text, text), { maxLength: 3 });
  const head = { E: fc.nat(9), T: fc.nat(9), s: fc.constantFrom('BTCUSDT', 'ETHUSDT'), ps: fc.constant('BTC') };
  const event = fc.oneof(
    fc.record(
      { e: fc.constant('depthUpdate'), ...head, U: id, u: id, pu: id, b: pairs, a: pairs },
      { requiredKeys: ['e', 's'] },
    ),
    fc.record(
      {
        ...{ e: fc.constant('trade'), ...head, t: id, p: text, q: text, m: fc.boolean() },
        X: fc.oneof(fc.constantFrom('MARKET', 'MARKETS', 'NA', ''), fc.boolean(), fc.nat(3)),
      },
      { requiredKeys: ['e', 's'] },
    ),
    fc.record({ e: fc.constant('bookTicker'), u: id, ...head, b: text, B: text, a: text, A: text }),
  );
  const view = ({ bids, asks, ...rest }: MarketMessage) => ({
    ...rest,
    bids: Array.from(bids.pairs.subarray(0, 2 * bids.count)),
    asks: Array.from(asks.pairs.subarray(0, 2 * asks.count)),
  });
  fc.assert(
    fc.property(event, (json) => {
      const bytes = utf8.encode(JSON.stringify(json));
      const [fast, slow] = [new MarketMessage(), new MarketMessage()];
      const scanner = new FieldScanner(table, fast);
      scanner.scan(bytes);
      decodeWithJson(bytes, table, slow, -1);
      assert.equal(fast.kind, slow.kind);
      if (fast.kind === 0 || fast.kind === 6) return;
      // Only what JSON.parse does not look at may differ: the transaction time of other messages than trades.
      fast.tradeTimeUs = slow.tradeTimeUs = fast.kind === 2 ? fast.tradeTimeUs : 0;
      slow.wasDepth = fast.wasDepth;
      assert.deepEqual(view(fast), view(slow));
    }),
    { numRuns: 1500 },
  );
});

test('each stream is asked for at the entry point that sends it', () => {
  const io = {
    emit: () => undefined,
    requestSnapshot: () => undefined,
    send: () => undefined,
    reconnect: () => undefined,
  };
  const routes = (market: 'usdm' | 'coinm', tradeStream: 'trade' | 'aggTrade', ...symbols: string[]) => {
    const instruments = symbols.map((symbol, i) => instrument(i, symbol, '0.1', '1'));
    const adapter = new BinanceFuturesAdapter({ market, instruments, tradeStream, originUs: 0 }, io);
    return adapter.routes.map((route) => {
      const [, address = '', streams = ''] = /^(.*streams=)(.*)$/.exec(route.path()) ?? [];
      return { url: futuresHosts[market].stream + address, streams: streams.split('/') };
    });
  };
  assert.deepEqual(routes('usdm', 'aggTrade', 'BTCUSDT', 'ETHUSDT'), [
    {
      url: 'wss://fstream.binance.com/public/stream?streams=',
      streams: ['btcusdt@depth@100ms', 'btcusdt@bookTicker', 'ethusdt@depth@100ms', 'ethusdt@bookTicker'],
    },
    { url: 'wss://fstream.binance.com/market/stream?streams=', streams: ['btcusdt@aggTrade', 'ethusdt@aggTrade'] },
  ]);
  assert.equal(routes('usdm', 'trade', 'BTCUSDT').length, 1);
  assert.deepEqual(routes('coinm', 'aggTrade', 'BTCUSD_PERP'), [
    {
      url: 'wss://dstream.binance.com/stream?streams=',
      streams: ['btcusd_perp@depth@100ms', 'btcusd_perp@aggTrade', 'btcusd_perp@bookTicker'],
    },
  ]);
  const depthUrl = (market: 'usdm' | 'coinm', symbol: string) => {
    const instruments = [instrument(0, symbol, '0.1', '1')];
    const adapter = new BinanceFuturesAdapter({ market, instruments, tradeStream: 'trade', originUs: 0 }, io);
    return futuresHosts[market].rest + adapter.snapshotPath(0);
  };
  assert.equal(depthUrl('usdm', 'BTCUSDT'), 'https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000');
  assert.equal(
    depthUrl('coinm', 'BTCUSD_PERP'),
    'https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000',
  );
});
