import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MarketProtocol } from '../../../contract/market-protocol.ts';
import { BookState } from '../../../contract/record.ts';
import { instrument } from '../../../venue/binance-spot/venue.test-support.ts';
import { binanceSpotLimits } from '../../../venue/binance-spot/limits.ts';
import { bybitLimits } from '../../../venue/bybit/limits.ts';
import { RequestBudget } from '../../../venue/request-budget.ts';
import type { VenueLimits } from '../../../venue/venue-limits.ts';
import { LiveClock } from '../session-clock.ts';
import { MarketFeed } from './market-feed.ts';

const servers: Server[] = [];
const feeds: MarketFeed[] = [];
after(() => {
  for (const feed of feeds) feed.dispose();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A venue of one's own on loopback: what it answers by REST and does with each connection. */
async function venue(onRequest: (response: ServerResponse) => void, onSocket: (socket: WebSocket) => void) {
  const server = createServer((_request, response) => onRequest(response));
  servers.push(server);
  new WebSocketServer({ server }).on('connection', onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { restUrl: `http://127.0.0.1:${port}`, streamUrl: `ws://127.0.0.1:${port}` };
}

interface Started {
  feed: MarketFeed;
  stop(): void;
}

async function start(
  protocol: MarketProtocol,
  limits: VenueLimits,
  symbols: string[],
  onRequest: (response: ServerResponse) => void,
  onSocket: (socket: WebSocket) => void,
): Promise<Started> {
  const clock = new LiveClock();
  const feed = new MarketFeed({
    venue: protocol,
    address: await venue(onRequest, onSocket),
    limits,
    budget: new RequestBudget(limits.requests),
    instruments: symbols.map((symbol, index) => instrument(index, symbol, '0.01', '0.001')),
    clock,
    pump: { emit: () => undefined, beginMessage: () => undefined, endMessage: () => undefined, flush: () => undefined },
    onMessage: () => undefined,
  });
  feeds.push(feed);
  const timer = setInterval(() => feed.onTimer(clock.nowNs()), 20);
  feed.start();
  return {
    feed,
    stop: () => {
      clearInterval(timer);
      feed.dispose();
    },
  };
}

test('a venue that refuses snapshots with 429 is left alone as long as it says, and the book goes live after', async () => {
  const askedMs: number[] = [];
  let updateId = 100;
  const { feed, stop } = await start(
    'binance-spot',
    binanceSpotLimits,
    ['BTCUSDT'],
    (response) => {
      askedMs.push(performance.now());
      if (askedMs.length === 1) response.writeHead(429, { 'retry-after': '6' }).end('{"code":-1003}');
      else response.end(`{"lastUpdateId":${updateId},"bids":[["10.00","1"]],"asks":[["11.00","1"]]}`);
    },
    (socket) => {
      const timer = setInterval(() => {
        updateId++;
        const data = `{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":${updateId},"u":${updateId},"b":[["10.00","2"]],"a":[]}`;
        socket.send(`{"stream":"btcusdt@depth@100ms","data":${data}}`);
      }, 50);
      socket.on('close', () => clearInterval(timer));
    },
  );
  try {
    await pause(3_000);
    assert.equal(askedMs.length, 1, 'asked again while told to wait');
    assert.equal(feed.counters(0).state, BookState.syncing);
    assert.match(feed.counters(0).stateReason, /429/);
    for (let i = 0; i < 100 && feed.counters(0).state !== BookState.live; i++) await pause(100);
    assert.equal(feed.counters(0).state, BookState.live);
    assert.equal(askedMs.length, 2);
    const waitedMs = (askedMs[1] as number) - (askedMs[0] as number);
    // As long as it said, and spread over a second behind that; the rest is this machine's.
    assert.ok(waitedMs >= 5_990 && waitedMs < 9_000, `was ${waitedMs}`);
  } finally {
    stop();
  }
});

test('a budget that is used up asks nobody, and the reason says for how long', async () => {
  let asked = 0;
  const limits = { ...binanceSpotLimits, requests: { weight: 300, perMs: 3_600_000, reserved: 10 } };
  const { feed, stop } = await start(
    'binance-spot',
    limits,
    ['BTCUSDT', 'ETHUSDT'],
    (response) => {
      asked++;
      response.end('{"lastUpdateId":1,"bids":[],"asks":[]}');
    },
    (socket) => {
      for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
        const data = `{"e":"depthUpdate","E":1,"s":"${symbol}","U":1,"u":2,"b":[["10.00","2"]],"a":[]}`;
        socket.send(`{"stream":"${symbol.toLowerCase()}@depth@100ms","data":${data}}`);
      }
    },
  );
  try {
    const reasons = (): string[] => [0, 1].map((i) => feed.counters(i).stateReason);
    for (let i = 0; i < 50 && !reasons().some((reason) => /request budget/.test(reason)); i++) await pause(100);
    assert.ok(
      reasons().some((reason) => /the venue's request budget is used up for \d+ s/.test(reason)),
      `was ${reasons().join(' | ')}`,
    );
    await pause(1_000);
    assert.equal(asked, 1);
  } finally {
    stop();
  }
});

test('what is subscribed goes out at the pace of the venue, in whole, also after the connection was lost', async () => {
  const rule = { count: 2, perMs: 300 };
  const symbols = Array.from({ length: 12 }, (_, i) => `S${i}USDT`);
  const connections: { atMs: number; topics: string[] }[][] = [];
  const { feed, stop } = await start(
    'bybit',
    { ...bybitLimits, messages: [rule] },
    symbols,
    (response) => response.end(),
    (socket) => {
      const sent: { atMs: number; topics: string[] }[] = [];
      connections.push(sent);
      socket.on('message', (data) => {
        const { args } = JSON.parse(String(data)) as { args?: string[] };
        sent.push({ atMs: performance.now(), topics: args ?? [] });
      });
    },
  );
  const topicsOf = (connection: number): Set<string> =>
    new Set((connections[connection] ?? []).flatMap(({ topics }) => topics));
  const settle = async (connection: number, count: number): Promise<void> => {
    for (let i = 0; i < 80 && topicsOf(connection).size < count; i++) await pause(100);
  };
  try {
    await settle(0, 1);
    const perSymbol = new Set([...topicsOf(0)].filter((topic) => topic.endsWith('.S0USDT'))).size;
    assert.ok(perSymbol >= 2, 'a book and trades at least');
    await settle(0, perSymbol * symbols.length);
    assert.equal(topicsOf(0).size, perSymbol * symbols.length);
    assert.ok([...topicsOf(0)].some((topic) => topic.startsWith('orderbook') && topic.endsWith('.S11USDT')));

    feed.reconnect('test');
    for (let i = 0; i < 50 && connections.length < 2; i++) await pause(100);
    await settle(1, perSymbol * symbols.length);
    assert.deepEqual([...topicsOf(1)].sort(), [...topicsOf(0)].sort());

    for (const sent of connections) {
      assert.ok(sent.length > rule.count, `was ${sent.length} messages`);
      for (let i = rule.count; i < sent.length; i++) {
        const apartMs = (sent[i]?.atMs as number) - (sent[i - rule.count]?.atMs as number);
        // They are read in bunches when this process was busy: half the window shows a pace, none would be near 0.
        assert.ok(apartMs > rule.perMs / 2, `messages ${i - rule.count} and ${i} were ${apartMs} ms apart`);
      }
    }
  } finally {
    stop();
  }
});
