import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TradingSource } from '../../engine/contract/process.ts';
import type { TradingReport } from '../../engine/contract/report.ts';
import { dealtSource, joinedParts, mergedReport, shardOfSymbol, shardsOf } from './deal-symbols.ts';

const sim: Extract<TradingSource, { kind: 'sim' }> = {
  kind: 'sim',
  restUrl: 'http://r',
  streamUrl: 'ws://s',
  apiUrl: 'ws://a',
  apiKey: 'k',
  apiSecret: 's',
  symbols: ['A', 'B', 'C'],
  feeds: [
    { venue: 'bybit', symbols: ['D', 'E'] },
    { venue: 'upbit', symbols: ['F'] },
  ],
};

/** All symbols of a dealt source, with their venue; those without are traded. */
function symbolsOf(source: TradingSource): string[] {
  if (source.kind === 'replay') return [];
  const watched = (source.feeds ?? []).flatMap(({ venue, symbols }) => symbols.map((symbol) => `${venue}:${symbol}`));
  return [...(source.kind === 'sim' ? source.symbols : []), ...watched];
}

test('every symbol goes to exactly one process, in turn; empty venues are left out', () => {
  const all = symbolsOf(sim);
  for (const count of [1, 2, 3]) {
    const dealt = Array.from({ length: count }, (_, shard) => symbolsOf(dealtSource(sim, shard, count)));
    assert.deepEqual(dealt.flat().sort(), [...all].sort());
    const sizes = dealt.map((symbols) => symbols.length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
    dealt.forEach((symbols, shard) => {
      for (const symbol of symbols) assert.equal(shardOfSymbol(sim as never, symbol.split(':').at(-1), count), shard);
    });
  }
  const second = dealtSource(sim, 1, 2);
  assert.ok(second.kind === 'sim');
  assert.deepEqual(second.symbols, ['B']);
  assert.deepEqual(second.feeds, [
    { venue: 'bybit', symbols: ['D'] },
    { venue: 'upbit', symbols: ['F'] },
  ]);
  const live = dealtSource({ kind: 'live', feeds: sim.feeds ?? [] }, 1, 3);
  assert.deepEqual(live, { kind: 'live', feeds: [{ venue: 'bybit', symbols: ['E'] }] });
});

test('no more processes than symbols, one for a recording; watched symbols go beside traded ones', () => {
  assert.equal(shardsOf({ kind: 'sim', seed: 1, symbols: ['A', 'B'], feeds: sim.feeds ?? [] }, 8), 2);
  assert.equal(shardsOf({ kind: 'sim', seed: 1, symbols: [], feeds: sim.feeds ?? [] }, 8), 3);
  assert.equal(shardsOf({ kind: 'live', feeds: [{ venue: 'okx', symbols: ['A', 'B', 'C'] }] }, 2), 2);
  assert.equal(shardsOf({ kind: 'replay', files: ['a'], protocol: 'okx', speed: 1 }, 8), 1);
  assert.equal(shardsOf({ kind: 'sim', seed: 1, symbols: [] }, 3), 1);
  const replay: TradingSource = { kind: 'replay', files: ['a'], protocol: 'okx', speed: 1 };
  assert.equal(dealtSource(replay, 0, 1), replay);
});

test('reports add up, but for what is of the chosen symbol', () => {
  const report = (symbol: string, n: number): TradingReport =>
    ({
      symbol,
      wallSeconds: n,
      eventsPerSecond: 10 * n,
      instruments: [{ symbol }],
      totals: { gaps: n, trades: 2 },
      orders: { sent: n },
      pnl: { gross: n, fees: 0.5, net: n - 0.5 },
      journal: { records: n, bytes: 72 * n },
      decisionHash: `hash ${n}`,
      position: symbol,
    }) as unknown as TradingReport;
  const merged = mergedReport([report('A', 1), report('B', 3)], 1);
  assert.deepEqual(
    [merged.symbol, merged.position, merged.wallSeconds, merged.eventsPerSecond, merged.orders, merged.pnl],
    ['B', 'B', 3, 40, { sent: 4 }, { gross: 4, fees: 1, net: 3 }],
  );
  assert.deepEqual(merged.totals as unknown, { gaps: 4, trades: 4 });
  assert.deepEqual(
    merged.instruments.map(({ symbol }) => symbol),
    ['A', 'B'],
  );
  assert.match(merged.decisionHash, /^[0-9a-f]{64}$/);
  assert.notEqual(merged.decisionHash, mergedReport([report('A', 1), report('B', 4)], 1).decisionHash);
  const alone = report('A', 1);
  assert.equal(mergedReport([alone], 0), alone);
});

test('what the sessions trade is kept in the order in which it was dealt: the next start deals it alike', () => {
  const source = { kind: 'sim', seed: 1, symbols: ['A', 'B', 'C'] } as const;
  // D was added to the process with the fewest.
  const parts = [
    { symbols: ['A', 'C'], feeds: [] },
    { symbols: ['B', 'D'], feeds: [{ venue: 'okx' as const, symbols: ['X'] }] },
  ];
  const joined = joinedParts({ ...source, symbols: [...source.symbols] }, parts);
  assert.ok(joined.kind === 'sim');
  assert.deepEqual(joined.symbols, ['A', 'B', 'C', 'D']);
  assert.deepEqual(joined.feeds, [{ venue: 'okx', symbols: ['X'] }]);
  parts.forEach((part, shard) => {
    const dealt = dealtSource({ ...sim, symbols: joined.symbols, feeds: [] }, shard, 2);
    assert.ok(dealt.kind === 'sim');
    assert.deepEqual(dealt.symbols, part.symbols);
  });
});
