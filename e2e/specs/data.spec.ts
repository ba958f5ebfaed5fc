import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root } from '../../build/run-command.ts';
import { expect, test } from '../fixtures.ts';
import { DataPanel } from '../pages/data-panel.ts';

const folder = join(root, '..', 'shared', 'data', 'binance', 'l2-recordings');
/** The first minutes alone: that a whole session comes in as expected.json says is a unit test's business. */
const recording = [join(folder, 'spot_btcusdt_20240808.gz')];
const [FROM, TO] = ['2024-08-08 23:56:00', '2024-08-08 23:58:30'];

test('what is stored is seen to grow; a recording comes in once, and a part of it goes out as a file', async ({
  app,
  terminal,
}) => {
  test.skip(!recording.every((file) => existsSync(file)), 'needs ../shared/data');
  await terminal.waitUntilLive();
  const data = new DataPanel(terminal.page);
  await data.open();
  await expect(terminal.part('ladder'), 'the ladder stays in sight').toBeVisible();
  const simulated = await data.rows('sim');
  expect(simulated).toBeGreaterThan(0);
  await expect.poll(() => data.rows('sim'), { message: 'rows of the session' }).toBeGreaterThan(simulated);

  const first = await data.startImport(recording);
  const fractions: number[] = [];
  await expect
    .poll(
      async () => {
        fractions.push(Number(await first.getAttribute('data-fraction')));
        return await first.getAttribute('data-state');
      },
      { message: 'the import', intervals: [200], timeout: 80_000 },
    )
    .toBe('done');
  expect(new Set(fractions.filter((fraction) => fraction > 0 && fraction < 1)).size, 'progress').toBeGreaterThan(0);
  const imported = data.row('import');
  await expect(imported).toHaveAttribute('data-trades', String(new Set(recordedTradeIds()).size));
  const rows = await imported.getAttribute('data-rows');
  await expect(first).toHaveAttribute('data-rows', String(rows));

  const again = await data.startImport(recording);
  await expect(again).toHaveAttribute('data-state', 'done');
  await expect(again).toContainText('was there already');
  await data.root.getByTestId('data-refresh').click();
  await expect(imported).toHaveAttribute('data-rows', String(rows));

  const missing = await data.startImport(['/nowhere/BTCUSDT-trades-2024-08-08.csv']);
  await expect(missing).toHaveAttribute('data-state', 'failed');
  const reason = missing.getByTestId('data-job-note');
  await expect(reason).toHaveText('/nowhere/BTCUSDT-trades-2024-08-08.csv: no such file');

  const exported = await data.startExport('import', FROM, TO);
  await expect(exported).toHaveAttribute('data-state', 'done');
  const file = await exported.getByTestId('data-job-note').textContent();
  const lines = readFileSync(file ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines[0]).toBe('time_us,price,size,side,trade_id,run');
  expect(lines.slice(1).map((line) => Number(line.split(',')[4]))).toEqual(recordedTradeIds(FROM, TO));
  await expect(exported).toHaveAttribute('data-rows', String(lines.length - 1));
  expect(app.problems).toEqual([]);
});

/** Ids of the recorded trades with market time in [from, to), UTC, all by default; read past the application. */
function recordedTradeIds(from?: string, to?: string): number[] {
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(`${from}Z`);
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${to}Z`);
  const ids: number[] = [];
  for (const file of recording) {
    for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
      const match = /"e":"trade".*"t":(\d+),.*"T":(\d+)/.exec(line);
      if (match && Number(match[2]) >= fromMs && Number(match[2]) < toMs) ids.push(Number(match[1]));
    }
  }
  return ids;
}
