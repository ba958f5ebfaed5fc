import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BookState } from '../../contract/record.ts';
import { UpbitAdapter } from '../../venue/upbit/upbit-adapter.ts';
import { AdapterRun, getJson, HandClient } from '../../verification/adapter-run.test-support.ts';
import { createFeedVenue, type FeedVenue } from '../feed-venue.ts';
import type { DialectSession } from './dialect.ts';
import { upbitSpec, upbitTick } from './upbit-listing.ts';

const START_MS = 1_760_000_000_000;
type Json = Record<string, unknown>;

function open(venue: FeedVenue): { client: HandClient; session: DialectSession; take: () => Json[] } {
  const client = new HandClient();
  const session = venue.connect(client, '/websocket/v1');
  assert.ok(typeof session !== 'number', `Expected a session, was ${String(session)}`);
  return { client, session, take: () => client.take().map((text) => JSON.parse(text) as Json) };
}

const ticket = { ticket: 'test' };

for (const format of ['DEFAULT', 'SIMPLE'] as const) {
  for (const depth of [1, 5, 15, 30] as const) {
    it(`upbit gives the adapter its own ${depth} best levels and all trades in ${format}`, () => {
      const symbols = ['KRW-BTC', 'KRW-SHIB', 'BTC-ETH', 'USDT-BTC'];
      const run = new AdapterRun(
        'upbit',
        symbols,
        {},
        (instruments, io) =>
          new UpbitAdapter({ instruments, originUs: START_MS * 1000, bookDepth: depth, format, ticket: 'test' }, io),
      );
      run.pass(3000, () => run.compare((symbol) => `${symbol}.${depth}`));
      assert.ok(run.comparisons > 1000, `Expected live books, was ${run.comparisons}`);
      for (const symbol of symbols) run.assertTrades(symbol, 0);
      for (let i = 0; i < symbols.length; i++) {
        const { gaps, badMessages, resyncs, stateReason } = run.adapter.counters(i);
        assert.deepEqual([gaps, badMessages, resyncs], [0, 0, 0], stateReason);
      }
    });
  }
}

describe('simulated upbit', () => {
  it('lets instruments come and go and a cut connection come back', () => {
    const run = new AdapterRun('upbit', ['KRW-BTC']);
    const compare = () => run.compare((symbol) => `${symbol}.30`);
    run.pass(1000, compare);
    const index = run.adapter.addInstrument(run.instrument('KRW-XRP', 1), run.timeNs);
    run.pass(1500, compare);
    assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.live]);
    run.adapter.removeInstrument(index, run.timeNs);
    run.pass(1500, compare);
    assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.connecting]);
    run.cut();
    run.pass(2000, compare);
    assert.equal(run.states[0], BookState.live);
    assert.deepEqual([run.adapter.counters(0).badMessages, run.adapter.counters(0).gaps], [0, 0]);
  });

  it('sends binary frames: snapshot first, then what happens, in the format asked for', () => {
    const venue = createFeedVenue({ protocol: 'upbit', seed: 2, startMs: START_MS });
    const { client, session } = open(venue);
    const request = (wish: object, format: string) => {
      client.take();
      session.onMessage(JSON.stringify([ticket, wish, { format }]));
      venue.advance(venue.markets.nowMs + 1000);
      return client.take().map((text) => JSON.parse(text) as Json & Json[]);
    };
    const book = { type: 'orderbook', codes: ['KRW-BTC.5'] };
    const all = request(book, 'DEFAULT');
    assert.deepEqual(new Set(all.slice(1).map((message) => message['stream_type'])), new Set(['REALTIME']));
    assert.equal(all[0]?.['stream_type'], 'SNAPSHOT');
    assert.equal((all[0]?.['orderbook_units'] as Json[] | undefined)?.length, 5);
    assert.ok(client.binary.every(Boolean));
    assert.deepEqual(request({ ...book, is_only_snapshot: true }, 'SIMPLE').length, 1);
    const realtime = request({ ...book, is_only_realtime: true }, 'SIMPLE_LIST');
    assert.ok(realtime.length > 0 && realtime.every((list) => list[0]?.['st'] === 'REALTIME'));
    assert.deepEqual(request({ ...book, level: 10_000 }, 'DEFAULT'), []);
    assert.deepEqual(request({ type: 'orderbook', codes: ['KRW-NOPE'] }, 'DEFAULT'), []);
    const trades = request({ type: 'trade', codes: ['KRW-BTC'] }, 'JSON_LIST');
    assert.equal(trades[0]?.[0]?.['stream_type'], 'SNAPSHOT');
  });

  it('writes ids above 2^53 and prices of hundreds of millions exactly', () => {
    const venue = createFeedVenue({ protocol: 'upbit', seed: 2, startMs: START_MS });
    const { client, session } = open(venue);
    session.onMessage(JSON.stringify([ticket, { type: 'trade', codes: ['KRW-BTC'] }]));
    venue.advance(START_MS + 3000);
    const ids = client.take().map((text) => /"sequential_id":(\d+),/.exec(text)?.[1] ?? '');
    assert.ok(ids.length > 5 && ids.every((id) => id.length === 17));
    assert.ok(ids.every((id) => BigInt(id) > 2n ** 53n));
    const spec = upbitSpec('KRW-X', 'X', 'KRW', 1_000_000);
    assert.deepEqual([spec?.startPriceTicks, spec?.tickSize], [1_480_000, '1000']);
  });

  it("keeps prices on the venue's ticks, also in a band above", () => {
    const tables: [string, number, string][] = [
      ['KRW', 2_000_000, '1000'],
      ['KRW', 999_999, '500'],
      ['KRW', 4999, '1'],
      ['KRW', 5000, '5'],
      ['KRW', 99, '0.1'],
      ['USDT', 9.5, '0.001'],
      ['BTC', 0.5, '0.00000001'],
    ];
    for (const [quote, price, tick] of tables) assert.equal(upbitTick(quote, price), tick, `${price} ${quote}`);
    const venue = createFeedVenue({ protocol: 'upbit', seed: 2, startMs: START_MS, flow: 'off' });
    const market = venue.markets.marketFor('KRW-XRP');
    assert.ok(market);
    market.placeBackground(1, 5003, 7);
    market.placeBackground(2, 5011, 7);
    assert.deepEqual([market.bestBidTicks, market.bestAskTicks], [5000, 5015]);
  });

  it('answers PING, words its errors, and limits messages, connections and origins', () => {
    const venue = createFeedVenue({ protocol: 'upbit', seed: 2, startMs: START_MS, flow: 'off' });
    let opened = open(venue);
    const error = (request: unknown): unknown => {
      venue.advance(venue.markets.nowMs + 1000);
      opened.session.onMessage(typeof request === 'string' ? request : JSON.stringify(request));
      return (opened.take()[0]?.['error'] as Json | undefined)?.['name'];
    };
    opened.session.onMessage('PING');
    assert.deepEqual(opened.take(), [{ status: 'UP' }]);
    assert.equal(error('nonsense'), 'WRONG_FORMAT');
    assert.equal(error([{ type: 'trade', codes: ['KRW-BTC'] }]), 'NO_TICKET');
    assert.equal(error([ticket]), 'NO_TYPE');
    assert.equal(error([ticket, { type: 'trade' }]), 'NO_CODES');
    assert.equal(error([ticket, { type: 'candle', codes: ['KRW-BTC'] }]), 'INVALID_PARAM');
    assert.equal(error([ticket, { type: 'trade', codes: ['krw-btc'] }]), 'INVALID_PARAM');
    assert.equal(error([ticket, { type: 'trade', codes: ['KRW-BTC'] }, { format: 'XML' }]), 'WRONG_FORMAT');
    venue.advance(venue.markets.nowMs + 1000);
    for (let i = 0; i < 6; i++) opened.session.onMessage('PING');
    assert.deepEqual(opened.client.closed, [1008, 'Too many messages']);
    opened = open(venue);
    for (let s = 0; s < 121; s++) venue.advance(venue.markets.nowMs + 1000);
    assert.deepEqual(opened.client.closed, [1000, 'idle']);
    for (let i = 0; i < 5; i++) open(venue);
    assert.equal(venue.connect(new HandClient(), '/websocket/v1'), 429);
    venue.advance(venue.markets.nowMs + 1000);
    const page = (name: string) => (name === 'origin' ? 'https://example.org' : undefined);
    assert.equal(venue.refuses('/websocket/v1', page), 0);
    venue.advance(venue.markets.nowMs + 3000);
    assert.equal(venue.refuses('/websocket/v1', page), 429);
    assert.equal(venue.refuses('/websocket/v1'), 0);
  });

  it('lists markets and ticks, says what is left of a limit, and blocks who goes on', () => {
    const venue = createFeedVenue({ protocol: 'upbit', seed: 2, startMs: START_MS });
    const all = getJson(venue, '/v1/market/all');
    assert.equal(all.answer.headers['remaining-req'], 'group=market; min=600; sec=9');
    assert.deepEqual(
      (all.body as Json[]).map(({ market }) => market),
      venue.markets.specs.map(({ symbol }) => symbol),
    );
    const names = 'KRW-BTC,KRW-XRP,BTC-ETH';
    const ticks = getJson(venue, `/v1/orderbook/instruments?markets=${names}`).body as Json[];
    assert.deepEqual(
      ticks.map((row) => [row['market'], row['quote_currency'], row['tick_size']]),
      [
        ['KRW-BTC', 'KRW', '1000'],
        ['KRW-XRP', 'KRW', '1'],
        ['BTC-ETH', 'BTC', '0.00000001'],
      ],
    );
    const [ticker] = getJson(venue, '/v1/ticker?markets=KRW-BTC').body as Json[];
    assert.equal(ticker?.['trade_price'], 91_464_000);
    assert.ok((getJson(venue, '/v1/ticker/all?quote_currencies=KRW').body as Json[]).length > 20);
    assert.equal(getJson(venue, '/v1/orderbook/instruments?markets=KRW-NOPE').status, 404);
    const statuses = Array.from({ length: 30 }, () => getJson(venue, '/v1/market/all').status);
    assert.deepEqual([statuses[0], statuses[9], statuses[29]], [200, 429, 418]);
    venue.advance(START_MS + 4000);
    assert.equal(getJson(venue, '/v1/market/all').status, 418);
    venue.advance(START_MS + 6000);
    assert.equal(getJson(venue, '/v1/market/all').status, 200);
  });
});
