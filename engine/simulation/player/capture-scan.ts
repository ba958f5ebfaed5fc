import type { MarketProtocol } from '../../contract/market-protocol.ts';
import { companionFiles } from './capture-files.ts';
import { type CaptureMessage, familyOf, type ProtocolFamily, readCaptureMessage } from './capture-messages.ts';
import { type CaptureEntry, readCryptofeed } from './cryptofeed-reader.ts';
import { isExactNs, type LocalTime, NOT_EXACT } from './local-time.ts';
import { readBareMessages } from './message-lines.ts';
import { RecordingError, type RecordingSource, readRecording } from './recording-reader.ts';
import {
  checkedStep,
  namesOf,
  type RecordedAnswer,
  type RecordingScan,
  type RecordingScanOptions,
  type ScannedInstrument,
} from './scanned-recording.ts';
import { isSnapshotBody, snapshotSymbol } from './snapshot-answer.ts';
import { StepFinder } from './step-finder.ts';

/**
 * Looks through a capture of one venue: any number of symbols and connections. Files of the same session that lie beside
 * those of sockets (HTTP answers, list of instruments) are taken in.
 * @throws RecordingError naming file and line of what is not whole, of another protocol, or of a version not spoken.
 */
export async function scanCapture(
  files: readonly string[],
  format: 'cryptofeed' | 'messages',
  options: RecordingScanOptions,
  source: RecordingSource = readRecording,
): Promise<RecordingScan> {
  const all = format === 'cryptofeed' ? [...files, ...companionFiles(files)] : files;
  const scan = new CaptureScan(all, options);
  const entries = format === 'cryptofeed' ? readCryptofeed(all, source) : readBareMessages(all, source);
  for await (const entry of entries) scan.add(entry);
  return scan.finish(files, format);
}

class CaptureScan {
  readonly #files: readonly string[];
  readonly #options: RecordingScanOptions;
  readonly #steps = new Map<string, StepFinder>();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #answers: RecordedAnswer[] = [];
  readonly #cutLines: string[] = [];
  readonly #sockets = new Set<number>();
  /** Per file: it holds messages, connections or snapshots, and the time of its first line. */
  readonly #isPlayed: boolean[] = [];
  readonly #firsts: (CaptureEntry | undefined)[] = [];
  readonly #counts = { depth: 0, trade: 0, aggTrade: 0, ticker: 0, other: 0 };
  #family: ProtocolFamily | undefined;
  /** Binance: depth updates name the update before. */
  #isFutures: boolean | undefined;
  #isSpotCategory = false;
  #bookDepth = 0;
  #snapshots = 0;
  #lines = 0;
  #lastNs = 0;

  constructor(files: readonly string[], options: RecordingScanOptions) {
    this.#files = files;
    this.#options = options;
    this.#family = options.protocol === undefined ? undefined : familyOf(options.protocol);
  }

  add(entry: CaptureEntry): void {
    const { fileIndex } = entry;
    this.#firsts[fileIndex] ??= entry;
    if (entry.kind === 'configuration') return;
    if (entry.kind === 'cut') {
      this.#cutLines.push(this.#where(entry));
      return;
    }
    if (!isExactNs(entry.timeNs)) throw this.#error(entry, NOT_EXACT);
    if (entry.kind === 'http') {
      this.#addAnswer(entry);
      return;
    }
    this.#isPlayed[fileIndex] = true;
    this.#sockets.add(fileIndex);
    this.#lastNs = entry.timeNs;
    if (entry.kind === 'opened' && /\/public\/spot\b/.test(entry.url)) this.#isSpotCategory = true;
    if (entry.kind === 'message') this.#addMessage(entry);
  }

  finish(given: readonly string[], format: 'cryptofeed' | 'messages'): RecordingScan {
    const files = this.#files;
    const names = namesOf(given);
    const first = this.#earliestPlayed();
    if (this.#lines === 0 || first === undefined) throw new RecordingError(`${names}: holds no message`);
    const { depth, trade, aggTrade, ticker } = this.#counts;
    if (this.#family === undefined || this.#steps.size === 0) {
      throw new RecordingError(`${names}: holds no market data of a known protocol`);
    }
    if (this.#family === 'binance' && depth > 0 && this.#snapshots === 0) {
      throw new RecordingError(`${names}: no snapshot (depth updates need the REST snapshot they start from)`);
    }
    const instruments = this.#instruments();
    const { symbol } = this.#options;
    const chosen = symbol === undefined ? instruments[0] : instruments.find((one) => one.symbol === symbol);
    if (chosen === undefined) {
      const symbols = instruments.map((one) => one.symbol).join(', ');
      throw new RecordingError(`${names}: expected a recording of ${symbol}, was of ${symbols}`);
    }
    return {
      files: given,
      played: files.filter((_, i) => this.#isPlayed[i] === true),
      protocol: this.#protocol(chosen.symbol),
      format,
      symbol: chosen.symbol,
      tickSize: chosen.tickSize,
      lotSize: chosen.lotSize,
      instruments,
      answers: this.#answers,
      lines: this.#lines,
      depth,
      trades: trade + aggTrade,
      tickers: ticker,
      snapshots: this.#snapshots,
      bookDepth: this.#bookDepth,
      sockets: this.#sockets.size,
      cutLines: this.#cutLines,
      tradeStream: trade > 0 ? 'trade' : 'aggTrade',
      origin: originOf(first),
      originUs: first.epochUs,
      durationNs: this.#lastNs - first.timeNs,
    };
  }

  #addAnswer(entry: CaptureEntry): void {
    const symbol = snapshotSymbol(entry.url);
    if (symbol === undefined) {
      this.#answers.push({ where: this.#where(entry), url: entry.url, bytes: entry.bytes });
      return;
    }
    this.#isPlayed[entry.fileIndex] = true;
    this.#lines++;
    this.#lastNs = Math.max(this.#lastNs, entry.timeNs);
    if (!isSnapshotBody(entry.bytes)) return;
    const body = this.#parse(entry) as { bids?: unknown; asks?: unknown };
    this.#snapshots++;
    const steps = this.#stepsOf(symbol);
    steps.addLevels(body.bids);
    steps.addLevels(body.asks);
  }

  #addMessage(entry: CaptureEntry): void {
    this.#lines++;
    // OKX answers its ping in plain text.
    if (isPong(entry.bytes)) return;
    const json = this.#parse(entry);
    let message: CaptureMessage;
    try {
      message = readCaptureMessage(json, this.#text, (symbol) => this.#stepsOf(symbol));
    } catch (error) {
      if (error instanceof RangeError) throw this.#error(entry, error.message);
      throw error;
    }
    this.#counts[message.kind]++;
    if (message.family === undefined) return;
    if (this.#family === undefined) this.#family = message.family;
    else if (message.family !== this.#family) {
      const expected = this.#options.protocol ?? `${this.#family} as before`;
      throw this.#error(entry, `expected a message of ${expected}, was one of ${message.family}`);
    }
    if (message.kind === 'other') return;
    if (message.bookDepth > 0) this.#bookDepth = message.bookDepth;
    if (message.symbol === '') throw this.#error(entry, 'expected a symbol, was none');
    if (message.family === 'binance') this.#checkBinance(entry, message);
  }

  /** Depth updates of futures name the update before, those of spot do not; COIN-M symbols hold `USD_`. */
  #checkBinance(entry: CaptureEntry, message: CaptureMessage): void {
    const { protocol } = this.#options;
    if (message.kind === 'depth') {
      const { isFutures } = message;
      if (this.#isFutures !== undefined && this.#isFutures !== isFutures) {
        throw this.#error(entry, 'expected depth updates all with or all without field pu, was both');
      }
      this.#isFutures = isFutures;
      if (protocol !== undefined && (protocol !== 'binance-spot') !== isFutures) {
        const was = isFutures ? 'futures (field pu)' : 'spot (no field pu)';
        throw this.#error(entry, `expected depth updates of ${protocol}, was one of ${was}`);
      }
    }
    if (protocol !== undefined && (protocol === 'binance-coinm') !== isCoinMargined(message.symbol)) {
      throw this.#error(entry, `expected a symbol of ${protocol}, was ${message.symbol}`);
    }
  }

  #protocol(symbol: string): MarketProtocol {
    if (this.#options.protocol !== undefined) return this.#options.protocol;
    if (this.#family === 'bybit') return this.#isSpotCategory ? 'bybit-spot' : 'bybit';
    if (this.#family !== 'binance') return this.#family as MarketProtocol;
    if (isCoinMargined(symbol)) return 'binance-coinm';
    return this.#isFutures === true ? 'binance-usdm' : 'binance-spot';
  }

  #instruments(): ScannedInstrument[] {
    const { tickSize, lotSize } = this.#options;
    if (this.#steps.size > 1) {
      for (const [name, value] of Object.entries({ tickSize, lotSize })) {
        if (value === undefined) continue;
        throw new RecordingError(`${name}: expected only with a recording of one symbol, was of ${this.#steps.size}`);
      }
    }
    return [...this.#steps].map(([symbol, steps]) => ({
      symbol,
      tickSize: checkedStep('tickSize', tickSize, steps.priceDecimals, this.#files),
      lotSize: checkedStep('lotSize', lotSize, steps.sizeDecimals, this.#files),
      firstPrice: steps.firstPrice,
    }));
  }

  #earliestPlayed(): CaptureEntry | undefined {
    let earliest: CaptureEntry | undefined;
    this.#firsts.forEach((entry, i) => {
      if (this.#isPlayed[i] !== true || entry === undefined) return;
      if (earliest === undefined || entry.timeNs < earliest.timeNs) earliest = entry;
    });
    return earliest;
  }

  #text = '';

  /** The message's JSON; its text stays in `#text`. */
  #parse(entry: CaptureEntry): unknown {
    try {
      this.#text = this.#decoder.decode(entry.bytes);
      return JSON.parse(this.#text);
    } catch (error) {
      const shown = Buffer.from(entry.bytes).toString('utf8', 0, 60).replace(/\s+/g, ' ');
      throw this.#error(entry, `expected a JSON message (${reasonOf(error)}), was "${shown}"`);
    }
  }

  #stepsOf(symbol: string): StepFinder {
    let steps = this.#steps.get(symbol);
    if (steps === undefined) {
      steps = new StepFinder();
      this.#steps.set(symbol, steps);
    }
    return steps;
  }

  #where(entry: CaptureEntry): string {
    return `${this.#files[entry.fileIndex]}: line ${entry.line}`;
  }

  #error(entry: CaptureEntry, reason: string): RecordingError {
    return new RecordingError(`${this.#where(entry)}: ${reason}`);
  }
}

function originOf(entry: CaptureEntry): LocalTime {
  return { seconds: Math.floor(entry.epochUs / 1e6), nanoseconds: (entry.epochUs % 1e6) * 1000 };
}

function isCoinMargined(symbol: string): boolean {
  return symbol.includes('USD_');
}

function isPong(bytes: Uint8Array): boolean {
  return bytes.length === 4 && bytes[0] === 112 && bytes[1] === 111 && bytes[2] === 110 && bytes[3] === 103;
}

function reasonOf(error: unknown): string {
  return error instanceof SyntaxError ? 'broken' : 'not UTF-8';
}
