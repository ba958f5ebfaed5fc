import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedStats } from '../../engine/contract/trading-messages.ts';
import { feedLagNs, formatLagNs, formatOffsetNs, LAG_SAMPLES, LagHistory, lagTrend } from './feed-timing.ts';

const feed = (lagNs: number, more: Partial<FeedStats> = {}): FeedStats => ({
  depth: 0,
  trades: 0,
  discarded: 0,
  applied: 0,
  gaps: 0,
  resyncs: 0,
  crossed: 0,
  badMessages: 0,
  state: 'live',
  stateReason: '',
  feedLagNs: lagNs,
  ...more,
});

test('the offset is taken out of the lag: a venue that is 1.27 s behind is not 1.27 s away', () => {
  const clock = { offsetNs: -1_270_000_000, errorNs: 400_000, source: 'request' as const };
  assert.equal(feedLagNs(feed(1_282_000_000, { clock })), 12_000_000);
  assert.equal(feedLagNs(feed(1_282_000_000)), 1_282_000_000);
});

test('the trend has a dead zone', () => {
  assert.deepEqual([undefined, 0, 400_000, 600_000, -2e6].map(lagTrend), [
    'steady',
    'steady',
    'steady',
    'rising',
    'falling',
  ]);
});

test('history keeps the newest lags of each instrument, none of a removed one', () => {
  const history = new LagHistory();
  for (let i = 1; i <= LAG_SAMPLES + 10; i++) history.record([feed(i), feed(-i), feed(i, { removed: true }), feed(0)]);
  assert.equal(history.lagsNs(0).length, LAG_SAMPLES);
  assert.deepEqual([history.lagsNs(0)[0], history.lagsNs(0).at(-1)], [11, LAG_SAMPLES + 10]);
  assert.equal(history.lagsNs(1).at(-1), -LAG_SAMPLES - 10);
  assert.deepEqual([history.lagsNs(2), history.lagsNs(3)], [[], []]);
  history.clear();
  assert.deepEqual(history.lagsNs(0), []);
});

test('figures are as wide as each other and signed where the sign matters', () => {
  assert.equal(formatOffsetNs(-1_270_400_000), '−1.270 s');
  assert.equal(formatOffsetNs(12_440_000), '+12.4 ms');
  assert.equal(formatOffsetNs(-250_600_000), '−251 ms');
  assert.equal(formatLagNs(12_340_000), '12.3 ms');
  assert.equal(formatLagNs(-20_000), '0.0 ms');
  assert.equal(formatLagNs(-220_000), '−0.2 ms');
  assert.equal(formatLagNs(3_456_000_000), '3.46 s');
});
