import type { InstrumentSpec } from '../../contract/units.ts';
import type { DecimalSteps } from '../decimal-steps.ts';
import { BatchKind, type MarketBatch } from '../market-batch.ts';
import type { BookChecksum } from '../proven-book.ts';
import type { FeedDialect } from '../proven-feed-adapter.ts';
import { krakenChecksum } from './kraken-checksum.ts';
import type { KrakenDepth } from './kraken-depths.ts';
import { KrakenJsonDecoder } from './kraken-json-decoder.ts';
import { KrakenPairs } from './kraken-pairs.ts';
import { KrakenScanner } from './kraken-scanner.ts';

/**
 * Kraken's public WebSocket v1. Book updates carry no number, only a CRC-32 over the ten best levels of each side and the
 * time of each change: the checksum proves those levels after each update, the times that none came late. A loss that
 * touches only deeper levels shows once they come near the touch. Snapshots carry no proof: the first update is theirs.
 */
export class KrakenDialect implements FeedDialect {
  readonly path = '';
  readonly instrumentsPerConnection = 100;
  readonly depth: KrakenDepth;
  readonly datesSnapshots = false;
  /** The venue itself sends a heartbeat a second. */
  readonly pingIntervalMs = 20_000;
  readonly pingMessage = '{"event":"ping"}';
  readonly #bookChannel: string;
  readonly #withTicker: boolean;
  readonly #pairs = new KrakenPairs();
  readonly #scanner: KrakenScanner;
  readonly #json: KrakenJsonDecoder;
  #fallbacks = 0;

  constructor(depth: KrakenDepth, withTicker: boolean) {
    this.depth = depth;
    this.#bookChannel = `book-${depth}`;
    this.#withTicker = withTicker;
    this.#scanner = new KrakenScanner(this.#pairs, depth);
    this.#json = new KrakenJsonDecoder(this.#pairs, this.#bookChannel);
  }

  /** Messages that had to be decoded with JSON.parse. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  add(spec: InstrumentSpec): void {
    this.#pairs.add(spec);
  }

  indexOf(symbol: string): number {
    return this.#pairs.indexOf(symbol);
  }

  streamsOf(instrument: number): string[] {
    const names = [this.#bookChannel, 'trade', ...(this.#withTicker ? ['ticker'] : [])];
    return names.map((name) => `${name}:${this.#pairs.symbols[instrument]}`);
  }

  subscriptionMessages(instruments: readonly number[]): string[] {
    return this.#requests('subscribe', instruments);
  }

  unsubscriptionMessages(instruments: readonly number[]): string[] {
    return this.#requests('unsubscribe', instruments);
  }

  resubscriptionMessages(instrument: number): string[] {
    const pair = [this.#pairs.symbols[instrument]];
    const subscription = { name: 'book', depth: this.depth };
    return ['unsubscribe', 'subscribe'].map((event) => JSON.stringify({ event, pair, subscription }));
  }

  checksum(instrument: number): BookChecksum {
    return krakenChecksum(
      this.#pairs.prices[instrument] as DecimalSteps,
      this.#pairs.sizes[instrument] as DecimalSteps,
    );
  }

  onConnected(instruments: readonly number[]): void {
    for (const instrument of instruments) this.#pairs.bookChannelIds[instrument] = -1;
  }

  decode(bytes: Uint8Array, batch: MarketBatch): void {
    if (!this.#scanner.scan(bytes, batch)) {
      batch.reset();
      this.#fallbacks++;
      this.#json.decode(bytes, batch);
    }
    if (batch.kind === BatchKind.trades) this.#pairs.numberTrades(batch);
  }

  #requests(event: string, instruments: readonly number[]): string[] {
    const pair = instruments.map((i) => this.#pairs.symbols[i]);
    const request = (subscription: object) => JSON.stringify({ event, pair, subscription });
    const requests = [request({ name: 'book', depth: this.depth }), request({ name: 'trade' })];
    if (this.#withTicker) requests.push(request({ name: 'ticker' }));
    return requests;
  }
}
