import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Side } from '../contract/units.ts';
import { FLOW_REGIMES } from './order-flow.ts';
import { hmacHex, signedPayload } from './protocol/request-signing.ts';
import type { SimulatedVenue } from './start-simulated-venue.ts';
import {
  API_KEY,
  ApiClient,
  Inbox,
  type Json,
  type ManualClock,
  startManualVenue,
} from './venue-client.test-support.ts';

type Row = [price: string, size: string];

async function get(venue: SimulatedVenue, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${venue.restUrl}${path}`, { headers });
}

async function getJson(venue: SimulatedVenue, path: string): Promise<Json> {
  return (await (await get(venue, path)).json()) as Json;
}

/** The venue's own book as decimal rows. */
function venueBook(venue: SimulatedVenue, symbol: string): { bids: Row[]; asks: Row[] } {
  const market = venue.exchange.market(symbol);
  const rows = (side: Side): Row[] => {
    const out = new Float64Array(market.engine.levelCount(side) * 2);
    const count = market.engine.copyLevels(side, out);
    return Array.from({ length: count }, (_, i) => [
      ((out[i * 2] as number) / 10).toFixed(8),
      ((out[i * 2 + 1] as number) / 100_000).toFixed(8),
    ]);
  };
  return { bids: rows(Side.buy), asks: rows(Side.sell) };
}

describe('simulated venue: market data', () => {
  it('lets a client rebuild the book from snapshot and diffs, and every trade from the streams', async () => {
    const { venue, clock } = await startManualVenue({ flow: 'live', regime: FLOW_REGIMES.burst });
    try {
      const streams = await Inbox.open(
        `${venue.streamUrl}?streams=btcusdt@depth@100ms/btcusdt@trade/btcusdt@aggTrade/btcusdt@bookTicker`,
      );
      clock.pass(1050);
      const snapshot = await getJson(venue, '/api/v3/depth?symbol=BTCUSDT&limit=5000');
      clock.pass(6000);
      venue.exchange.publishDepth();
      venue.exchange.flush();
      const last = venue.exchange.market('BTCUSDT').updateId;
      await streams.next(
        (message) => (message['data'] as Json)['u'] === last && message['stream'] === 'btcusdt@depth@100ms',
      );
      // The last message was taken out by `next`; its levels are what the venue's book shows anyway.
      const messages = streams.received;
      const of = (stream: string): Json[] =>
        messages.filter((message) => message['stream'] === stream).map((message) => message['data'] as Json);

      const book = { bids: new Map(snapshot['bids'] as Row[]), asks: new Map(snapshot['asks'] as Row[]) };
      let local = snapshot['lastUpdateId'] as number;
      let applied = 0;
      let previous = 0;
      for (const diff of of('btcusdt@depth@100ms')) {
        assert.ok(previous === 0 || diff['U'] === previous + 1, `Expected U to follow ${previous}, was ${diff['U']}`);
        previous = diff['u'] as number;
        if (previous <= local) continue;
        assert.ok((diff['U'] as number) <= local + 1, `Expected no gap after ${local}, was ${diff['U']}`);
        for (const [side, key] of [
          ['bids', 'b'],
          ['asks', 'a'],
        ] as const) {
          for (const [price, size] of diff[key] as Row[]) {
            if (Number(size) === 0) book[side].delete(price);
            else book[side].set(price, size);
          }
        }
        local = previous;
        applied++;
      }
      assert.ok(applied > 40, `Expected some 60 diffs to apply, was ${applied}`);
      const tickers = of('btcusdt@bookTicker');
      const bestBid = Math.max(...[...book.bids.keys()].map(Number));
      const bestAsk = Math.min(...[...book.asks.keys()].map(Number));
      assert.ok(bestBid < bestAsk);
      const ticker = tickers.filter((row) => (row['u'] as number) <= local).at(-1) as Json;
      assert.deepEqual([Number(ticker['b']), Number(ticker['a'])], [bestBid, bestAsk]);

      const trades = of('btcusdt@trade');
      const aggregates = of('btcusdt@aggTrade');
      assert.ok(trades.length > 100);
      trades.forEach((trade, i) => {
        if (i > 0) assert.equal(trade['t'], (trades[i - 1]?.['t'] as number) + 1);
      });
      aggregates.forEach((trade, i) => {
        if (i > 0) assert.equal(trade['f'], (aggregates[i - 1]?.['l'] as number) + 1);
      });
      const sum = (rows: Json[]): string => rows.reduce((total, row) => total + Number(row['q']), 0).toFixed(5);
      assert.equal(sum(aggregates), sum(trades));
    } finally {
      await venue.close();
    }
  });

  it('ends with exactly the book of the venue', async () => {
    const { venue, clock } = await startManualVenue({ flow: 'live', regime: FLOW_REGIMES.burst, seed: 9 });
    try {
      const streams = await Inbox.open(`${venue.restUrl.replace('http', 'ws')}/ws/btcusdt@depth@100ms`);
      const book = { bids: new Map<string, string>(), asks: new Map<string, string>() };
      const market = venue.exchange.market('BTCUSDT');
      const snapshot = await getJson(venue, '/api/v3/depth?symbol=BTCUSDT&limit=5000');
      for (const [price, size] of snapshot['bids'] as Row[]) book.bids.set(price, size);
      for (const [price, size] of snapshot['asks'] as Row[]) book.asks.set(price, size);
      clock.pass(3000);
      venue.exchange.publishDepth();
      venue.exchange.flush();
      for (let u = 0; u < market.updateId; ) {
        const diff = await streams.next();
        u = diff['u'] as number;
        for (const [side, key] of [
          ['bids', 'b'],
          ['asks', 'a'],
        ] as const) {
          for (const [price, size] of diff[key] as Row[]) {
            if (Number(size) === 0) book[side].delete(price);
            else book[side].set(price, size);
          }
        }
      }
      const sorted = (rows: Map<string, string>, sign: number): Row[] =>
        [...rows].sort((a, b) => sign * (Number(a[0]) - Number(b[0])));
      assert.deepEqual({ bids: sorted(book.bids, -1), asks: sorted(book.asks, 1) }, venueBook(venue, 'BTCUSDT'));
    } finally {
      await venue.close();
    }
  });

  it('subscribes, lists, unsubscribes, and cuts who asks too often', async () => {
    const { venue } = await startManualVenue({ symbols: ['BTCUSDT', 'ETHUSDT'] });
    try {
      const plain = await Inbox.open(`${venue.restUrl.replace('http', 'ws')}/ws`);
      plain.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade', 'ethusdt@trade'], id: 1 });
      assert.deepEqual(await plain.next(), { result: null, id: 1 });
      plain.send({ method: 'UNSUBSCRIBE', params: ['ethusdt@trade'], id: 2 });
      assert.deepEqual(await plain.next(), { result: null, id: 2 });
      plain.send({ method: 'LIST_SUBSCRIPTIONS', id: 3 });
      assert.deepEqual(await plain.next(), { result: ['btcusdt@trade'], id: 3 });
      for (const symbol of ['ETHUSDT', 'BTCUSDT']) {
        venue.exchange.inject({ kind: 'rest', symbol, side: Side.sell, priceTicks: 1000, sizeLots: 7 });
        venue.exchange.inject({ kind: 'take', symbol, side: Side.buy, limitTicks: 1000, sizeLots: 2 });
      }
      const trade = await plain.next();
      assert.deepEqual(trade, {
        e: 'trade',
        E: venue.exchange.nowMs,
        s: 'BTCUSDT',
        t: 500_001,
        p: '100.00000000',
        q: '0.00002000',
        T: venue.exchange.nowMs,
        m: false,
        M: true,
      });
      plain.send({ method: 'SUBSCRIBE', params: 'btcusdt@trade', id: 4 });
      assert.equal((await plain.next())['code'], 2);
      plain.send('{');
      assert.equal((await plain.next())['code'], 3);
      plain.send({ method: 'LIST_SUBSCRIPTIONS', id: 6 });
      await plain.untilClosed();
    } finally {
      await venue.close();
    }
  });

  it('describes its symbols and refuses what it does not know', async () => {
    const { venue, clock } = await startManualVenue({ symbols: ['BTCUSDT', 'FOOUSDT'] });
    try {
      assert.deepEqual(await getJson(venue, '/api/v3/ping'), {});
      assert.deepEqual(await getJson(venue, '/api/v3/time'), { serverTime: clock.nowMs });
      const info = (await getJson(venue, '/api/v3/exchangeInfo')) as { symbols: Json[] };
      assert.deepEqual(
        info.symbols.map((row) => [row['symbol'], row['baseAsset'], row['quoteAsset'], row['status']]),
        [
          ['BTCUSDT', 'BTC', 'USDT', 'TRADING'],
          ['FOOUSDT', 'FOO', 'USDT', 'TRADING'],
        ],
      );
      const filters = info.symbols[0]?.['filters'] as Json[];
      const filter = (type: string): Json => filters.find((row) => row['filterType'] === type) as Json;
      assert.equal(filter('PRICE_FILTER')['tickSize'], '0.10000000');
      assert.equal(filter('LOT_SIZE')['stepSize'], '0.00001000');
      assert.equal(filter('NOTIONAL')['minNotional'], '5.00000000');
      const unknown = await get(venue, '/api/v3/depth?symbol=NOPEUSDT');
      assert.equal(unknown.status, 400);
      assert.deepEqual(await unknown.json(), { code: -1121, msg: 'Invalid symbol.' });
      assert.equal(((await getJson(venue, '/api/v3/depth')) as { code: number }).code, -1102);
      assert.equal((await get(venue, '/api/v3/nothing')).status, 404);
      venue.faults.arm({ fault: 'failedSnapshot' });
      assert.equal((await get(venue, '/api/v3/depth?symbol=BTCUSDT')).status, 500);
      assert.equal((await get(venue, '/api/v3/depth?symbol=BTCUSDT')).status, 200);
    } finally {
      await venue.close();
    }
  });

  it('limits request weight and bans who does not back off', async () => {
    const { venue, clock } = await startManualVenue();
    try {
      let response = await get(venue, '/api/v3/depth?symbol=BTCUSDT&limit=5000');
      assert.equal(response.headers.get('x-mbx-used-weight-1m'), '250');
      for (let i = 1; i <= 24; i++) response = await get(venue, '/api/v3/depth?symbol=BTCUSDT&limit=5000');
      assert.equal(response.status, 429);
      assert.ok(Number(response.headers.get('retry-after')) > 0);
      assert.equal(((await response.json()) as { code: number }).code, -1003);
      for (let i = 0; i < 200; i++) response = await get(venue, '/api/v3/ping');
      assert.equal(response.status, 418);
      clock.pass(120_000, 4000);
      assert.equal((await get(venue, '/api/v3/ping')).status, 200);
    } finally {
      await venue.close();
    }
  });
});

describe('simulated venue: signing', () => {
  let venue: SimulatedVenue;
  let clock: ManualClock;
  let api: ApiClient;
  before(async () => {
    ({ venue, clock } = await startManualVenue());
    api = await ApiClient.open(venue.apiUrl, () => clock.nowMs);
  });
  after(() => venue.close());

  it('reproduces the published vectors', () => {
    const path = new URL('../../../shared/data/vectors/signing-vectors.json', import.meta.url);
    const published = [
      {
        secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
        signed_payload:
          'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
        signature: 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
      },
    ];
    if (existsSync(path)) {
      const file = JSON.parse(readFileSync(path, 'utf8')) as { vectors: ((typeof published)[0] & { name: string })[] };
      published.push(...file.vectors.filter((vector) => vector.name.startsWith('binance')));
      assert.ok(published.length > 3, 'Expected the Binance vectors in the file');
    }
    for (const vector of published) assert.equal(hmacHex(vector.secret, vector.signed_payload), vector.signature);
  });

  it('sorts parameters by name and leaves the signature out', () => {
    assert.equal(
      signedPayload({ symbol: 'B', apiKey: 'k', signature: 'x', recvWindow: 100 }),
      'apiKey=k&recvWindow=100&symbol=B',
    );
  });

  it('refuses wrong keys, signatures and times with the right codes', async () => {
    const code = async (params: Json, secret?: string): Promise<[number, number | undefined]> => {
      const { status, error } = await api.call('account.status', params, secret);
      return [status, error?.code];
    };
    assert.deepEqual(await code({}), [200, undefined]);
    assert.deepEqual(await code({ apiKey: 'stranger' }), [401, -2015]);
    assert.deepEqual(await code({}, 'wrong secret'), [400, -1022]);
    assert.deepEqual(await code({ timestamp: clock.nowMs - 5001 }), [400, -1021]);
    assert.deepEqual(await code({ timestamp: clock.nowMs - 5000 }), [200, undefined]);
    assert.deepEqual(await code({ timestamp: clock.nowMs + 1000 }), [400, -1021]);
    assert.deepEqual(await code({ timestamp: clock.nowMs + 999 }), [200, undefined]);
    assert.deepEqual(await code({ timestamp: clock.nowMs - 50, recvWindow: 40 }), [400, -1021]);
    assert.deepEqual(await code({ recvWindow: 60_001 }), [400, -1131]);
    assert.deepEqual(await code({ timestamp: 'soon' }), [400, -1100]);
  });

  it('answers signed REST with the same check', async () => {
    const query = `symbol=BTCUSDT&timestamp=${clock.nowMs}`;
    const path = (signature: string): string => `/api/v3/account/commission?${query}&signature=${signature}`;
    const good = await get(venue, path(hmacHex('test-secret', query)), { 'x-mbx-apikey': API_KEY });
    assert.deepEqual(((await good.json()) as { standardCommission: Json }).standardCommission, {
      maker: '0.00020000',
      taker: '0.00040000',
      buyer: '0.00000000',
      seller: '0.00000000',
    });
    const bad = await get(venue, path('00'), { 'x-mbx-apikey': API_KEY });
    assert.equal(((await bad.json()) as { code: number }).code, -1022);
  });

  it('answers unsigned methods and refuses unknown ones and bad JSON', async () => {
    assert.deepEqual((await api.call('ping')).result, {});
    assert.deepEqual((await api.call('time')).result, { serverTime: clock.nowMs });
    assert.equal((await api.call('order.teleport')).error?.code, -1020);
    assert.equal((await api.call('toString')).error?.code, -1020);
    for (const text of ['{', '[]', '5', 'null', '{"id":1,"method":"ping","params":[]}']) {
      api.inbox.send(text);
      assert.equal(((await api.inbox.next())['error'] as Json)['code'], -1135, text);
    }
  });
});
