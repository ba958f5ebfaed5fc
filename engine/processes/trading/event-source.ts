import type { VenueId } from '../../contract/market-protocol.ts';
import type { TickerAgreement } from '../../contract/report.ts';
import type { ReplayProgress } from '../../contract/trading-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import type { ActionSink } from '../../execution/trading-core-options.ts';
import type { OrderBook } from '../../market/order-book.ts';
import type { FeedCounters } from '../../venue/market-adapter.ts';
import type { EventPump } from './event-pump.ts';
import type { VenueDirectory } from './feed/venue-directory.ts';
import type { SessionClock } from './session-clock.ts';
import type { StageHistograms } from './stage-histograms.ts';

/** What a source needs of its session. */
export interface SourceContext {
  pump: EventPump;
  stages: StageHistograms;
  clientIdPrefix: string;
  /** Numbers of orders that others placed on this account. */
  strangers: {
    /** 0 when the client id is new. */
    numberOf(clientId: string): number;
    /** Empty for our own orders. */
    clientIdOf(orderNumber: number): string;
    allocate(): number;
  };
  /** The applied book of an instrument, as the step holds it. */
  book(instrument: number): OrderBook;
  /** An instrument joins the session: in the journal, in the step, subscribed, told to the pages. @throws RefusedError */
  addInstrument(spec: InstrumentSpec): number;
  /** A recording was played to its end. */
  onFinished(): void;
  /** The input turned out to be unusable: one line for the user. */
  onFatal(error: string): void;
}

export interface WantedSymbol {
  venue: VenueId;
  symbol: string;
}

/** Symbols that can come and go while a session runs. */
export interface SourceSymbols {
  readonly directory: VenueDirectory;
  /** Wanted, but their venues could not be asked yet. */
  readonly pending: readonly WantedSymbol[];
  isRemoved(instrument: number): boolean;
  /** @throws RefusedError when the venue's adapter cannot work with the instrument. */
  checkUsable(spec: InstrumentSpec): void;
  /** Subscribes an instrument that the step knows; `index` is the session's. */
  add(spec: InstrumentSpec): void;
  remove(instrument: number): void;
}

/** Where events come from and where orders go: a venue over sockets, or a recording with paper execution. */
export interface EventSource {
  readonly actions: ActionSink;
  /** Undefined for recordings: their symbols are what they are. */
  readonly symbols?: SourceSymbols;
  /** Venue that takes this session's orders, others being watched only; '' where all are traded alike. */
  readonly tradesOnly: VenueId | '';
  /** `sim:1`, `replay:file`: keeps the history of different sources apart in the store. */
  readonly description: string;
  /** False where time stands still once the events end. */
  readonly isLive: boolean;
  readonly waitStrategy: string;
  readonly orderEntry: 'up' | 'down' | 'paper';
  /** Base addresses of the venues' REST documents: where a venue can be asked for its time. Empty for a recording. */
  readonly restAddresses: readonly { venue: VenueId; restUrl: string }[];
  counters(instrument: number): FeedCounters;
  /** Undefined where tickers cannot be held against the book. */
  tickerAgreement?(instrument: number): TickerAgreement | undefined;
  progress(): ReplayProgress | undefined;
  setSpeed(speed: number | 'max'): void;
  /** Drops every connection and opens new ones: what came over them may be old. A recording has none. */
  reconnect(reason: string): void;
  start(): void;
  dispose(): void;
}

/** A source that knows its instruments and clock; the session is built around it before events flow. */
export interface SourceFactory {
  readonly instruments: readonly InstrumentSpec[];
  readonly clock: SessionClock;
  readonly execution: 'venue' | 'paper';
  /** As {@link EventSource.tradesOnly}. */
  readonly tradesOnly: VenueId | '';
  create(context: SourceContext): EventSource;
}
