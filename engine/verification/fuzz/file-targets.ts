import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { openKlines } from '../../processes/storage/public-klines.ts';
import { openCursor } from '../../simulation/player/open-cursor.ts';
import { RecordingError, type RecordingSource } from '../../simulation/player/recording-reader.ts';
import { scanRecording } from '../../simulation/player/recording-scan.ts';
import type { CandleImport } from '../../storage/import/import-source.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { marketCorpora } from './market-corpus.ts';

const header =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n';
const klines = [
  '1735689600000000,93576.00000000,93702.15000000,93489.03000000,93656.18000000,16.90320000,1735689659999999,1582277.96,3612,8.20130000,767690.01,0\n1735689660000000,93656.18000000,93663.00000000,93500.00000000,93510.01000000,9.12345000,1735689719999999,853000.5,1801,3.5,327000.25,0\n',
  `${header}1704067200000,42314.00,42437.10,42289.60,42437.10,1724.321,1704067259999,73063143.1,17000,1010.2,42800000.1,0\r\n`,
];

const csv = [
  '3365123,93576.00,0.00012,3365124,3365125,1735689600001234,True,True\n3365124,93576.01,0.5,3365126,3365126,1735689600005678,False,True\n',
  'id,price,qty,quote_qty,time,is_buyer_maker\n28457,4.00000100,12.00000000,48.000012,1499865549590,true\n28458,4.000002,1.5,6.000003,1499865549600,false\n',
];

/** `<local ns> <json>`, Binance's only. */
function streamOf(protocol: MarketProtocol): string {
  return messagesOf(protocol)
    .map((message, i) => `${1723161256314123456n + BigInt(i) * 1_000_000n} ${message}\n`)
    .join('');
}

/** As cryptofeed writes it: what was asked, HTTP answers, messages. */
function captureOf(protocol: MarketProtocol): string {
  const { snapshot, symbol } = marketCorpora[protocol];
  const lines = ['wss://ws.venue.example/stream <-> 1618678132.3858151'];
  lines.push('wss://ws.venue.example/stream <- 1618678132.8253062: {"event":"subscribe"}');
  if (snapshot !== undefined) {
    lines.push(`https://api.venue.example/api/v3/depth?symbol=${symbol}&limit=1000 -> 1618678132.85: ${snapshot}`);
  }
  for (const [i, message] of messagesOf(protocol).entries()) lines.push(`1618678133.${100 + i}: ${message}`);
  return `${lines.join('\n')}\n`;
}

function messagesOf(protocol: MarketProtocol): string[] {
  const { opening, others, snapshot } = marketCorpora[protocol];
  const isStream = protocol.startsWith('binance-');
  // Lists of Upbit's are taken for Kraken's: no recorder has them.
  const kept = others.filter((message) => !message.startsWith('[{'));
  return [...(isStream && snapshot !== undefined ? [snapshot] : []), ...opening, ...kept];
}

const captures = (['binance-spot', 'binance-usdm', 'bybit', 'upbit', 'okx', 'kraken'] as const).map(captureOf);
const recordings: readonly string[] = [
  ...(['binance-spot', 'binance-usdm', 'binance-coinm'] as const).map(streamOf),
  ...captures,
  ...csv,
  // Bare messages, one a line.
  `${messagesOf('bybit').join('\n')}\n`,
];

/** The file in memory, in two blocks where it has two lines. */
function inMemory(input: Uint8Array): RecordingSource {
  const bytes = Buffer.from(input);
  const border = bytes.indexOf(10) + 1;
  return async function* ([file = '']) {
    if (border > 0) yield { file, fileIndex: 0, bytes: bytes.subarray(0, border), fraction: border / bytes.length };
    if (border < bytes.length) yield { file, fileIndex: 0, bytes: bytes.subarray(border), fraction: 1 };
  };
}

const isRecordingError = (error: unknown): boolean =>
  error instanceof RecordingError && !error.message.includes('\n') && !/call stack/i.test(error.message);

/** A recording in any format is refused as a whole, or every item that the look through it counted can be read again. */
const recordingScan: FuzzTarget = {
  name: 'recording-scan',
  corpus: recordings,
  create: () => ({
    feed: async (input) => {
      const source = inMemory(input);
      const scan = await scanRecording(['BTCUSDT-trades-2025-01-01.csv'], {}, source);
      const { durationNs, originUs, lines } = scan;
      if (!Number.isSafeInteger(durationNs) || !Number.isFinite(originUs) || lines < 1) {
        throw new Error(`Expected a span of lines, was ${lines} lines of ${durationNs} ns from ${originUs} us`);
      }
      const cursor = openCursor(scan, source);
      while (await cursor.fill()) {
        while (cursor.next()) {
          if (!Number.isSafeInteger(Math.round(cursor.timeNs)))
            throw new Error(`Expected a time, was ${cursor.timeNs} ns`);
        }
      }
    },
  }),
  refusal: isRecordingError,
};

/** Public files of candles: refused before the first is handed on, or all of them are whole numbers. */
const publicKlines: FuzzTarget = {
  name: 'public-klines',
  corpus: klines,
  create: () => ({
    feed: async (input) =>
      checkCandles(await openKlines('BTCUSDT-1m-2025-01-01.csv', 'binance-spot', () => undefined, inMemory(input))),
  }),
  refusal: isRecordingError,
};

async function checkCandles(source: CandleImport): Promise<void> {
  try {
    for await (const { candles } of source.read()) {
      for (const candle of candles) {
        const areWhole = Object.values(candle).every((figure) => Number.isSafeInteger(figure) && figure >= 0);
        if (!areWhole) throw new Error(`Expected whole numbers, was ${JSON.stringify(candle)}`);
      }
    }
  } catch (error) {
    // It was looked through before: a refusal comes too late here.
    throw new Error('Expected candles after the look through the file', { cause: error });
  }
}

/** What is read from files that somebody chose: recordings and public files. */
export const fileTargets: readonly FuzzTarget[] = [recordingScan, publicKlines];
