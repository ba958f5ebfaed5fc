import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CANDLE_RESOLUTIONS } from '../candle-resolutions.ts';
import { PARTITIONED_TABLES } from '../schema.ts';
import { isAtLeast, type Timescale } from './find-timescale.ts';
import {
  candleStatements,
  hypertableStatements,
  planOf,
  policyStatements,
  refreshStatements,
} from './timescale-sql.ts';

/** What needs no server; the rest is in store-layout.test.ts, over a server by URL. */
const timescale: Timescale = { version: '2.28.3', schema: '"my schema"', hasBatches: true, hasRefreshOptions: true };
const oldest: Timescale = { ...timescale, version: '2.13.0', hasBatches: false, hasRefreshOptions: false };

test('every function of the extension is named with its schema: it is not on the search path', () => {
  const all = [
    ...PARTITIONED_TABLES.flatMap((table) => hypertableStatements(table, timescale)),
    ...CANDLE_RESOLUTIONS.flatMap((resolution) => candleStatements(resolution, timescale)),
    ...policyStatements({ keepTicksDays: 30, compressAfterDays: 7 }, 720, timescale),
    ...refreshStatements(720, timescale),
  ].join('\n');
  const functions =
    /([\w".]+(?: schema")?\.)?\b(create_hypertable|by_range|time_bucket|first|last|\w+_policy|refresh_continuous_aggregate)\(/g;
  const found = [...all.matchAll(functions)];
  assert.ok(found.length > 40);
  for (const match of found) assert.equal(match[1], '"my schema".', match[0]);
});

test('tables are cut by the time that is asked for, with the indexes that are asked for', () => {
  assert.deepEqual(
    PARTITIONED_TABLES.map((table) => [table, planOf(table).time, planOf(table).chunkHours]),
    [
      ['book_updates', 'time', 2],
      ['trades', 'exchange_time', 6],
      ['quotes', 'time', 6],
      ['book_tops', 'time', 24],
    ],
  );
  const trades = hypertableStatements('trades', timescale).join('\n');
  assert.match(trades, /by_range\('exchange_time', INTERVAL '6 hours'\)/);
  assert.match(trades, /USING brin \(time\)/);
  assert.match(trades, /ON trades \(series, exchange_time, trade_id\)/);
  assert.match(trades, /compress_segmentby = 'series'/);
});

test('aggregates: seconds of trades, each longer one of the one before it, newest trades always included', () => {
  const texts = CANDLE_RESOLUTIONS.map((resolution) => candleStatements(resolution, timescale).join('\n'));
  const sources = texts.map((text) => /FROM (\w+)(?: WHERE series IS NOT NULL)? GROUP BY/.exec(text)?.[1]);
  assert.deepEqual(sources, ['trades', 'candles_1s_aggregate', 'candles_5s_aggregate', 'candles_1m_aggregate']);
  for (const text of texts) assert.match(text, /materialized_only = false/);
  assert.deepEqual(
    texts.map((text) => /INTERVAL '(\d+) seconds'/.exec(text)?.[1]),
    ['1', '5', '60', '3600'],
  );
});

test('policies: in one batch where the server knows batches, off where the settings say so', () => {
  const off = policyStatements({ keepTicksDays: 0, compressAfterDays: 0 }, undefined, timescale).join('\n');
  assert.doesNotMatch(off, /add_(retention|compression)_policy/);
  assert.equal(off.match(/remove_(retention|compression)_policy/g)?.length, 8);
  assert.equal(off.match(/buckets_per_batch => 0/g)?.length, 4, 'the default took fifty times as long');
  assert.equal(off.match(/start_offset => NULL/g)?.length, 4);
  const on = policyStatements({ keepTicksDays: 30, compressAfterDays: 7 }, 720, timescale).join('\n');
  assert.equal(on.match(/add_retention_policy\('\w+', INTERVAL '30 days'\)/g)?.length, 4);
  assert.equal(on.match(/add_compression_policy\('\w+', INTERVAL '7 days'\)/g)?.length, 4);
  assert.equal(on.match(/start_offset => INTERVAL '720 hours'/g)?.length, 4, 'never where ticks are gone');
  const dropFirst = policyStatements({ keepTicksDays: 5, compressAfterDays: 7 }, 120, timescale).join('\n');
  assert.doesNotMatch(dropFirst, /add_compression_policy/, 'what is dropped before needs no compression');
  assert.doesNotMatch(
    [
      ...policyStatements({ keepTicksDays: 5, compressAfterDays: 2 }, 120, oldest),
      ...refreshStatements(1, oldest),
    ].join(),
    /buckets_per_batch/,
  );
  assert.match(
    refreshStatements(undefined, timescale)[0] as string,
    /NULL, NULL, options => '\{"buckets_per_batch": 0\}'/,
  );
  assert.match(
    refreshStatements(48, timescale)[3] as string,
    /'candles_1h_aggregate', now\(\) - INTERVAL '48 hours', NULL/,
  );
});

test('versions compare by number', () => {
  for (const version of ['2.13.0', '2.13', '2.28.3', '3.0.0-dev', '10.1.0'])
    assert.ok(isAtLeast(version, [2, 13]), version);
  for (const version of ['2.9.3', '1.99.0', '2.12.2', '2.2.28']) assert.ok(!isAtLeast(version, [2, 13]), version);
});
