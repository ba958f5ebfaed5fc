import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { familyOf } from './capture-messages.ts';
import { CsvTradeConverter, symbolOfCsvName } from './csv-trades.ts';
import { isExactNs, type LocalTime, NOT_EXACT, readDigits, readTimeNs, toEpochUs } from './local-time.ts';
import { RecordingError, type RecordingSource, readRecording, recordingName } from './recording-reader.ts';
import { checkedStep, namesOf, type RecordingScan, type RecordingScanOptions } from './scanned-recording.ts';
import { StreamLineKind, StreamLineReader } from './stream-line.ts';

const LINE_FEED = 10;

/**
 * Looks through lines `<local ns> <json>` of Binance, or its public trade files, all of one symbol; a recording with
 * depth updates must hold a REST snapshot.
 * @throws RecordingError, one line naming file and reason.
 */
export async function scanStream(
  files: readonly string[],
  options: RecordingScanOptions,
  source: RecordingSource = readRecording,
): Promise<RecordingScan> {
  const scan = new Scan(files, options);
  for await (const block of source(files)) {
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

class Scan {
  readonly #files: readonly string[];
  readonly #options: RecordingScanOptions;
  /** As given. */
  readonly #protocol: MarketProtocol | undefined;
  /** Depth updates name the update before; undefined before the first. */
  #isFutures: boolean | undefined;
  readonly #reader = new StreamLineReader();
  #csv: CsvTradeConverter | undefined;
  #format: 'stream' | 'aggTrades' | 'trades' | undefined;
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
    this.#protocol = options.protocol;
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
      // One row of names at most, as the cursor reads it.
      const isFirst = this.#lineOfFile === 1;
      if (isFirst && this.#format !== 'stream' && CsvTradeConverter.isHeader(bytes, from)) {
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
    const names = namesOf(this.#files);
    if (this.#lines === 0 || this.#origin === undefined) throw new RecordingError(`${names}: holds no message`);
    if (this.#symbol === '') {
      throw new RecordingError(`${names}: names no symbol; name it yourself`);
    }
    const depth = counts[StreamLineKind.depth] as number;
    const snapshots = counts[StreamLineKind.snapshot] as number;
    if (depth > 0 && snapshots === 0) {
      throw new RecordingError(`${names}: no snapshot (depth updates need the REST snapshot they start from)`);
    }
    const protocol = this.#protocol ?? this.#foundProtocol();
    const { lotSize } = this.#options;
    if (protocol === 'binance-coinm' && lotSize !== undefined && lotSize !== '1') {
      throw new RecordingError(`lotSize: expected 1 (whole contracts), was "${lotSize}"`);
    }
    const aggregate = counts[StreamLineKind.aggTrade] as number;
    const trades = counts[StreamLineKind.trade] as number;
    const { priceDecimals, sizeDecimals } = this.#reader;
    const instrument = {
      symbol: this.#symbol,
      tickSize: checkedStep('tickSize', this.#options.tickSize, priceDecimals, this.#files),
      lotSize: checkedStep('lotSize', lotSize, sizeDecimals, this.#files),
      firstPrice: '',
    };
    return {
      files: this.#files,
      played: this.#files,
      protocol,
      format: this.#format ?? 'stream',
      symbol: this.#symbol,
      tickSize: instrument.tickSize,
      lotSize: instrument.lotSize,
      instruments: [instrument],
      answers: [],
      bookDepth: 0,
      sockets: this.#files.length,
      cutLines: [],
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
    const protocol = this.#protocol;
    if (isStream) {
      if (protocol !== undefined && familyOf(protocol) !== 'binance') {
        throw this.#error(`expected a recording of ${protocol}, was lines "<local ns> <json>", which are Binance's`);
      }
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
    if (reader.isFutures !== this.#isFutures && (reader.isFutures || reader.kind === StreamLineKind.depth)) {
      this.#noteFutures(reader.isFutures);
    }
    this.#counts[reader.kind] = (this.#counts[reader.kind] as number) + 1;
    if (reader.symbolTo > reader.symbolFrom) this.#checkSymbol(bytes, reader.symbolFrom, reader.symbolTo);
    this.#origin ??= { seconds: readDigits(bytes, from, 10), nanoseconds: readDigits(bytes, from + 10, 9) };
    this.#noteTime(readTimeNs(bytes, from, this.#origin));
  }

  /** Depth updates of futures name the update before, those of spot do not; nothing else tells the two apart. */
  #noteFutures(isFutures: boolean): void {
    if (this.#isFutures !== undefined) {
      const words = (withField: boolean): string => (withField ? 'with field pu' : 'without field pu');
      throw this.#error(`expected depth updates ${words(this.#isFutures)} as before, was one ${words(isFutures)}`);
    }
    this.#isFutures = isFutures;
    if (this.#protocol === undefined) return;
    if (isFutures && this.#protocol === 'binance-spot') {
      throw this.#error(
        'expected the spot protocol, was a futures recording (field pu): binance-usdm or binance-coinm',
      );
    }
    if (!isFutures && this.#protocol !== 'binance-spot') {
      throw this.#error(`expected the protocol ${this.#protocol}, was a spot recording (no field pu)`);
    }
  }

  #foundProtocol(): MarketProtocol {
    if (this.#isFutures === false) return 'binance-spot';
    return familyOfSymbol(this.#symbol) ?? (this.#isFutures === true ? 'binance-usdm' : 'binance-spot');
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
    if (!isExactNs(timeNs)) throw this.#error(NOT_EXACT);
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
    const family = familyOfSymbol(symbol);
    const protocol = this.#protocol;
    if (
      protocol === 'binance-coinm' ? family !== protocol : protocol !== undefined && (family ?? protocol) !== protocol
    ) {
      throw new RecordingError(`${namesOf(this.#files)}: expected a symbol of ${protocol}, was ${symbol}`);
    }
    this.#symbol = symbol;
    this.#symbolBytes = new TextEncoder().encode(symbol);
  }

  get #file(): string {
    return this.#files[this.#fileIndex] as string;
  }

  #error(reason: string): RecordingError {
    return new RecordingError(`${this.#file}: line ${this.#lineOfFile}: ${reason}`);
  }
}

/** BTCUSD_PERP is margined in its coin, BTCUSDT_241227 in the quote asset; spot has no such names. */
function familyOfSymbol(symbol: string): MarketProtocol | undefined {
  if (/USD_/.test(symbol)) return 'binance-coinm';
  return symbol.includes('_') ? 'binance-usdm' : undefined;
}
