import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CandleColumns } from '../../engine/contract/storage-messages.ts';
import { CandleHistory } from './candle-history.ts';
import { CandleWindow } from './candle-window.ts';

function columns(from: number, to: number, step: number): CandleColumns {
  const openTimeS: number[] = [];
  for (let t = Math.ceil(from / step) * step; t < to; t += step) openTimeS.push(t);
  const ones = openTimeS.map(() => 1);
  return { openTimeS, open: ones, high: ones, low: ones, close: ones, volumeLots: ones, buyVolumeLots: ones };
}

/** Storage that knows every second since 1000, and answers when told to. */
function fakeStorage() {
  const waiting: (() => void)[] = [];
  return {
    waiting,
    candles(_series: unknown, intervalS: number, fromS: number, toS: number, limit: number): Promise<CandleColumns> {
      const all = columns(Math.max(fromS, 1000), toS, intervalS);
      const from = Math.max(0, all.openTimeS.length - limit);
      const page = Object.fromEntries(
        Object.entries(all).map(([key, values]) => [key, values.slice(from)]),
      ) as unknown as CandleColumns;
      return new Promise((resolve) => waiting.push(() => resolve(page)));
    },
  };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test('pages back until storage has no more', async () => {
  const storage = fakeStorage();
  const window = new CandleWindow();
  window.addLive([3000, 1, 1, 1, 1, 1, 1], 0, 1);
  const history = new CandleHistory(storage, () => undefined);
  const loading = history.load({ venue: 'sim', symbol: 'BTCUSDT' }, window, 0);
  for (let i = 0; i < 2; i++) {
    await settle();
    storage.waiting.shift()?.();
  }
  await loading;
  assert.equal(window.candles.firstTimeS, 2401);
  for (const expected of [1801, 1201, 1000, 1000]) {
    const page = history.loadOlder();
    await settle();
    storage.waiting.shift()?.();
    await page;
    assert.equal(window.candles.firstTimeS, expected);
  }
  assert.equal(storage.waiting.length, 0, 'asked no more once storage was exhausted');
});

test('an answer for an interval that was left is ignored', async () => {
  const storage = fakeStorage();
  const window = new CandleWindow();
  window.addLive([3000, 1, 1, 1, 1, 1, 1], 0, 1);
  const history = new CandleHistory(storage, () => undefined);
  const first = history.load({ venue: 'sim', symbol: 'BTCUSDT' }, window, 0);
  await settle();
  window.setInterval(60);
  const second = history.load({ venue: 'sim', symbol: 'BTCUSDT' }, window, 0);
  await settle();
  while (storage.waiting.length > 0) {
    storage.waiting.shift()?.();
    await settle();
  }
  await Promise.all([first, second]);
  const times = Array.from({ length: window.candles.length }, (_, i) => window.candles.value(0, i));
  assert.ok(times.length > 10 && times.every((time) => time % 60 === 0), 'only minute candles');
});

test('a suspended history asks nothing and takes nothing, until it is loaded again', async () => {
  const asked: number[] = [];
  const answers: ((columns: CandleColumns) => void)[] = [];
  const history = new CandleHistory(
    {
      candles: (_series, intervalS) => {
        asked.push(intervalS);
        return new Promise((resolve) => answers.push(resolve));
      },
    },
    () => undefined,
  );
  const window = new CandleWindow();
  window.addLive([1000, 5, 5, 5, 5, 1, 1], 0, 1);
  const loading = history.load('X', window, 1000);
  history.suspend();
  answers[0]?.({ openTimeS: [900], open: [1], high: [1], low: [1], close: [1], volumeLots: [1], buyVolumeLots: [1] });
  await loading;
  await history.loadOlder();
  assert.deepEqual(asked, [1]);
  assert.equal(window.candles.length, 1);
});
