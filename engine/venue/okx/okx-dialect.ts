import type { InstrumentSpec } from '../../contract/units.ts';
import { asciiBytes, isText } from '../byte-text.ts';
import type { DecimalSteps } from '../decimal-steps.ts';
import type { MarketBatch } from '../market-batch.ts';
import type { BookChecksum } from '../proven-book.ts';
import type { FeedDialect } from '../proven-feed-adapter.ts';
import { SymbolList } from '../symbol-list.ts';
import { okxChecksum } from './okx-checksum.ts';
import { OkxJsonDecoder } from './okx-json-decoder.ts';
import { OkxScanner } from './okx-scanner.ts';

const PONG = asciiBytes('pong');
const CHANNELS = ['books', 'trades', 'tickers'] as const;

/**
 * OKX's public WebSocket v5. Book messages name the one before (`prevSeqId`), or carry a CRC-32 over the 25 best levels of
 * each side, or both: recordings of 2022 have only the checksum; since 2026 the venue sends 0 there, which counts as
 * none. A message that proves itself in neither way is bad.
 */
export class OkxDialect implements FeedDialect {
  readonly path = '/ws/v5/public';
  /** A subscription of three channels each in one message, which may have 64 KB. */
  readonly instrumentsPerConnection = 100;
  /** The venue sends 400 and removes each that falls out of them itself; this is only a bound. */
  readonly depth = 1024;
  readonly datesSnapshots = true;
  /** The venue cuts connections that are silent for 30 s. */
  readonly pingIntervalMs = 20_000;
  readonly pingMessage = 'ping';
  readonly #list = new SymbolList();
  readonly #scanner = new OkxScanner(this.#list);
  readonly #json = new OkxJsonDecoder(this.#list);
  #fallbacks = 0;

  /** Messages that had to be decoded with JSON.parse. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  add(spec: InstrumentSpec): void {
    this.#list.add(spec);
  }

  indexOf(symbol: string): number {
    return this.#list.indexOf(symbol);
  }

  streamsOf(instrument: number): string[] {
    return CHANNELS.map((channel) => `${channel}:${this.#list.symbols[instrument]}`);
  }

  subscriptionMessages(instruments: readonly number[]): string[] {
    return [this.#request('subscribe', instruments)];
  }

  unsubscriptionMessages(instruments: readonly number[]): string[] {
    return [this.#request('unsubscribe', instruments)];
  }

  resubscriptionMessages(instrument: number): string[] {
    const args = [{ channel: 'books', instId: this.#list.symbols[instrument] }];
    return ['unsubscribe', 'subscribe'].map((op) => JSON.stringify({ op, args }));
  }

  checksum(instrument: number): BookChecksum {
    return okxChecksum(this.#list.prices[instrument] as DecimalSteps, this.#list.sizes[instrument] as DecimalSteps);
  }

  onConnected(): void {
    // Nothing is kept between connections.
  }

  decode(bytes: Uint8Array, batch: MarketBatch): void {
    if (this.#scanner.scan(bytes, batch) || isText(bytes, 0, bytes.length, PONG)) return;
    batch.reset();
    this.#fallbacks++;
    this.#json.decode(bytes, batch);
  }

  #request(op: string, instruments: readonly number[]): string {
    const args = instruments.flatMap((i) => CHANNELS.map((channel) => ({ channel, instId: this.#list.symbols[i] })));
    return JSON.stringify({ op, args });
  }
}
