import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CandleColumn, CandleSeries } from './candle-series.ts';
import { ChartPage } from './chart-page.ts';
import { CandleWindow, candleOpenS, MAX_BASE_CANDLES, MAX_ROWS } from './candle-window.ts';
import { columnsOf } from './fake-store.test-support.ts';

type Row = [number, number, number, number, number, number, number];

function rowsOf(series: CandleSeries): Row[] {
  return Array.from({ length: series.length }, (_, i) => [0, 1, 2, 3, 4, 5, 6].map((c) => series.value(c, i)) as Row);
}

function fold(rows: Row[], intervalS: number): Row[] {
  const out: Row[] = [];
  for (const row of [...rows].sort((a, b) => a[0] - b[0])) {
    const openS = candleOpenS(row[0], intervalS);
    const last = out.at(-1);
    if (!last || last[0] !== openS) out.push([openS, ...row.slice(1)] as Row);
    else {
      last[2] = Math.max(last[2], row[2]);
      last[3] = Math.min(last[3], row[3]);
      last[4] = row[4];
      last[5] += row[5];
      last[6] += row[6];
    }
  }
  return out;
}

const arbitraryRows = fc
  .uniqueArray(fc.integer({ min: 1_000_000, max: 1_000_900 }), { minLength: 1, maxLength: 120 })
  .chain((times) =>
    fc.tuple(
      ...times.map((time) =>
        fc
          .tuple(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 90, max: 110 }), fc.integer({ min: 1, max: 50 }))
          .map(
            ([open, close, volume]): Row => [
              time,
              open,
              Math.max(open, close) + 1,
              Math.min(open, close) - 1,
              close,
              volume,
              volume >> 1,
            ],
          ),
      ),
    ),
  );

test('series keeps order and positions whatever order candles come in', () => {
  fc.assert(
    fc.property(arbitraryRows, (rows) => {
      const series = new CandleSeries(Number.POSITIVE_INFINITY, 4);
      for (const row of rows) series.upsert(row);
      assert.deepEqual(
        rowsOf(series),
        [...rows].sort((a, b) => a[0] - b[0]),
      );
      const xs = [...series.column(CandleColumn.x)];
      assert.deepEqual(
        xs,
        xs.map((_, i) => series.firstX + i),
      );
    }),
  );
});

test('older candles in front leave the positions of the others alone', () => {
  const series = new CandleSeries(Number.POSITIVE_INFINITY, 4);
  series.upsert([100, 1, 1, 1, 1, 1, 1]);
  const x = series.value(CandleColumn.x, 0);
  for (let t = 99; t > 50; t--) series.upsert([t, 1, 1, 1, 1, 1, 1]);
  assert.equal(series.value(CandleColumn.x, series.length - 1), x);
  series.dropFront(10);
  assert.equal(series.value(CandleColumn.x, series.length - 1), x);
  assert.equal(series.firstTimeS, 61);
});

test('live folding equals a naive fold, with seconds growing and any interval', () => {
  fc.assert(
    fc.property(arbitraryRows, fc.constantFrom(1, 5, 15, 60, 300), fc.constantFrom(1, 5, 60), (rows, first, then) => {
      const ordered = [...rows].sort((a, b) => a[0] - b[0]);
      const window = new CandleWindow();
      window.setInterval(first);
      for (const row of ordered) {
        const partial: Row = [row[0], row[1], Math.max(row[1], row[1]), row[1], row[1], Math.max(1, row[5] >> 1), 0];
        window.addLive(partial, 0, 1);
        window.addLive(row, 0, 1);
      }
      assert.deepEqual(rowsOf(window.candles), fold(rows, first));
      window.setInterval(then);
      assert.deepEqual(rowsOf(window.candles), fold(rows, then));
    }),
  );
});

test('history cut anywhere plus live gives the whole, also when storage lags within the boundary candle', () => {
  fc.assert(
    fc.property(
      arbitraryRows,
      fc.integer({ min: 0, max: 119 }),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(5, 15, 60),
      (rows, cutAt, overlap, intervalS) => {
        const ordered = [...rows].sort((a, b) => a[0] - b[0]);
        const cut = Math.min(cutAt, ordered.length - 1);
        const window = new CandleWindow();
        window.setInterval(intervalS);
        for (const row of ordered.slice(cut)) window.addLive(row, 0, 1);
        // Storage knows everything before the page came, and a little of what came after.
        const stored = ordered.slice(0, Math.min(ordered.length, cut + overlap));
        const liveFromS = (ordered[cut] as Row)[0];
        const base = stored.filter((row) => row[0] >= candleOpenS(liveFromS, intervalS));
        window.addBaseHistory(ChartPage.ofCandles(columnsOf(base)));
        window.replace(intervalS, ChartPage.ofCandles(columnsOf(fold(stored, intervalS))), true, true);
        assert.deepEqual(rowsOf(window.candles), fold(rows, intervalS));
      },
    ),
  );
});

test('memory is bounded', () => {
  const window = new CandleWindow();
  for (let t = 0; t < MAX_BASE_CANDLES + 5; t++) window.addLive([t, 1, 1, 1, 1, 1, 1], 0, 1);
  assert.ok(window.candles.length <= MAX_ROWS);
  assert.equal(window.candles.lastTimeS, MAX_BASE_CANDLES + 4);
});
