import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Recorded market data lies beside the project; it is never copied into it. */
export const dataFolder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** False where the data is absent: tests that need it then skip, and say so. */
export const hasData = existsSync(dataFolder);
export const skipReason = hasData ? false : `SKIPPED: no recorded data at ${dataFolder}`;
if (!hasData) console.warn(`Tests on recorded data are skipped: ${dataFolder} does not exist`);

export function recordingPath(name: string): string {
  return `${dataFolder}binance/l2-recordings/${name}`;
}

export interface ExpectedRecording {
  files: string[];
  lines: number;
  first_local_ns: number;
  span_s: number;
  streams: { depth: number; bookTicker: number; trade: number; rest_snapshot: number };
  snapshot: { lastUpdateId: number; bids: number; asks: number };
  sync: {
    discarded: number;
    first_applied_U: number;
    first_applied_u: number;
    applied: number;
    gaps: number;
    last_u: number;
  };
  checks: {
    crossed_books: number;
    top_equals_bookTicker: number;
    top_differs_from_bookTicker: number;
    zero_qty_entries: number;
    removals_of_unknown_level: number;
  };
  final_book: {
    bid_levels: number;
    ask_levels: number;
    best_bids: [string, string][];
    best_asks: [string, string][];
    bid_qty_top100: string;
    ask_qty_top100: string;
  };
  trades: {
    first_id: number;
    last_id: number;
    count: number;
    low: string;
    high: string;
    first_price: string;
    last_price: string;
    volume: string;
    aggressive_buy_volume: string;
    aggressive_sell_volume: string;
  };
}

export function expectedRecording(firstFile: string): ExpectedRecording {
  const all = JSON.parse(readFileSync(recordingPath('expected.json'), 'utf8')) as { recordings: ExpectedRecording[] };
  const found = all.recordings.find((recording) => recording.files[0] === firstFile);
  if (found === undefined) throw new Error(`Expected ${firstFile} in expected.json, was absent`);
  return found;
}
