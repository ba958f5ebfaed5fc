import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { HandClient } from '../../verification/adapter-run.test-support.ts';
import { createFeedVenue } from '../feed-venue.ts';
import { FLOW_REGIMES } from '../order-flow.ts';
import { readCryptofeed } from '../player/cryptofeed-reader.ts';
import { dataFolder, skipReason } from '../player/recorded-day.test-support.ts';

const START_MS = 1_760_000_000_000;

/** `path: kind of value` of everything in a message. In a row of values places matter; a list of rows is as its rows. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    const isList = value.every((item) => typeof item === 'object');
    return value.flatMap((item, i) => shapeOf(item, `${path}[${isList ? '' : i}]`));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => shapeOf(item, `${path}.${key}`));
  }
  const isDecimal = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
  return [`${path}: ${isDecimal ? 'decimal text' : typeof value}`];
}

/** What the venue sends in some seconds of a busy market, parsed. */
function simulated(protocol: MarketProtocol, path: string, requests: readonly unknown[], seconds = 5): unknown[] {
  const venue = createFeedVenue({ protocol, seed: 3, startMs: START_MS, regime: FLOW_REGIMES.burst });
  const client = new HandClient();
  const session = venue.connect(client, path);
  assert.ok(typeof session !== 'number');
  for (const request of requests) session.onMessage(JSON.stringify(request));
  for (let ms = 20; ms <= seconds * 1000; ms += 20) venue.advance(START_MS + ms);
  return client.received.map((text) => JSON.parse(text) as unknown);
}

/** Every field of recorded messages of a sort is in the simulated ones of that sort, with a value of the same kind. */
function assertShapes(
  recorded: readonly unknown[],
  own: readonly unknown[],
  sortOf: (message: unknown) => string | undefined,
  leftOut: RegExp = /^$/,
): string[] {
  const collect = (messages: readonly unknown[]) => {
    const shapes = new Map<string, Set<string>>();
    for (const message of messages) {
      const sort = sortOf(message);
      if (sort === undefined) continue;
      const lines = shapes.get(sort) ?? new Set<string>();
      for (const line of shapeOf(message)) lines.add(line);
      shapes.set(sort, lines);
    }
    return shapes;
  };
  const theirs = collect(recorded);
  const ours = collect(own);
  for (const [sort, lines] of theirs) {
    const missing = [...lines].filter((line) => !ours.get(sort)?.has(line) && !leftOut.test(line));
    assert.deepEqual(missing, [], `${sort}: fields of the recording that the simulation lacks`);
  }
  return [...theirs.keys()].sort();
}

async function cryptofeed(file: string): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const { kind, bytes } of readCryptofeed(`${dataFolder}${file}`)) {
    if (kind === 'message') messages.push(JSON.parse(new TextDecoder().decode(bytes)));
  }
  return messages;
}

function lines(file: string): unknown[] {
  const text = gunzipSync(readFileSync(`${dataFolder}${file}`)).toString();
  return text
    .split('\n')
    .slice(0, 4000)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as unknown);
}

type Json = Record<string, unknown>;

describe('the simulated venue writes what the recorded ones write', { skip: skipReason }, () => {
  const futures = (message: unknown) => (message as { data?: { e?: string } }).data?.e;

  it('binance futures', () => {
    const streams = (symbol: string) => `${symbol}@depth@100ms/${symbol}@bookTicker/${symbol}@trade`;
    for (const [protocol, file, path] of [
      [
        'binance-usdm',
        'binance/l2-recordings/usdm_btcusdt_20240808.gz',
        `/public/stream?streams=${streams('btcusdt')}`,
      ],
      [
        'binance-coinm',
        'binance/l2-recordings/cm_btcusd_perp_20240808.gz',
        `/stream?streams=${streams('btcusd_perp')}`,
      ],
    ] as const) {
      const sorts = assertShapes(lines(file), simulated(protocol, path, []), futures);
      assert.deepEqual(sorts, ['bookTicker', 'depthUpdate', 'trade']);
    }
  });

  it('okx', async () => {
    const channels = ['books', 'trades', 'tickers'].map((channel) => ({ channel, instId: 'BTC-USDT' }));
    const own = simulated('okx', '/ws/v5/public', [{ op: 'subscribe', args: channels }]);
    const sortOf = (message: unknown) => {
      const { event, arg, action } = message as { event?: string; arg?: { channel: string }; action?: string };
      return event ?? `${arg?.channel ?? ''} ${action ?? ''}`;
    };
    // Day figures, which no adapter reads.
    const sorts = assertShapes(await cryptofeed('okx/OKX.ws.1.0'), own, sortOf, /24h|sodUtc/);
    assert.deepEqual(sorts, ['books snapshot', 'books update', 'subscribe', 'tickers ', 'trades ']);
  });

  it('kraken', async () => {
    const pair = ['XBT/USD', 'ETH/USD'];
    const wishes = [{ name: 'book', depth: 1000 }, { name: 'trade' }, { name: 'ticker' }];
    const own = simulated(
      'kraken',
      '/',
      wishes.map((subscription) => ({ event: 'subscribe', pair, subscription })),
    );
    own.push({ event: 'heartbeat' });
    const sortOf = (message: unknown) => {
      if (!Array.isArray(message)) return (message as { event: string }).event;
      const [, body] = message as [number, Json];
      return `${String(message.at(-2))} ${Object.keys(body)
        .filter((key) => /^(as|bs)$/.test(key))
        .join('')} ${message.length}`;
    };
    const recorded = (
      await Promise.all(['50', '48', '49'].map((file) => cryptofeed(`kraken/KRAKEN.ws.${file}.0`)))
    ).flat();
    // Day figures of the ticker.
    const sorts = assertShapes(recorded, own, sortOf, /^\[1\]\.(v|p|t|l|h|o)\[/);
    assert.ok(sorts.length >= 7, sorts.join());
  });

  it('upbit', async () => {
    const request = [
      { ticket: 't' },
      { type: 'orderbook', codes: ['KRW-BTC.15'] },
      { type: 'trade', codes: ['KRW-BTC'] },
      { format: 'SIMPLE' },
    ];
    const own = simulated('upbit', '/websocket/v1', [request]);
    const sorts = assertShapes(
      await cryptofeed('upbit/UPBIT.ws.62.0'),
      own,
      (message) => (message as { ty?: string }).ty,
    );
    assert.deepEqual(sorts, ['orderbook', 'trade']);
  });
});
