import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordingError, type RecordingSource } from '../../simulation/player/recording-reader.ts';
import type { ImportedCandle } from '../../storage/import/import-source.ts';
import { openKlines } from './public-klines.ts';

const NAME = 'BTCUSDT-1m-2025-01-01.csv';

async function candlesOf(...rows: string[]): Promise<ImportedCandle[]> {
  const bytes = Buffer.from(rows.join('\n'));
  const source: RecordingSource = async function* ([file = '']) {
    yield { file, fileIndex: 0, bytes, fraction: 1 };
  };
  const { read } = await openKlines(NAME, 'binance-spot', () => undefined, source);
  const all: ImportedCandle[] = [];
  for await (const { candles } of read()) all.push(...candles);
  return all;
}

const row = (openTimeS: number, { close = '93510.01', volume = '9.12345', trades = '1801' } = {}): string => {
  const [open, end] = [openTimeS * 1e3, openTimeS * 1e3 + 59_999];
  return `${open},93656.18,93663.00,93500.00,${close},${volume},${end},853000.5,${trades},3.5,327000.25,0`;
};

test('candles in whole ticks and lots of the finest that the file writes', async () => {
  assert.deepEqual(await candlesOf(row(1735689600), row(1735689660, { volume: '1' })), [
    {
      openTimeS: 1735689600,
      open: 9365618,
      high: 9366300,
      low: 9350000,
      close: 9351001,
      volumeLots: 912345,
      buyVolumeLots: 350000,
      trades: 1801,
    },
    {
      openTimeS: 1735689660,
      open: 9365618,
      high: 9366300,
      low: 9350000,
      close: 9351001,
      volumeLots: 100000,
      buyVolumeLots: 350000,
      trades: 1801,
    },
  ]);
});

test('what cannot be counted is refused with file and line, before any candle is handed on', async () => {
  const refused = (bad: string, reason: RegExp) =>
    assert.rejects(candlesOf(row(1735689600), bad), (error: Error) => {
      assert.ok(error instanceof RecordingError, error.stack);
      assert.match(error.message, /^BTCUSDT-1m-2025-01-01\.csv: line [12]: /);
      assert.match(error.message, reason);
      return true;
    });
  await refused(row(1735689660, { volume: '9.1299999999999999999999' }), /at most 2\^53 steps/);
  await refused(row(1735689660, { close: '99999999999999999' }), /at most 2\^53 steps/);
  await refused(row(1735689660, { trades: '1.5' }), /trades: expected a whole number, was 1\.5/);
});
