import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BookState } from '../../contract/record.ts';
import { BybitAdapter } from '../../venue/bybit/bybit-adapter.ts';
import { venueTimes } from '../../venue/venue-times.ts';
import { AdapterRun, bytesOf, getJson, HandClient } from '../../verification/adapter-run.test-support.ts';
import { burstOfTrades } from '../faults/trade-burst.ts';
import { createFeedVenue, type FeedVenue } from '../feed-venue.ts';
import { FLOW_REGIMES } from '../order-flow.ts';
import type { DialectSession } from './dialect.ts';

const START_MS = 1_760_000_000_000;
type Json = Record<string, unknown>;

function open(venue: FeedVenue): { client: HandClient; session: DialectSession; take: () => Json[] } {
  const client = new HandClient();
  const category = venue.protocol === 'bybit' ? 'linear' : 'spot';
  const session = venue.connect(client, `/v5/public/${category}`);
  assert.ok(typeof session !== 'number', `Expected a session, was ${String(session)}`);
  return { client, session, take: () => client.take().map((text) => JSON.parse(text) as Json) };
}

for (const protocol of ['bybit', 'bybit-spot'] as const) {
  for (const depth of [1, 50, 200, 1000] as const) {
    it(`${protocol} gives the adapter its own ${depth} best levels at every update, and all trades`, () => {
      const symbols = ['BTCUSDT', 'XRPUSDT'];
      const category = protocol === 'bybit' ? 'linear' : 'spot';
      const run = new AdapterRun(
        protocol,
        symbols,
        {},
        (instruments, io) =>
          new BybitAdapter({ instruments, category, originUs: START_MS * 1000, bookDepth: depth }, io),
      );
      const key = (symbol: string) => `orderbook.${depth}.${symbol}`;
      run.pass(3000, () => run.compare(key));
      assert.ok(run.comparisons > 500, `Expected live books, was ${run.comparisons} comparisons`);
      for (const symbol of symbols) run.assertTrades(symbol, 0);
      for (const i of [0, 1]) {
        const { gaps, badMessages, resyncs } = run.adapter.counters(i);
        assert.deepEqual([gaps, badMessages, resyncs], [0, 0, 0]);
      }
    });
  }
}

describe('simulated bybit', () => {
  it('heals from a restart, a cut and a change of instruments', () => {
    const key = (symbol: string) => `orderbook.200.${symbol}`;
    const run = new AdapterRun('bybit', ['BTCUSDT']);
    run.pass(500, () => run.compare(key));
    const index = run.adapter.addInstrument(run.instrument('ETHUSDT', 1), run.timeNs);
    run.pass(500, () => run.compare(key));
    assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.live]);
    run.adapter.removeInstrument(index, run.timeNs);
    run.venue.dialect.restartSequence('BTCUSDT');
    run.pass(500, () => run.compare(key));
    assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.connecting]);
    run.cut();
    run.pass(2000, () => run.compare(key));
    assert.equal(run.states[0], BookState.live);
    assert.equal(run.adapter.counters(0).badMessages, 0);
  });

  it('tells what leaves and enters the window, and counts one up a message', () => {
    const venue = createFeedVenue({ protocol: 'bybit', seed: 2, startMs: START_MS, regime: FLOW_REGIMES.burst });
    const { session, take } = open(venue);
    session.onMessage('{"req_id":"a","op":"subscribe","args":["orderbook.50.BTCUSDT"]}');
    const book = { b: new Map<string, string>(), a: new Map<string, string>() };
    let last = 0;
    let deltas = 0;
    let moved = 0;
    for (let ms = 10; ms <= 4000; ms += 10) {
      venue.advance(START_MS + ms);
      for (const message of take()) {
        if (message['topic'] === undefined) continue;
        const data = message['data'] as { u: number; b: [string, string][]; a: [string, string][] };
        if (message['type'] === 'delta') {
          deltas++;
          assert.equal(data.u, last + 1);
        }
        last = data.u;
        for (const side of ['b', 'a'] as const) {
          for (const [price, size] of data[side]) {
            if (size !== '0') book[side].set(price, size);
            else assert.ok(book[side].delete(price), `Expected a removal of a told level, was ${price}`);
          }
          if (data[side].filter(([, size]) => size === '0').length > 1) moved++;
          assert.equal(book[side].size, 50);
        }
      }
    }
    assert.ok(deltas > 100 && moved > 0, `Expected deltas and moves of the window, was ${deltas} and ${moved}`);
  });

  it('sends level 1 again every three seconds, and up to 1024 trades a message', () => {
    const venue = createFeedVenue({ protocol: 'bybit', seed: 2, startMs: START_MS, flow: 'off' });
    const market = venue.markets.marketFor('BTCUSDT');
    assert.ok(market);
    market.placeBackground(1, 600_000, 5);
    market.placeBackground(2, 600_010, 5);
    const { session, take } = open(venue);
    session.onMessage('{"op":"subscribe","args":["orderbook.1.BTCUSDT","publicTrade.BTCUSDT"]}');
    for (let ms = 10; ms <= 10_000; ms += 10) venue.advance(START_MS + ms);
    const told = take().filter((message) => message['topic'] === 'orderbook.1.BTCUSDT');
    assert.ok(told.length === 4 || told.length === 5, `Expected one a connection and one in 3 s, was ${told.length}`);
    assert.equal(new Set(told.map((message) => (message['data'] as Json)['u'])).size, 1);
    assert.ok(told.every((message) => message['type'] === 'snapshot'));
    market.placeBackground(1, 600_000, 2000);
    market.placeBackground(2, 600_010, 2000);
    burstOfTrades(market);
    market.takeBackground(1, 600_010, 1);
    venue.advance(START_MS + 10_020);
    const trades = take().filter((message) => message['topic'] === 'publicTrade.BTCUSDT');
    assert.deepEqual(
      trades.map((message) => (message['data'] as Json[]).length),
      [1024, 1],
    );
  });

  it('answers pings and refuses what it does not know', () => {
    const venue = createFeedVenue({ protocol: 'bybit-spot', seed: 2, startMs: START_MS });
    const { client, session, take } = open(venue);
    const answer = (request: unknown): Json => {
      session.onMessage(typeof request === 'string' ? request : JSON.stringify(request));
      return take()[0] as Json;
    };
    const pong = { success: true, ret_msg: 'pong', conn_id: 'sim-1', req_id: '7', op: 'ping' };
    assert.deepEqual(answer({ req_id: '7', op: 'ping' }), pong);
    const refused = (request: unknown) => {
      const { success, ret_msg: message } = answer(request);
      assert.equal(success, false);
      return message;
    };
    const subscribe = (...args: unknown[]) => ({ op: 'subscribe', args });
    assert.equal(refused('{'), 'Params Error');
    assert.equal(refused(subscribe()), 'Params Error');
    assert.equal(refused(subscribe('orderbook.500.BTCUSDT')), 'error:handler not found,topic:orderbook.500.BTCUSDT');
    assert.equal(refused(subscribe('orderbook.50.NOPE')), 'Invalid symbol :[orderbook.50.NOPE]');
    assert.equal(refused(subscribe(...Array.from({ length: 11 }, () => 'publicTrade.BTCUSDT'))), 'args size >10');
    assert.equal(refused({ op: 'auth' }), 'Request not supported');
    for (let s = 1; s <= 601; s++) venue.advance(START_MS + s * 1000);
    assert.deepEqual(client.closed, [1000, 'idle']);
    assert.equal(venue.connect(new HandClient(), '/v5/public/linear'), 404);
    for (let i = 0; i < 499; i++) assert.ok(typeof venue.connect(new HandClient(), '/v5/public/spot') !== 'number');
    venue.advance(venue.markets.nowMs + 1);
  });

  it('lists instruments page by page, tells its time, and locks out who asks too often', () => {
    const venue = createFeedVenue({ protocol: 'bybit', seed: 2, startMs: START_MS });
    const names: string[] = [];
    let cursor = '';
    do {
      const path = `/v5/market/instruments-info?category=linear&limit=10&cursor=${cursor || '0'}`;
      const { result } = getJson(venue, path).body as {
        result: { list: { symbol: string }[]; nextPageCursor: string };
      };
      names.push(...result.list.map(({ symbol }) => symbol));
      cursor = result.nextPageCursor;
    } while (cursor !== '');
    assert.deepEqual(
      names,
      venue.markets.specs.map(({ symbol }) => symbol),
    );
    const { answer } = getJson(venue, '/v5/market/time');
    assert.equal(venueTimes.bybit?.read(bytesOf(answer.body)), START_MS * 1000);
    const code = (path: string) => (getJson(venue, path).body as { retCode: number }).retCode;
    assert.equal(code('/v5/market/instruments-info?category=spot'), 10001);
    assert.equal(code('/v5/market/instruments-info?category=linear&symbol=NOPE'), 10001);
    let status = 200;
    for (let i = 0; i < 600; i++) ({ status } = getJson(venue, '/v5/market/time'));
    assert.equal(status, 403);
    venue.advance(START_MS + 6000);
    assert.equal(getJson(venue, '/v5/market/time').status, 403);
    venue.advance(START_MS + 620_000);
    assert.equal(getJson(venue, '/v5/market/time').status, 200);
  });
});
