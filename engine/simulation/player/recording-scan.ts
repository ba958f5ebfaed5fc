import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { decimalsOf } from '../../contract/units.ts';
import { CsvTradeConverter, type CsvTradeFormat, symbolOfCsvName } from './csv-trades.ts';
import { type LocalTime, readDigits, readTimeNs, toEpochUs } from './local-time.ts';
import { RecordingError, readRecording, recordingName } from './recording-reader.ts';
import { StreamLineKind, StreamLineReader } from './stream-line.ts';

export interface RecordingScanOptions {
  /** What the recording is in; default `binance-spot`. */
  protocol?: MarketProtocol;
  /** Expected symbol; taken from the recording when absent. */
  symbol?: string;
  /** Decimal strings; inferred from the finest decimals seen when absent. */
  tickSize?: string;
  lotSize?: string;
}

/** What a look through a whole recording found. */
export interface RecordingScan {
  files: readonly string[];
  protocol: MarketProtocol;
  /** `stream`: lines `<local ns> <json>`; else one of Binance's public CSV files. */
  format: 'stream' | CsvTradeFormat;
  symbol: string;
  /** Decimal strings. */
  tickSize: string;
  lotSize: string;
  lines: number;
  depth: number;
  trades: number;
  tickers: number;
  snapshots: number;
  /** The trade stream to ask for: files hold single or aggregate trades. */
  tradeStream: 'trade' | 'aggTrade';
  /** Wall clock of the first line: engine time 0. */
  origin: LocalTime;
  originUs: number;
  durationNs: number;
}

const LINE_FEED = 10;
const QUOTE_ASSETS = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USD', 'KRW', 'EUR', 'TRY', 'BTC', 'ETH', 'BNB'];

/**
 * Looks through a recording before it is played, so that a bad one fails before anything is written: every line must be
 * whole, there must be one symbol, and a recording with depth updates must hold a REST snapshot.
 * @throws RecordingError, one line naming file and reason.
 */
export async function scanRecording(
  files: readonly string[],
  options: RecordingScanOptions = {},
): Promise<RecordingScan> {
  const scan = new Scan(files, options);
  for await (const block of readRecording(files)) {
    scan.enterFile(block.fileIndex);
    const { bytes } = block;
    let from = 0;
    while (from < bytes.length) {
      const feed = bytes.indexOf(LINE_FEED, from);
      const to = feed < 0 ? bytes.length : feed;
      scan.addLine(bytes, from, to);
      from = to + 1;
    }
  }
  return scan.finish();
}

/** The instrument of a recording, for a trading process that plays it: index 0, and the given fees. */
export function instrumentOfScan(scan: RecordingScan, fees: { makerFee: number; takerFee: number }): InstrumentSpec {
  // Futures name the delivery behind the pair: BTCUSD_PERP, BTCUSDT_241227.
  const pair = scan.symbol.split('_', 1)[0] as string;
  const quoteAsset = QUOTE_ASSETS.find((asset) => pair.endsWith(asset) && pair.length > asset.length) ?? '';
  return {
    index: 0,
    venue: scan.protocol,
    symbol: scan.symbol,
    baseAsset: pair.slice(0, pair.length - quoteAsset.length),
    quoteAsset,
    tickSize: scan.tickSize,
    lotSize: scan.lotSize,
    priceDecimals: decimalsOf(scan.tickSize),
    sizeDecimals: decimalsOf(scan.lotSize),
    minNotional: 0,
    makerFee: fees.makerFee,
    takerFee: fees.takerFee,
  };
}

class Scan {
  readonly #files: readonly string[];
  readonly #options: RecordingScanOptions;
  readonly #protocol: MarketProtocol;
  readonly #reader = new StreamLineReader();
  #csv: CsvTradeConverter | undefined;
  #format: RecordingScan['format'] | undefined;
  #fileIndex = -1;
  #lineOfFile = 0;
  #lines = 0;
  readonly #counts = new Float64Array(6);
  #symbol = '';
  #symbolBytes: Uint8Array = new Uint8Array(0);
  #origin: LocalTime | undefined;
  #lastNs = 0;
  /** Newest time of the files before: the next one may not begin earlier. */
  #fileStartNs = 0;
  #startsFile = true;

  constructor(files: readonly string[], options: RecordingScanOptions) {
    this.#files = files;
    this.#options = options;
    this.#protocol = options.protocol ?? 'binance-spot';
    if (options.symbol !== undefined) this.#setSymbol(options.symbol);
  }

  enterFile(fileIndex: number): void {
    if (fileIndex === this.#fileIndex) return;
    this.#fileIndex = fileIndex;
    this.#lineOfFile = 0;
    this.#startsFile = true;
    this.#fileStartNs = this.#lastNs;
  }

  addLine(bytes: Uint8Array, from: number, to: number): void {
    this.#lineOfFile++;
    if (this.#startsFile) {
      this.#startsFile = false;
      this.#detectFormat(bytes, from, to);
      if (this.#format !== 'stream' && CsvTradeConverter.isHeader(bytes, from)) {
        this.#startsFile = this.#format === undefined;
        return;
      }
    }
    this.#lines++;
    if (this.#format === 'stream') this.#addStreamLine(bytes, from, to);
    else this.#addCsvLine(bytes, from, to);
  }

  finish(): RecordingScan {
    const counts = this.#counts;
    const names = this.#files.map(recordingName).join(', ');
    if (this.#lines === 0 || this.#origin === undefined) throw new RecordingError(`${names}: holds no message`);
    if (this.#symbol === '') {
      throw new RecordingError(`${names}: names no symbol; name it yourself`);
    }
    const depth = counts[StreamLineKind.depth] as number;
    const snapshots = counts[StreamLineKind.snapshot] as number;
    if (depth > 0 && snapshots === 0) {
      throw new RecordingError(`${names}: no snapshot (depth updates need the REST snapshot they start from)`);
    }
    const { lotSize } = this.#options;
    if (this.#protocol === 'binance-coinm' && lotSize !== undefined && lotSize !== '1') {
      throw new RecordingError(`lotSize: expected 1 (whole contracts), was "${lotSize}"`);
    }
    const aggregate = counts[StreamLineKind.aggTrade] as number;
    const trades = counts[StreamLineKind.trade] as number;
    return {
      files: this.#files,
      protocol: this.#protocol,
      format: this.#format ?? 'stream',
      symbol: this.#symbol,
      tickSize: this.#step('tickSize', this.#options.tickSize, this.#reader.priceDecimals),
      lotSize: this.#step('lotSize', this.#options.lotSize, this.#reader.sizeDecimals),
      lines: this.#lines,
      depth,
      trades: trades > 0 ? trades : aggregate,
      tickers: counts[StreamLineKind.ticker] as number,
      snapshots,
      tradeStream: trades > 0 ? 'trade' : 'aggTrade',
      origin: this.#origin,
      originUs: toEpochUs(this.#origin),
      durationNs: this.#lastNs,
    };
  }

  #detectFormat(bytes: Uint8Array, from: number, to: number): void {
    const isStream = to - from > 20 && bytes[from + 19] === 32;
    if (isStream !== (this.#format === 'stream') && this.#format !== undefined) {
      throw this.#error('expected all files in one format, was another than the first');
    }
    if (isStream) {
      this.#format = 'stream';
      return;
    }
    // A first line that is neither: say what a recording looks like rather than what a trade file looks like.
    let commas = 0;
    for (let at = from; at < to; at++) if (bytes[at] === 44) commas++;
    if (commas < 4 || bytes[from] === 123) {
      throw this.#error('expected lines "<local ns> <json>" or a trade file of Binance, was neither');
    }
    if (this.#symbol === '') {
      const symbol = symbolOfCsvName(recordingName(this.#file));
      if (symbol === '') throw this.#error('the name does not start with a symbol (BTCUSDT-aggTrades-...); name it');
      this.#setSymbol(symbol);
    }
    this.#csv ??= new CsvTradeConverter(this.#symbol);
  }

  #addStreamLine(bytes: Uint8Array, from: number, to: number): void {
    const reader = this.#reader;
    if (!reader.read(bytes, from, to)) throw this.#error(reader.error);
    if (reader.isFutures !== (this.#protocol !== 'binance-spot')) this.#checkProtocol();
    this.#counts[reader.kind] = (this.#counts[reader.kind] as number) + 1;
    if (reader.symbolTo > reader.symbolFrom) this.#checkSymbol(bytes, reader.symbolFrom, reader.symbolTo);
    this.#origin ??= { seconds: readDigits(bytes, from, 10), nanoseconds: readDigits(bytes, from + 10, 9) };
    this.#noteTime(readTimeNs(bytes, from, this.#origin));
  }

  /** Depth updates of futures name the update before, those of spot do not; nothing else tells the two apart. */
  #checkProtocol(): void {
    if (this.#reader.isFutures) {
      throw this.#error(
        'expected the spot protocol, was a futures recording (field pu): binance-usdm or binance-coinm',
      );
    }
    if (this.#reader.kind === StreamLineKind.depth) {
      throw this.#error(`expected the protocol ${this.#protocol}, was a spot recording (no field pu)`);
    }
  }

  #addCsvLine(bytes: Uint8Array, from: number, to: number): void {
    if (to === from) return;
    const csv = this.#csv as CsvTradeConverter;
    if (!csv.read(bytes, from, to)) throw this.#error(csv.error);
    if (this.#format !== undefined && this.#format !== csv.format) {
      throw this.#error(`expected ${this.#format}, was ${csv.format}`);
    }
    this.#format = csv.format;
    const kind = csv.format === 'trades' ? StreamLineKind.trade : StreamLineKind.aggTrade;
    this.#counts[kind] = (this.#counts[kind] as number) + 1;
    const reader = this.#reader;
    reader.priceDecimals = Math.max(reader.priceDecimals, csv.decimals(1));
    reader.sizeDecimals = Math.max(reader.sizeDecimals, csv.decimals(2));
    const timeUs = csv.timeUs();
    this.#origin ??= { seconds: Math.floor(timeUs / 1e6), nanoseconds: (timeUs % 1e6) * 1000 };
    this.#noteTime((timeUs - toEpochUs(this.#origin)) * 1000);
  }

  #noteTime(timeNs: number): void {
    if (this.#fileIndex > 0 && this.#lineOfFile === 1 && timeNs < this.#fileStartNs) {
      throw this.#error('begins before the file before it ends: put the files in the order of time');
    }
    if (timeNs > this.#lastNs) this.#lastNs = timeNs;
  }

  #checkSymbol(bytes: Uint8Array, from: number, to: number): void {
    const known = this.#symbolBytes;
    if (known.length === to - from) {
      let at = 0;
      while (at < known.length && known[at] === bytes[from + at]) at++;
      if (at === known.length) return;
    }
    const symbol = new TextDecoder().decode(bytes.subarray(from, to));
    if (this.#symbol !== '') throw this.#error(`expected only ${this.#symbol}, was also ${symbol}`);
    this.#setSymbol(symbol);
  }

  #setSymbol(symbol: string): void {
    // BTCUSD_PERP is margined in its coin, BTCUSDT and BTCUSDT_241227 in the quote asset; spot has no such names.
    const family = /USD_/.test(symbol) ? 'binance-coinm' : symbol.includes('_') ? 'binance-usdm' : undefined;
    if (
      this.#protocol === 'binance-coinm' ? family !== 'binance-coinm' : (family ?? this.#protocol) !== this.#protocol
    ) {
      const names = this.#files.map(recordingName).join(', ');
      throw new RecordingError(`${names}: expected a symbol of ${this.#protocol}, was ${symbol}`);
    }
    this.#symbol = symbol;
    this.#symbolBytes = new TextEncoder().encode(symbol);
  }

  #step(name: string, given: string | undefined, decimals: number): string {
    if (given === undefined) return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
    if (!/^\d+(\.\d+)?$/.test(given) || Number(given) <= 0) {
      throw new RecordingError(`${name}: expected a positive decimal, was "${given}"`);
    }
    if (decimals > decimalsOf(given)) {
      const names = this.#files.map(recordingName).join(', ');
      throw new RecordingError(`${name}: expected at least ${decimals} decimals as in ${names}, was "${given}"`);
    }
    return given;
  }

  get #file(): string {
    return this.#files[this.#fileIndex] as string;
  }

  #error(reason: string): RecordingError {
    return new RecordingError(`${this.#file}: line ${this.#lineOfFile}: ${reason}`);
  }
}
