import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BookState } from '../../contract/record.ts';
import { parseExchangeInfo } from '../../venue/binance-spot/exchange-info.ts';
import {
  AdapterRun,
  bytesOf,
  getJson,
  HandClient,
  instrumentFrom,
} from '../../verification/adapter-run.test-support.ts';
import { createFeedVenue, type FeedVenue } from '../feed-venue.ts';
import type { DialectSession } from './dialect.ts';

const START_MS = 1_760_000_000_000;

function open(venue: FeedVenue, path: string): { client: HandClient; session: DialectSession } {
  const client = new HandClient();
  const session = venue.connect(client, path);
  assert.ok(typeof session !== 'number', `Expected ${path} to be taken, was ${String(session)}`);
  return { client, session };
}

for (const [protocol, symbols] of [
  ['binance-usdm', ['BTCUSDT', 'SHIBUSDT']],
  ['binance-coinm', ['BTCUSD_PERP', 'ETHUSD_PERP']],
  ['binance-spot', ['BTCUSDT', 'DOGEUSDT']],
] as const) {
  describe(`simulated ${protocol}`, () => {
    it('gives the adapter its own book at every update and all trades', () => {
      const run = new AdapterRun(protocol, symbols);
      run.pass(400);
      const from = run.trueTrades.length - run.trades.length;
      run.pass(6000, () => run.compare((symbol) => symbol));
      assert.ok(run.comparisons > 1000, `Expected both books live, was ${run.comparisons} comparisons`);
      for (const symbol of symbols) run.assertTrades(symbol, Math.max(0, from));
      for (let i = 0; i < symbols.length; i++) {
        const { gaps, badMessages, resyncs, applied } = run.adapter.counters(i);
        assert.deepEqual([gaps, badMessages, resyncs], [0, 0, 0]);
        assert.ok(applied > 40, `Expected some 60 updates, was ${applied}`);
      }
      assert.equal(run.snapshotRequests, symbols.length);
      assert.ok(run.quotes > 100);
    });

    it('lets an instrument come and go, and a cut connection come back', () => {
      const [first, second] = symbols;
      const run = new AdapterRun(protocol, [first]);
      run.pass(500);
      assert.equal(run.states[0], BookState.live);
      const index = run.adapter.addInstrument(run.instrument(second, 1), run.timeNs);
      run.pass(1000, () => run.compare((symbol) => symbol));
      assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.live]);
      run.adapter.removeInstrument(index, run.timeNs);
      const before = run.adapter.counters(index).depth;
      run.pass(1000, () => run.compare((symbol) => symbol));
      assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.connecting]);
      assert.equal(run.adapter.counters(index).depth, before);
      run.cut();
      run.pass(3000, () => run.compare((symbol) => symbol));
      assert.equal(run.states[0], BookState.live);
    });

    it('is the same for the same seed, however the time is cut', () => {
      const sent = [10, 37].map((stepMs) => {
        const run = new AdapterRun(protocol, symbols);
        run.keepPayloads = true;
        run.pass(3700, () => undefined, stepMs);
        return run.payloads.filter((text) => text.includes('"depthUpdate"'));
      });
      assert.ok((sent[0] as string[]).length > 40);
      assert.deepEqual(sent[0], sent[1]);
    });
  });
}

describe('simulated futures', () => {
  const venueOf = (protocol: 'binance-usdm' | 'binance-coinm') =>
    createFeedVenue({ protocol, seed: 4, startMs: START_MS });

  it('takes every stream at both entry points of USD-M, and sends each from its own only', () => {
    const venue = venueOf('binance-usdm');
    const streams = 'btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade/btcusdt@aggTrade';
    const open1 = open(venue, `/public/stream?streams=${streams}`);
    const open2 = open(venue, `/market/stream?streams=${streams}`);
    for (let ms = 10; ms <= 3000; ms += 10) venue.advance(START_MS + ms);
    const kinds = ({ received }: HandClient) =>
      [...new Set(received.map((text) => (JSON.parse(text) as { data: { e: string } }).data.e))].sort();
    assert.deepEqual(kinds(open1.client), ['bookTicker', 'depthUpdate', 'trade']);
    assert.deepEqual(kinds(open2.client), ['aggTrade']);
    open2.session.onMessage('{"method":"LIST_SUBSCRIPTIONS","id":3}');
    assert.equal((JSON.parse(open2.client.received.at(-1) as string) as { result: string[] }).result.length, 4);
    assert.equal(venue.connect(new HandClient(), '/stream?streams=btcusdt@trade'), 404);
    assert.notEqual(venueOf('binance-coinm').connect(new HandClient(), '/stream?streams=btcusd_perp@trade'), 404);
  });

  it('numbers depth with holes, and each update names the one before, at every interval', () => {
    const venue = venueOf('binance-coinm');
    const streams = ['btcusd_perp@depth@100ms', 'btcusd_perp@depth', 'btcusd_perp@depth@500ms'];
    const { client } = open(venue, `/stream?streams=${streams.join('/')}`);
    for (let ms = 10; ms <= 5000; ms += 10) venue.advance(START_MS + ms);
    const messages = client.take().map((text) => JSON.parse(text) as { stream: string; data: Record<string, unknown> });
    const counts = streams.map((stream) => {
      const rows = messages.filter((message) => message.stream === stream).map(({ data }) => data);
      let holes = 0;
      rows.forEach((row, i) => {
        assert.equal(row['ps'], 'BTCUSD');
        if (i === 0) return;
        const before = rows[i - 1]?.['u'] as number;
        assert.equal(row['pu'], before);
        assert.ok((row['U'] as number) > before);
        if ((row['U'] as number) > before + 1) holes++;
      });
      assert.ok(holes > 0, `Expected holes in ${stream}`);
      return rows.length;
    });
    assert.ok((counts[0] as number) > (counts[1] as number) && (counts[1] as number) > (counts[2] as number));
  });

  it('lists its instruments, tells its time, refuses what it does not know, and limits weight', () => {
    for (const protocol of ['binance-usdm', 'binance-coinm'] as const) {
      const venue = venueOf(protocol);
      const root = protocol === 'binance-usdm' ? '/fapi/v1' : '/dapi/v1';
      const { answer } = getJson(venue, `${root}/exchangeInfo`);
      const fees = { makerFee: 0, takerFee: 0 };
      const parsed = parseExchangeInfo(bytesOf(answer.body), fees, protocol);
      const listed = venue.markets.specs.map((spec, i) => instrumentFrom(protocol, spec, i));
      const names = listed.map(({ symbol, tickSize, lotSize }) => ({ symbol, tickSize, lotSize }));
      assert.deepEqual(
        parsed.map(({ symbol, tickSize, lotSize }) => ({ symbol, tickSize, lotSize })),
        names,
      );
      assert.ok(names.length > 20);
      assert.deepEqual(getJson(venue, `${root}/time`).body, { serverTime: START_MS });
      const symbol = names[0]?.symbol;
      const code = (path: string) => {
        const { status, body } = getJson(venue, path);
        return [status, (body as { code?: number }).code];
      };
      assert.deepEqual(code(`${root}/depth?symbol=NOPE&limit=100`), [400, -1121]);
      assert.deepEqual(code(`${root}/depth?symbol=${symbol}&limit=30`), [400, -4021]);
      assert.deepEqual(code(`${root}/depth`), [400, -1102]);
      assert.deepEqual(code('/api/v3/time'), [404, -1000]);
      for (let i = 0; i < 119; i++) getJson(venue, `${root}/depth?symbol=${symbol}&limit=1000`);
      const last = getJson(venue, `${root}/depth?symbol=${symbol}&limit=1000`);
      assert.equal(last.status, 429);
      assert.ok(Number(last.answer.headers['retry-after']) > 0);
      for (let i = 0; i < 200; i++) getJson(venue, `${root}/ping`);
      assert.equal(getJson(venue, `${root}/ping`).status, 418);
    }
  });

  it('cuts who sends more than ten messages a second', () => {
    const { client, session } = open(venueOf('binance-usdm'), '/public/ws');
    for (let i = 0; i < 10; i++) session.onMessage('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    assert.equal(client.closed, undefined);
    session.onMessage('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    assert.deepEqual(client.closed, [1008, 'Too many requests']);
  });
});
