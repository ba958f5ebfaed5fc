import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { decimalsOf } from '../../contract/units.ts';
import type { CsvTradeFormat } from './csv-trades.ts';
import type { LocalTime } from './local-time.ts';
import { RecordingError, recordingName } from './recording-reader.ts';
import { stepOfDecimals } from './step-finder.ts';

export interface RecordingScanOptions {
  /** What the recording is in; found out from its content when absent. */
  protocol?: MarketProtocol;
  /** The symbol that matters, one of the recording's; its first when absent. */
  symbol?: string;
  /** Decimal strings, for a recording of one symbol; inferred from the finest decimals seen when absent. */
  tickSize?: string;
  lotSize?: string;
}

/**
 * - `stream`: Binance's messages as lines `<local ns> <json>`, one symbol, its snapshot among them.
 * - `aggTrades`, `trades`: Binance's public CSV files.
 * - `cryptofeed`: what that library records, several symbols, sockets and HTTP apart.
 * - `messages`: bare messages, one a line; time is the venue's.
 */
export type RecordingFormat = 'stream' | CsvTradeFormat | 'cryptofeed' | 'messages';

/** One symbol of a recording. */
export interface ScannedInstrument {
  symbol: string;
  /** Decimal strings: as given, or as fine as what was seen. */
  tickSize: string;
  lotSize: string;
  /** Decimal text of the first price above 0; empty where none came. */
  firstPrice: string;
}

/** Body of an HTTP answer that is no book snapshot: a venue's list of instruments, or its refusal. */
export interface RecordedAnswer {
  /** File and line, for messages. */
  where: string;
  url: string;
  bytes: Uint8Array;
}

/** What a look through a whole recording found. */
export interface RecordingScan {
  /** As given. */
  files: readonly string[];
  /** Those with something to play, those found beside included. */
  played: readonly string[];
  protocol: MarketProtocol;
  format: RecordingFormat;
  /** The chosen symbol, or the first. */
  symbol: string;
  /** Its steps. */
  tickSize: string;
  lotSize: string;
  /** At least one, each symbol once, in the order of their first messages. */
  instruments: readonly ScannedInstrument[];
  answers: readonly RecordedAnswer[];
  lines: number;
  depth: number;
  trades: number;
  tickers: number;
  snapshots: number;
  /** Levels a side of its books where messages say so, else 0. */
  bookDepth: number;
  /** Files that hold messages of sockets: at least so many connections. */
  sockets: number;
  /** Last lines that were cut while they were written; left out. File and line each. */
  cutLines: readonly string[];
  /** The trade stream to ask for: files hold single or aggregate trades. */
  tradeStream: 'trade' | 'aggTrade';
  /** Wall clock of the first line: engine time 0. */
  origin: LocalTime;
  originUs: number;
  durationNs: number;
}

const QUOTE_ASSETS = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USD', 'KRW', 'EUR', 'TRY', 'BTC', 'ETH', 'BNB'];

/** An instrument as far as the recording tells, for a process that plays it: `index` is its position in the scan. */
export function instrumentOfScan(
  scan: RecordingScan,
  fees: { makerFee: number; takerFee: number },
  index = 0,
): InstrumentSpec {
  const found = scan.instruments[index];
  if (found === undefined) {
    throw new RangeError(`Expected an instrument below ${scan.instruments.length}, was ${index}`);
  }
  const { symbol, tickSize, lotSize } = found;
  const [baseAsset, quoteAsset] = assetsOf(symbol);
  return {
    index,
    venue: scan.protocol,
    symbol,
    baseAsset,
    quoteAsset,
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 0,
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  };
}

/**
 * The step as given, or the one of the decimals seen.
 * @throws RecordingError when what was given is no positive decimal or too coarse.
 */
export function checkedStep(
  name: 'tickSize' | 'lotSize',
  given: string | undefined,
  decimals: number,
  files: readonly string[],
): string {
  if (given === undefined) return stepOfDecimals(decimals);
  if (!/^\d+(\.\d+)?$/.test(given) || Number(given) <= 0) {
    throw new RecordingError(`${name}: expected a positive decimal, was "${given}"`);
  }
  if (decimals > decimalsOf(given)) {
    throw new RecordingError(`${name}: expected at least ${decimals} decimals as in ${namesOf(files)}, was "${given}"`);
  }
  return given;
}

/** Short names of the files, for messages about all of them. */
export function namesOf(files: readonly string[]): string {
  return files.map(recordingName).join(', ');
}

/** `BTC-USDT`, `XBT/USD` and futures such as `BTCUSD_PERP`, `BTCUSDT_241227` and `BTC-USD-220527` name the pair first. */
function assetsOf(symbol: string): [base: string, quote: string] {
  const parts = symbol.split(/[-/]/);
  if (parts.length > 1) return [parts[0] as string, parts[1] as string];
  const pair = symbol.split('_', 1)[0] as string;
  const quote = QUOTE_ASSETS.find((asset) => pair.endsWith(asset) && pair.length > asset.length) ?? '';
  return [pair.slice(0, pair.length - quote.length), quote];
}
