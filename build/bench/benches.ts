import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, BenchImplementation } from '../../engine/bench/bench-result.ts';
import { venuesWith } from '../../engine/bench/decode-corpus.ts';
import { featureNames } from '../../engine/bench/feature-names.ts';
import type { DecodeKind } from '../../engine/bench/decode-with-json.ts';
import { root } from '../run-command.ts';

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  return `${name} ${(manifest as { version: string }).version}`;
}

/** A young generation so large that measuring allocations is not disturbed by collections. */
const measuringFlags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

function book(name: string, label: string): BenchImplementation {
  return { label, script: 'engine/bench/book-update.bench.ts', args: [name], nodeFlags: measuringFlags };
}

function match(name: string, label: string, mode: string): BenchImplementation {
  return { label, script: 'engine/bench/match.bench.ts', args: [name, mode], nodeFlags: measuringFlags };
}

function features(library: string, label: string): BenchImplementation {
  return { label, script: 'engine/bench/features.bench.ts', args: [library], nodeFlags: measuringFlags };
}

/** On recorded bytes of every venue that has some of the kind; Binance spot's is the one without a surname. */
function decode(kind: DecodeKind): Bench[] {
  return venuesWith(kind).map((venue) => {
    const one = (name: string, label: string): BenchImplementation => ({
      label,
      script: 'engine/bench/decode.bench.ts',
      args: [kind, venue, name],
      nodeFlags: measuringFlags,
    });
    return {
      name: venue === 'binance-spot' ? `decode-${kind}` : `decode-${kind} ${venue}`,
      ours: one('ours', 'ours'),
      peers: [one('json', 'JSON.parse + Number')],
      rows: [{ figure: 'rate', unit: 'M messages/s', better: 'higher' }],
    };
  });
}

function tickToOrder(name: string, wait: 'block' | 'spin', label: string): BenchImplementation {
  return {
    label,
    script: 'engine/bench/tick-to-order.bench.ts',
    args: [name, wait],
    nodeFlags: ['--max-semi-space-size=64'],
  };
}

function cache(what: 'write' | 'read', name: string, label: string): BenchImplementation {
  return {
    label,
    script: `engine/bench/cache-${what}.bench.ts`,
    args: [name],
    nodeFlags: ['--max-semi-space-size=32'],
  };
}

function replay(script: string, name: string, label: string): BenchImplementation {
  return { label, script: `engine/bench/${script}.bench.ts`, args: [name], nodeFlags: measuringFlags };
}

function store(script: string, args: string[], label: string): BenchImplementation {
  return { label, script: `engine/bench/${script}.bench.ts`, args, nodeFlags: [] };
}

/** Into the same kind of table with the same indexes; exactly once, candles and counters are ours alone. */
function storeWrite(): Bench[] {
  // A server with TimescaleDB is nothing that can be installed here.
  const kinds = ['partitioned', 'heap', ...(process.env['CHRISTMAS_TEST_TIMESCALE_URL'] ? ['hypertable'] : [])];
  return kinds.map((kind) => ({
    name: `store-write ${kind}`,
    ours: store('store-write', ['ours', kind], 'ours: journal to rows, exactly once'),
    peers: [store('store-write', ['copy', kind], 'psql \\copy of the same rows')],
    rows: [{ figure: 'rows', unit: 'k rows/s', better: 'higher' as const }],
  }));
}

/** All three recorded sessions, and each. */
function replayRows(figure: string, unit: string): Bench['rows'] {
  return ['', ' spot', ' usdm', ' coinm'].map((session) => ({ figure: figure + session, unit, better: 'higher' }));
}

export const benches: Bench[] = [
  {
    name: 'book-update',
    ours: book('ours', 'ours'),
    peers: [
      book('nodejs-order-book', versionOf('nodejs-order-book')),
      book('ccxt', `${versionOf('ccxt')} OrderBook, unlimited depth`),
      book('ladder', 'limit: bare typed arrays, fixed range'),
      book('naive', 'naive model (two Maps)'),
      book('sorted-array', 'Map + sorted array'),
    ],
    rows: [{ figure: 'rate', unit: 'M updates/s', better: 'higher' }],
  },
  ...['mixed', 'resting'].map((mode) => ({
    name: `match ${mode}`,
    ours: match('ours', 'ours', mode),
    peers: [match('nodejs-order-book', versionOf('nodejs-order-book'), mode)],
    rows: [{ figure: 'rate', unit: 'M orders/s', better: 'higher' as const }],
  })),
  ...decode('depth'),
  ...decode('trade'),
  {
    name: 'features',
    ours: features('ours', 'ours'),
    peers: ['technicalindicators', 'trading-signals'].map((library) => features(library, versionOf(library))),
    rows: featureNames.map((figure) => ({ figure, unit: 'M values/s', better: 'higher' as const })),
    geometricMean: true,
  },
  {
    name: 'tick-to-order',
    ours: tickToOrder('ours', 'block', 'ours'),
    peers: [tickToOrder('echo', 'block', `bare echo over ${versionOf('ws')}`)],
    rows: ['p50', 'p99', 'p99.9'].map((figure) => ({ figure, unit: 'us', better: 'lower' as const })),
  },
  {
    // Spinning is forced here: with a core for each end, nothing is left for anybody else.
    name: 'tick-to-order spin',
    ours: tickToOrder('ours', 'spin', 'ours, spinning'),
    peers: [tickToOrder('echo', 'spin', `bare echo over ${versionOf('ws')}, spinning`)],
    rows: ['p50', 'p99', 'p99.9'].map((figure) => ({ figure, unit: 'us', better: 'lower' as const, added: true })),
  },
  {
    name: 'cache-write',
    ours: cache('write', 'ours', `ours, through ${versionOf('ioredis')}`),
    peers: [
      cache('write', 'redis-benchmark', 'redis-benchmark -P 100 ZADD'),
      cache('write', 'bare', 'limit: bare socket, the same commands'),
    ],
    rows: [{ figure: 'rate', unit: 'k ticks/s', better: 'higher' }],
  },
  {
    name: 'cache-read',
    ours: cache('read', 'ours', `ours, through ${versionOf('ioredis')}: 100 ticks into columns`),
    peers: [
      cache('read', 'json', `${versionOf('ioredis')} zrevrange + JSON.parse`),
      cache('read', 'bare', 'limit: bare socket, nothing decoded'),
    ],
    rows: [{ figure: 'rate', unit: 'k reads/s', better: 'higher' }],
  },
  {
    name: 'replay',
    ours: replay('replay', 'ours', 'ours: bytes to decisions'),
    peers: [
      replay('replay', 'json', 'JSON.parse of the same lines alone'),
      replay('replay', 'lines', 'limit: finding the lines'),
    ],
    rows: replayRows('messages', 'M messages/s'),
  },
  {
    name: 'replay',
    ours: replay('replay-journal', 'ours', 'ours: journal to decisions'),
    peers: [
      replay('replay-journal', 'dispatch', 'limit: the same reader alone'),
      replay('replay-journal', 'crc', 'limit: bare CRC-32 in memory'),
    ],
    rows: replayRows('events', 'M events/s'),
  },
  ...storeWrite(),
  {
    name: 'store-read',
    ours: store('store-read', ['ours'], 'ours: b-tree, candles'),
    peers: [
      store('store-read', ['btree'], 'from the trades, b-tree'),
      store('store-read', ['brin'], 'from the trades, BRIN alone'),
    ],
    shared: { label: 'server', script: 'engine/bench/store-read-server.ts', args: [], nodeFlags: [] },
    rows: ['last', 'day', 'hour'].map((figure) => ({ figure, unit: 'ms', better: 'lower' as const })),
  },
  {
    name: 'tail-lag',
    ours: store('tail-lag', ['ours'], 'ours: journal record to visible row'),
    peers: [store('tail-lag', ['copy'], 'limit: COPY of the same rows every 50 ms')],
    rows: [
      { figure: 'p50', unit: 'ms', better: 'lower' },
      { figure: 'p99', unit: 'ms', better: 'lower' },
      { figure: 'cpu', unit: '% of a core', better: 'lower' },
    ],
  },
];
