import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BookState } from '../../contract/record.ts';
import { parseAssetPairs } from '../../venue/kraken/asset-pairs.ts';
import { KrakenAdapter } from '../../venue/kraken/kraken-adapter.ts';
import { parseOkxInstruments } from '../../venue/okx/okx-instruments.ts';
import { venueTimes } from '../../venue/venue-times.ts';
import { AdapterRun, bytesOf, getJson, HandClient } from '../../verification/adapter-run.test-support.ts';
import { createFeedVenue, type FeedVenue } from '../feed-venue.ts';
import { FLOW_REGIMES } from '../order-flow.ts';
import type { DialectSession } from './dialect.ts';

const START_MS = 1_760_000_000_000;
type Json = Record<string, unknown>;

function open(venue: FeedVenue, path: string): { client: HandClient; session: DialectSession; take: () => Json[] } {
  const client = new HandClient();
  const session = venue.connect(client, path);
  assert.ok(typeof session !== 'number', `Expected a session, was ${String(session)}`);
  return { client, session, take: () => client.take().map((text) => JSON.parse(text) as Json) };
}

function assertUnbroken(run: AdapterRun): void {
  for (const { index } of run.adapter.instruments) {
    const { gaps, badMessages, resyncs, discarded } = run.adapter.counters(index);
    assert.deepEqual([gaps, badMessages, resyncs, discarded], [0, 0, 0, 0], run.adapter.counters(index).stateReason);
  }
}

for (const checksums of [true, false]) {
  it(`okx gives the adapter its own book at every update and all trades, checksums ${checksums ? 'on' : 'off'}`, () => {
    const symbols = ['BTC-USDT-SWAP', 'BTC-USDT', 'PEPE-USDT'];
    const run = new AdapterRun('okx', symbols, { checksums });
    run.pass(3000, () => run.compare((symbol) => `books:${symbol}`));
    assert.ok(run.comparisons > 800, `Expected live books, was ${run.comparisons}`);
    for (const symbol of symbols) run.assertTrades(symbol, 0);
    assertUnbroken(run);
    assert.ok(run.quotes > 50);
  });
}

for (const depth of [10, 25, 100, 500, 1000] as const) {
  it(`kraken gives the adapter its own ${depth} best levels at every update and all trades`, () => {
    const symbols = ['XBT/USD', 'PEPE/USD', 'ETH/XBT'];
    const run = new AdapterRun(
      'kraken',
      symbols,
      {},
      (instruments, io) => new KrakenAdapter({ instruments, originUs: START_MS * 1000, depth, ticker: true }, io),
    );
    run.pass(3000, () => run.compare((symbol) => `book-${depth}:${symbol}`));
    assert.ok(run.comparisons > 800, `Expected live books, was ${run.comparisons}`);
    for (const symbol of symbols) run.assertTrades(symbol, 0);
    assertUnbroken(run);
    assert.ok(run.quotes > 10);
  });
}

for (const [protocol, first, second, channel] of [
  ['okx', 'BTC-USDT-SWAP', 'ETH-USDT', 'books'],
  ['kraken', 'XBT/USD', 'XDG/USD', 'book-1000'],
] as const) {
  it(`${protocol}: instruments come and go, a cut connection comes back, a lost update heals by one subscription`, () => {
    let lost = 0;
    const run = new AdapterRun(protocol, [first], {
      faults: {
        book: (_protocol, update) => (lost > 0 && lost-- > 0 ? [] : [update]),
        snapshot: () => ({ delayMs: 0, stale: false, status: 200 }),
        payload: (_protocol, _symbol, _kind, payload) => payload,
        request: () => 0,
        connection: () => 0,
      },
    });
    const compare = () => run.compare((symbol) => `${channel}:${symbol}`);
    run.pass(1000, compare);
    const index = run.adapter.addInstrument(run.instrument(second, 1), run.timeNs);
    run.pass(1000, compare);
    assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.live]);
    run.adapter.removeInstrument(index, run.timeNs);
    run.pass(1000, compare);
    assert.deepEqual([run.states[0], run.states[index]], [BookState.live, BookState.connecting]);
    run.cut();
    run.pass(2000, compare);
    assert.equal(run.states[0], BookState.live);
    assertUnbroken(run);
    lost = 1;
    run.sent.length = 0;
    run.pass(5000);
    assert.equal(run.states[0], BookState.live);
    assert.equal(run.adapter.counters(0).resyncs, 1);
    assert.equal(run.sent.length, 2);
    run.pass(500, compare);
  });
}

describe('simulated okx', () => {
  it('starts its sequence from low numbers without a gap', () => {
    const run = new AdapterRun('okx', ['BTC-USDT']);
    run.pass(500);
    run.venue.dialect.restartSequence('BTC-USDT');
    run.pass(1000, () => run.compare((symbol) => `books:${symbol}`));
    assertUnbroken(run);
    assert.ok((run.venue.memory.copies('books:BTC-USDT').at(-1)?.id as number) < 10_000);
  });

  it('answers ping, refuses what it does not know, tells of quiet books, and cuts the idle', () => {
    const venue = createFeedVenue({ protocol: 'okx', seed: 2, startMs: START_MS, flow: 'off' });
    const { client, session, take } = open(venue, '/ws/v5/public');
    session.onMessage('ping');
    assert.deepEqual(client.take(), ['pong']);
    const code = (text: string) => {
      session.onMessage(text);
      return take()[0]?.['code'];
    };
    assert.equal(code('{'), '60012');
    assert.equal(code('{"op":"login","args":[]}'), '60012');
    assert.equal(code('{"op":"subscribe","args":[{"channel":"books","instId":"NO-PE"}]}'), '60018');
    assert.equal(code('{"op":"subscribe","args":[{"channel":"candle1m","instId":"BTC-USDT"}]}'), '60018');
    session.onMessage('{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}');
    assert.deepEqual(
      take().map((message) => message['event'] ?? message['action']),
      ['subscribe', 'snapshot'],
    );
    for (let s = 1; s <= 60; s++) {
      session.onMessage('ping');
      venue.advance(START_MS + s * 1000);
    }
    const quiet = client.take().filter((text) => text !== 'pong');
    assert.equal(quiet.length, 1);
    const [data] = (JSON.parse(quiet[0] as string) as { data: Json[] }).data;
    assert.deepEqual([data?.['bids'], data?.['asks'], data?.['seqId']], [[], [], data?.['prevSeqId']]);
    for (let s = 61; s <= 92; s++) venue.advance(START_MS + s * 1000);
    assert.deepEqual(client.closed, [4004, 'No data received in 30s']);
    assert.ok(typeof venue.connect(new HandClient(), '/ws/v5/public') !== 'number');
    for (let i = 0; i < 3; i++) venue.connect(new HandClient(), '/ws/v5/public');
    assert.equal(venue.connect(new HandClient(), '/ws/v5/public'), 429);
  });

  it('lists its instruments by type and tells its time', () => {
    const venue = createFeedVenue({ protocol: 'okx', seed: 2, startMs: START_MS });
    const listed = ['SPOT', 'SWAP'].flatMap((type) => {
      const { answer } = getJson(venue, `/api/v5/public/instruments?instType=${type}`);
      return parseOkxInstruments(bytesOf(answer.body), { makerFee: 0, takerFee: 0 });
    });
    const shape = ({ symbol, tickSize, lotSize, baseAsset, quoteAsset }: Record<string, unknown>) =>
      [symbol, tickSize, lotSize, baseAsset, quoteAsset].join(' ');
    assert.deepEqual(
      listed.map((spec) => shape({ ...spec })).sort(),
      venue.markets.specs.map((spec) => shape({ ...spec })).sort(),
    );
    const { answer } = getJson(venue, '/api/v5/public/time');
    assert.equal(venueTimes.okx?.read(bytesOf(answer.body)), START_MS * 1000);
    assert.equal((getJson(venue, '/api/v5/public/instruments').body as Json)['code'], '51000');
    for (let i = 0; i < 10; i++) getJson(venue, '/api/v5/public/time');
    assert.equal(getJson(venue, '/api/v5/public/time').status, 429);
  });
});

describe('simulated kraken', () => {
  it('marks what comes back into the depth, and leaves out what is only pushed out of it', () => {
    const regime = FLOW_REGIMES.burst;
    const venue = createFeedVenue({ protocol: 'kraken', seed: 2, startMs: START_MS, regime });
    const { session, take } = open(venue, '/');
    session.onMessage('{"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"book","depth":10}}');
    let republished = 0;
    let most = 0;
    const held = new Set<string>();
    for (let ms = 20; ms <= 3000; ms += 20) {
      venue.advance(START_MS + ms);
      for (const message of take()) {
        if (!Array.isArray(message)) continue;
        for (const part of message.slice(1, -2) as Record<string, string[][]>[]) {
          for (const [price = '', size, , mark] of [...(part['b'] ?? []), ...(part['bs'] ?? [])]) {
            if (mark === 'r') republished++;
            if (Number(size) === 0) held.delete(price);
            else held.add(price);
          }
        }
        most = Math.max(most, held.size);
      }
    }
    assert.ok(republished > 0, 'Expected levels that came back');
    assert.ok(most > 10, `Expected levels for the client to drop, was ${most}`);
  });

  it('greets, beats, answers pings and refuses what it does not know', () => {
    const venue = createFeedVenue({ protocol: 'kraken', seed: 2, startMs: START_MS, flow: 'off' });
    const { session, take } = open(venue, '');
    assert.deepEqual(take()[0]?.['status'], 'online');
    session.onMessage('{"event":"ping","reqid":42}');
    assert.deepEqual(take(), [{ event: 'pong', reqid: 42 }]);
    const error = (text: string) => {
      session.onMessage(text);
      return take()[0]?.['errorMessage'];
    };
    const subscribe = (pair: string, subscription: object) =>
      error(JSON.stringify({ event: 'subscribe', pair: [pair], subscription }));
    assert.equal(error('[]'), 'Malformed request');
    assert.equal(subscribe('FOO/BAR', { name: 'book' }), 'Currency pair not supported FOO/BAR');
    assert.equal(subscribe('XBT/USD', { name: 'book', depth: 7 }), 'Subscription depth not supported');
    assert.equal(subscribe('XBT/USD', { name: 'candles' }), 'Subscription name invalid');
    assert.equal(
      error('{"event":"unsubscribe","pair":["XBT/USD"],"subscription":{"name":"trade"}}'),
      'Subscription Not Found',
    );
    venue.advance(START_MS + 3000);
    assert.deepEqual(take(), []);
    session.onMessage('{"event":"subscribe","pair":["XBT/USD","ETH/USD"],"subscription":{"name":"trade"}}');
    const statuses = take();
    assert.deepEqual(
      statuses.map(({ pair, status }) => [pair, status]),
      [
        ['XBT/USD', 'subscribed'],
        ['ETH/USD', 'subscribed'],
      ],
    );
    assert.notEqual(statuses[0]?.['channelID'], statuses[1]?.['channelID']);
    for (let s = 4; s <= 8; s++) venue.advance(START_MS + s * 1000);
    assert.deepEqual(
      take(),
      Array.from({ length: 5 }, () => ({ event: 'heartbeat' })),
    );
  });

  it('lists its pairs and tells its time', () => {
    const venue = createFeedVenue({ protocol: 'kraken', seed: 2, startMs: START_MS });
    const { answer } = getJson(venue, '/0/public/AssetPairs');
    const shape = ({ symbol, tickSize, lotSize }: Record<string, unknown>) => [symbol, tickSize, lotSize].join(' ');
    assert.deepEqual(
      parseAssetPairs(bytesOf(answer.body)).map((spec) => shape({ ...spec })),
      venue.markets.specs.map((spec) => shape({ ...spec })),
    );
    assert.equal(venueTimes.kraken?.read(bytesOf(getJson(venue, '/0/public/Time').answer.body)), START_MS * 1000);
    const one = getJson(venue, '/0/public/AssetPairs?pair=XBTUSD').body as { result: Json };
    assert.deepEqual(Object.keys(one.result), ['XXBTZUSD']);
    assert.deepEqual((getJson(venue, '/0/public/AssetPairs?pair=NOPE').body as Json)['error'], [
      'EQuery:Unknown asset pair',
    ]);
    for (let i = 0; i < 50; i++) getJson(venue, '/0/public/Time');
    assert.deepEqual((getJson(venue, '/0/public/Time').body as Json)['error'], ['EAPI:Rate limit exceeded']);
  });
});
