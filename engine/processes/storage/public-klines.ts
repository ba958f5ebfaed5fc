import { basename } from 'node:path';
import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { decimalsOf, type InstrumentSpec, toSteps } from '../../contract/units.ts';
import {
  RecordingError,
  type RecordingSource,
  readRecording,
  recordingName,
} from '../../simulation/player/recording-reader.ts';
import { stepOfDecimals } from '../../simulation/player/step-finder.ts';
import type { CandleImport, ImportedCandle, KnownSteps } from '../../storage/import/import-source.ts';
import { withKnownSteps } from './with-known-steps.ts';

/**
 * Binance's public `klines` files: open time, open, high, low, close, volume, close time, quote volume, trades, taker buy
 * volume, taker buy quote volume, unused. Times are ms, and us in spot files from 2025 on.
 */
const FIELDS = 12;
const FIELD = { openTime: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, closeTime: 6, trades: 8, buyVolume: 9 };
const PRICES = [FIELD.open, FIELD.high, FIELD.low, FIELD.close];
const VOLUMES = [FIELD.volume, FIELD.buyVolume];
const SYMBOL_IN_NAME = /^([A-Z0-9_]{2,})-\d+(?:s|m|h|d|w|mo)-/i;
const MAX_INTERVAL_S = 7 * 86_400;

/** Whether the first row with figures looks like a candle of a public file. */
export async function isKlineFile(file: string): Promise<boolean> {
  for await (const { bytes } of readRecording([file])) {
    const rows = bytes.toString('latin1', 0, 4096).split('\n');
    const row = rows[/^\d/.test(rows[0] as string) ? 0 : 1]?.trim() ?? '';
    return row.split(',').length === FIELDS && row.split(',').every((field) => /^\d+(\.\d+)?$/.test(field));
  }
  return false;
}

/** @throws RecordingError naming file and row. */
export async function openKlines(
  file: string,
  venue: MarketProtocol,
  known: KnownSteps,
  source: RecordingSource = readRecording,
): Promise<CandleImport> {
  const symbol = SYMBOL_IN_NAME.exec(basename(file))?.[1]?.toUpperCase();
  if (symbol === undefined) {
    throw new RecordingError(`${file}: expected a name such as BTCUSDT-1m-2025-01-01.zip, which tells the symbol`);
  }
  let priceDecimals = 0;
  let sizeDecimals = 0;
  let intervalSeconds = 0;
  for await (const { rows } of rowsOf(file, source)) {
    for (const { fields, line } of rows) {
      for (const field of PRICES) priceDecimals = Math.max(priceDecimals, decimalsOf(fields[field] as string));
      for (const field of VOLUMES) sizeDecimals = Math.max(sizeDecimals, decimalsOf(fields[field] as string));
      const seconds = Math.round(timeS(fields[FIELD.closeTime] as string) - timeS(fields[FIELD.openTime] as string));
      if (intervalSeconds === 0) intervalSeconds = seconds;
      if (seconds !== intervalSeconds || seconds < 1 || seconds > MAX_INTERVAL_S) {
        throw new RecordingError(`${file}: line ${line}: expected a candle of ${intervalSeconds} s, was ${seconds} s`);
      }
    }
  }
  if (intervalSeconds === 0) throw new RecordingError(`${recordingName(file)}: holds no candle`);
  const instrument = withKnownSteps(instrumentOf(symbol, venue, priceDecimals, sizeDecimals), known);
  // Once more, now that the steps are known: what cannot be counted in them is refused before anything is written.
  for await (const { rows } of rowsOf(file, source)) for (const row of rows) checkCandle(row, instrument, file);
  return {
    kind: 'candles',
    venue,
    instrument,
    intervalSeconds,
    async *read() {
      for await (const { rows, fraction } of rowsOf(file, source)) {
        yield { candles: rows.map(({ fields }) => candleOf(fields, instrument)), fraction };
      }
    },
  };
}

interface KlineRow {
  fields: string[];
  line: number;
}

const ROWS_AT_ONCE = 10_000;

async function* rowsOf(file: string, source: RecordingSource): AsyncGenerator<{ rows: KlineRow[]; fraction: number }> {
  let line = 0;
  for await (const { bytes, fraction } of source([file])) {
    const lines = bytes.toString('latin1').split('\n');
    for (let from = 0; from < lines.length; from += ROWS_AT_ONCE) {
      const rows: KlineRow[] = [];
      for (const text of lines.slice(from, from + ROWS_AT_ONCE)) {
        line++;
        const row = text.trim();
        // Column names, in files of futures.
        if (row === '' || (line === 1 && !/^\d/.test(row))) continue;
        const fields = row.split(',');
        if (fields.length !== FIELDS || fields.some((field) => !/^\d+(\.\d+)?$/.test(field))) {
          throw new RecordingError(`${file}: line ${line}: expected ${FIELDS} figures of a candle, was another layout`);
        }
        rows.push({ fields, line });
      }
      // An archive comes as one block.
      yield { rows, fraction: fraction * Math.min(1, (from + ROWS_AT_ONCE) / lines.length) };
    }
  }
}

function candleOf(fields: readonly string[], { tickSize, lotSize }: InstrumentSpec): ImportedCandle {
  const ticks = (field: number): number => toSteps(fields[field] as string, tickSize);
  const lots = (field: number): number => toSteps(fields[field] as string, lotSize);
  return {
    openTimeS: Math.floor(timeS(fields[FIELD.openTime] as string)),
    open: ticks(FIELD.open),
    high: ticks(FIELD.high),
    low: ticks(FIELD.low),
    close: ticks(FIELD.close),
    volumeLots: lots(FIELD.volume),
    buyVolumeLots: lots(FIELD.buyVolume),
    trades: Number(fields[FIELD.trades]),
  };
}

/** @throws RecordingError when a figure is no whole number of steps, or beyond what an f64 counts exactly. */
function checkCandle({ fields, line }: KlineRow, instrument: InstrumentSpec, file: string): void {
  try {
    for (const [name, figure] of Object.entries(candleOf(fields, instrument))) {
      if (!Number.isSafeInteger(figure)) throw new RangeError(`${name}: expected a whole number, was ${figure}`);
    }
  } catch (error) {
    if (error instanceof RangeError) throw new RecordingError(`${file}: line ${line}: ${error.message}`);
    throw error;
  }
}

/** ms or us since the epoch, as s. */
function timeS(text: string): number {
  return Number(text) / (text.length > 13 ? 1e6 : 1e3);
}

function instrumentOf(symbol: string, venue: string, priceDecimals: number, sizeDecimals: number): InstrumentSpec {
  return {
    index: 0,
    venue,
    symbol,
    baseAsset: '',
    quoteAsset: '',
    tickSize: stepOfDecimals(priceDecimals),
    lotSize: stepOfDecimals(sizeDecimals),
    priceDecimals,
    sizeDecimals,
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
  };
}
