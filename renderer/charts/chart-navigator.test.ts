import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CandleColumn } from './candle-series.ts';
import { CandleWindow, MAX_ROWS } from './candle-window.ts';
import { ChartNavigator } from './chart-navigator.ts';
import { TRADES } from './chart-page.ts';
import { INTERVALS_S, MOST_SPAN } from './chart-viewport.ts';
import { FakeStore, someTrades, type Trade, turns } from './fake-store.test-support.ts';

const START_S = 1_700_000_000;

/** Three sessions: hours, a night without a record, hours, two years without one, minutes. */
const trades: Trade[] = [
  ...someTrades(START_S, 40_000),
  ...someTrades(START_S + 80_000, 30_000, 40_001),
  ...someTrades(START_S + 63_000_000, 3_000, 70_001),
];
const nowS = (trades.at(-1) as Trade)[0] / 1e6;

function setUp(from: readonly Trade[] = trades) {
  const store = new FakeStore(from);
  const window = new CandleWindow();
  const errors: unknown[] = [];
  const navigator = new ChartNavigator({ onChange: () => undefined, onError: (error) => errors.push(error) }, () => 0);
  navigator.open(window, store);
  return { store, window, navigator, errors };
}

function rowsOf(window: CandleWindow): string[] {
  const { candles } = window;
  return Array.from({ length: candles.length }, (_, i) => {
    const value = (column: number) => candles.value(column, i);
    const us = Math.round(value(CandleColumn.timeS) * 1e6);
    return `${us} ${value(CandleColumn.id)} ${value(CandleColumn.close)} ${value(CandleColumn.volume)}`;
  });
}

/** The window holds a stretch of the store's rows, each once, none left out, and not more than it may. */
function assertStretch(window: CandleWindow, store: FakeStore): void {
  const rows = rowsOf(window);
  assert.ok(rows.length <= MAX_ROWS, `${rows.length} rows`);
  const all = store.rows(window.intervalS);
  const at = all.indexOf(rows[0] as string);
  assert.ok(at >= 0, `row ${rows[0]} is in the store`);
  assert.deepEqual(rows, all.slice(at, at + rows.length));
  if (window.complete) assert.equal(at, 0, 'history begins with the first row');
  if (window.attached) assert.equal(at + rows.length, all.length, 'the newest row is there');
  const xs = [...window.candles.column(CandleColumn.x)];
  assert.ok(xs.every((x, i) => i === 0 || x > (xs[i - 1] as number)));
  assert.equal(xs[0], window.candles.firstX);
}

/** As the chart does before each draw. */
function draw(window: CandleWindow, navigator: ChartNavigator): void {
  const { viewport } = navigator;
  viewport.update(window);
  window.lookAt(viewport.xMin, viewport.xMax);
  if (window.candles.length > 0) {
    const { firstX, lastX } = window.candles;
    assert.ok(viewport.xMin <= lastX && viewport.xMax >= firstX, 'never blank');
    assert.ok(viewport.xMax >= Math.min(lastX, firstX + viewport.span * 0.89), 'full of rows, while there are');
    assert.ok(viewport.span <= MOST_SPAN * 1.5);
  }
  void navigator.look();
}

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('drag'), spans: fc.double({ min: -3, max: 3, noNaN: true }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('zoom'), steps: fc.integer({ min: -25, max: 25 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('jump'), row: fc.integer({ min: 0, max: trades.length - 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('live') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('interval'), intervalS: fc.constantFrom(...INTERVALS_S) }) },
);
const step = fc.record({ operation, answers: fc.constantFrom(0, 0, 1, 2, 3, 99) });

test('whatever is dragged, zoomed and jumped to, the chart has exactly the rows of the store, and is never blank', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { store, window, navigator, errors } = setUp();
      const { viewport } = navigator;
      void navigator.refresh();
      await store.settle();
      for (const { operation: each, answers } of steps) {
        if ('spans' in each) viewport.moveTo(window, viewport.xMax + each.spans * viewport.span);
        else if ('steps' in each) {
          for (let i = 0; i < Math.abs(each.steps); i++) {
            viewport.zoom(each.steps > 0 ? 1.15 : 1 / 1.15, 0.4);
            void navigator.zoomed();
          }
        } else if ('row' in each) void navigator.jump((trades[each.row] as Trade)[0] / 1e6);
        else if ('intervalS' in each) void navigator.setInterval(each.intervalS);
        else void navigator.goLive();
        draw(window, navigator);
        await store.settle(answers);
        draw(window, navigator);
        assertStretch(window, store);
      }
      await store.settle();
      draw(window, navigator);
      assertStretch(window, store);
      assert.deepEqual(errors, []);
      assert.ok(store.mostRows <= 1_000, 'pages, not histories');
    }),
    { numRuns: 25 },
  );
});

test('dragged back to the first row and on to the newest, without an end in between', async () => {
  for (const intervalS of [TRADES, 1, 60]) {
    // More trades than the window may hold, with a gap in them.
    const { store, window, navigator } = setUp(trades.slice(30_000, intervalS === TRADES ? 45_000 : 70_000));
    const { viewport } = navigator;
    void navigator.setInterval(intervalS);
    await store.settle();
    void navigator.refresh();
    await store.settle();
    draw(window, navigator);
    const seen = new Set<string>();
    const pull = async (by: number, until: () => boolean): Promise<void> => {
      for (let i = 0; i < 2_000 && !until(); i++) {
        viewport.moveTo(window, viewport.xMax + by * viewport.span);
        draw(window, navigator);
        await store.settle();
        if (i % 10 === 0) assertStretch(window, store);
        const rows = rowsOf(window);
        const { candles } = window;
        for (let row = candles.rowsBefore(viewport.xMin); row < candles.rowsBefore(viewport.xMax); row++) {
          seen.add(rows[row] as string);
        }
      }
    };
    await pull(-0.8, () => window.complete && viewport.xMin <= window.candles.firstX);
    assert.equal(rowsOf(window)[0], store.rows(intervalS)[0]);
    await pull(0.8, () => window.attached && viewport.follow);
    assert.equal(rowsOf(window).at(-1), store.rows(intervalS).at(-1));
    assert.equal(seen.size, store.rows(intervalS).length, 'every row was on screen');
  }
});

test('what is superseded is cancelled, and what is on screen stays until the new rows are there', async () => {
  const { store, window, navigator } = setUp();
  void navigator.refresh();
  await store.settle();
  const before = rowsOf(window);
  void navigator.jump(START_S + 500);
  await turns();
  void navigator.jump(START_S + 82_000);
  await turns();
  assert.equal(store.cancelled >= 2, true, 'both pages of the first jump');
  assert.deepEqual(rowsOf(window), before);
  await store.settle();
  const { fromS, toS } = navigator.viewport.times(window);
  assert.ok(fromS < START_S + 82_000 && toS > START_S + 82_000);
  assert.ok(Math.abs((fromS + toS) / 2 - (START_S + 82_000)) < (toS - fromS) * 0.1, 'in the middle');
  assert.equal(navigator.isLive, false);
});

test('live data do not move what is looked at, nor grow beyond bounds', async () => {
  const { store, window, navigator } = setUp();
  const { viewport } = navigator;
  void navigator.refresh();
  await store.settle();
  viewport.moveTo(window, viewport.xMax - 2 * viewport.span);
  draw(window, navigator);
  await store.settle();
  const times = viewport.times(window);
  const shown = rowsOf(window).slice(
    window.candles.rowsBefore(viewport.xMin),
    window.candles.rowsBefore(viewport.xMax),
  );
  for (let i = 1; i < 3 * MAX_ROWS; i++) {
    window.addLive([Math.floor(nowS) + i, 5, 5, 5, 5, 1, 1], 0, 1);
    if (i % 500 === 0) draw(window, navigator);
  }
  assert.ok(window.candles.length <= MAX_ROWS);
  assert.deepEqual(viewport.times(window), times);
  const after = rowsOf(window).slice(
    window.candles.rowsBefore(viewport.xMin),
    window.candles.rowsBefore(viewport.xMax),
  );
  assert.deepEqual(after, shown);
  assert.equal(window.attached, false, 'live candles are far away: the way there is asked for');
});

test('zooming goes from days to single trades and back, at the times on screen', async () => {
  const { store, window, navigator } = setUp();
  const { viewport } = navigator;
  void navigator.jump(START_S + 5_000);
  await store.settle();
  const seen: number[] = [];
  const zoom = async (factor: number): Promise<void> => {
    for (let i = 0; i < 250; i++) {
      const { fromS, toS } = viewport.times(window);
      viewport.zoom(factor, 0.5);
      void navigator.zoomed();
      draw(window, navigator);
      await store.settle();
      draw(window, navigator);
      await store.settle();
      if (seen.at(-1) !== window.intervalS) seen.push(window.intervalS);
      const after = viewport.times(window);
      assert.ok(after.fromS <= toS && after.toS >= fromS, 'the same times');
    }
  };
  await zoom(1 / 1.15);
  assert.deepEqual(seen, [1, TRADES]);
  await zoom(1.15);
  assert.equal(seen.at(-1), 86_400);
  assert.deepEqual(seen.slice(1), [...INTERVALS_S]);
});

test('gaps of the record take room on the axis, quiet seconds do not', async () => {
  const { store, window, navigator } = setUp();
  void navigator.jump(START_S + 80_000);
  await store.settle();
  const { candles } = window;
  const gaps = Array.from({ length: candles.length }, (_, row) => row).filter((row) => candles.hasGapBefore(row));
  assert.equal(gaps.length, 1);
  assert.equal(candles.value(CandleColumn.timeS, gaps[0] as number), START_S + 80_000);
});

test('without storage live candles are folded; a page that failed is not asked for again at once', async () => {
  const { store, window, navigator, errors } = setUp([]);
  for (let i = 0; i < 120; i++) window.addLive([START_S + i, 5, 5, 5, 5, 1, 1], 0, 1);
  void navigator.setInterval(60);
  await store.refuse(new Error('down'));
  assert.equal(window.intervalS, 60);
  assert.equal(navigator.intervalS, 60);
  assert.ok(navigator.isLive && window.candles.length >= 2);
  assert.equal(errors.length, 1);
  const asked = store.asked.length;
  for (let i = 0; i < 5; i++) draw(window, navigator);
  assert.equal(store.asked.length, asked);
  void navigator.jump(START_S);
  await store.refuse(new Error('down'));
  assert.ok(navigator.isLive && window.candles.length >= 2, 'what is on screen stays');
});

test('of imported candles none shorter are asked for', async () => {
  const { store, window, navigator } = setUp();
  navigator.open(window, store, 900);
  assert.equal(navigator.shortestS, 3_600, 'the next that is offered and can be joined from them');
  void navigator.refresh();
  await store.settle();
  void navigator.setInterval(1);
  for (let i = 0; i < 60; i++) {
    navigator.viewport.zoom(1 / 1.15, 0.5);
    void navigator.zoomed();
  }
  await store.settle();
  assert.equal(window.intervalS, 3_600);
  assert.ok(store.asked.every((each) => each.startsWith('3600s')));
});
