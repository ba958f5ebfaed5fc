import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CandleSeries } from './candle-series.ts';
import { steadyRange, timeLabel, timeSplits } from './chart-axis.ts';

test('labels sit on round times, never closer than asked, across a hole in the data', () => {
  const series = new CandleSeries();
  for (let t = 1000; t < 1100; t++) series.upsert([t, 1, 1, 1, 1, 1, 1]);
  for (let t = 5000; t < 5100; t++) series.upsert([t, 1, 1, 1, 1, 1, 1]);
  const splits = timeSplits(series, 0, 199, 1, 8);
  assert.ok(splits.length >= 3 && splits.length <= 12, String(splits));
  for (const x of splits) {
    const time = series.value(0, x);
    const before = series.value(0, x - 1);
    assert.notEqual(Math.floor(time / 30), Math.floor(before / 30));
  }
  for (let i = 1; i < splits.length; i++) assert.ok((splits[i] as number) - (splits[i - 1] as number) >= 199 / 8 / 1.5);
  assert.deepEqual(timeSplits(new CandleSeries(), 0, 100, 1, 8), []);
});

test('the date is shown where the day changes', () => {
  const midnight = new Date(2026, 10, 23, 0, 0, 0).getTime() / 1000;
  assert.equal(timeLabel(midnight, midnight - 60, 60, midnight), '11-23');
  assert.equal(timeLabel(midnight + 3661, midnight + 3600, 1, midnight), '01:01:01');
  assert.equal(timeLabel(midnight + 3661, midnight + 3600, 60, midnight), '01:01');
  assert.equal(timeLabel(midnight + 3661.25, midnight + 3600, 0, midnight), '01:01:01.2');
  assert.equal(timeLabel(midnight + 60, Number.NaN, 60, midnight + 70), '00:01', 'today');
  assert.equal(timeLabel(midnight, Number.NaN, 60, midnight + 90_000), '11-23', 'another day');
  assert.equal(timeLabel(midnight, Number.NaN, 60, midnight + 90_000 * 90), '2026-11-23', 'another year');
});

test('the price range stays while candles fill it, and always holds them', () => {
  const [low, high] = steadyRange(100, 200, 0, 1);
  assert.ok(low < 100 && high > 200);
  assert.deepEqual(steadyRange(110, 195, low, high), [low, high]);
  const moved = steadyRange(150, 260, low, high);
  assert.ok(moved[0] < 150 && moved[1] > 260);
  const shrunk = steadyRange(140, 160, low, high);
  assert.ok(shrunk[1] - shrunk[0] < high - low);
});
