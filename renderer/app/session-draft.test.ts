import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceSetting } from '../../engine/contract/settings.ts';
import { draftOf, newFeed, type SessionDraft, sourceOf } from './session-draft.ts';

const sources: SourceSetting[] = [
  { kind: 'sim', seed: 7, symbols: ['BTCUSDT', 'ETHUSDT'] },
  { kind: 'sim', seed: 0, symbols: [], feeds: [{ venue: 'okx', symbols: ['BTC-USDT-SWAP'] }] },
  {
    kind: 'live',
    feeds: [
      { venue: 'kraken', symbols: ['BTC/USD', 'ETH/USD'] },
      { venue: 'ccxt:bitstamp', symbols: ['BTC/USDT:USDT'] },
    ],
  },
  { kind: 'replay', files: ['/a/b.gz', '/c d/e.gz'], protocol: 'upbit', speed: 'max', symbol: 'KRW-BTC' },
  { kind: 'replay', files: ['/a/b.gz'], protocol: 'binance-coinm', speed: 10 },
  { kind: 'replay', files: ['/a/b.gz'], speed: 1 },
];

test('a source that is opened and started unchanged is the same source', () => {
  for (const source of sources) assert.deepEqual(sourceOf(draftOf(source)), { source });
});

const draft = (patch: Partial<SessionDraft>): SessionDraft => ({ ...draftOf(sources[0] as SourceSetting), ...patch });
const errorOf = (patch: Partial<SessionDraft>) => {
  const made = sourceOf(draft(patch));
  return 'error' in made ? `${made.error.key} ${made.error.value}`.trim() : 'none';
};

test('what is typed is forgiven where it is clear, and named where it is wrong', () => {
  assert.deepEqual(sourceOf(draft({ symbols: ' btcusdt,ethusdt  btcusdt ' })), { source: sources[0] });
  assert.equal(errorOf({ seed: '-1' }), 'seedError -1');
  assert.equal(errorOf({ seed: ' ' }), 'seedError');
  assert.equal(errorOf({ symbols: '' }), 'simError');
  assert.equal(errorOf({ symbols: 'BTCUSDT, §§' }), 'symbolError §§');
  assert.equal(errorOf({ kind: 'live', liveFeeds: [] }), 'liveError');
  assert.equal(errorOf({ kind: 'live', liveFeeds: [newFeed('upbit', ' ')] }), 'symbolsError');
  assert.equal(
    errorOf({ kind: 'live', liveFeeds: [newFeed('ccxt', 'BTC/EUR', 'bit stamp')] }),
    'exchangeError bit stamp',
  );
  assert.equal(errorOf({ kind: 'replay', files: '\n ' }), 'filesError');
  assert.equal(errorOf({ kind: 'replay', files: '/a', symbol: 'BTC ETH' }), 'symbolError BTC ETH');
});

test('a venue named twice is one feed', () => {
  const feeds = [newFeed('okx', 'A-B C-D'), newFeed('okx', 'C-D, E-F')];
  assert.deepEqual(sourceOf(draft({ kind: 'live', liveFeeds: feeds })), {
    source: { kind: 'live', feeds: [{ venue: 'okx', symbols: ['A-B', 'C-D', 'E-F'] }] },
  });
});
