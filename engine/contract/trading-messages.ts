/** JSON messages between the page and the trading process. Low rate, never dropped; ticks travel in market frames. */
import type { VenueId } from './market-protocol.ts';
import type { InstrumentSpec } from './units.ts';
import type { RiskRails } from './risk-rails.ts';
import type { ParameterValues, StrategySchema } from './strategy-parameters.ts';

export const TRADING_PROTOCOL = 1;

export type SideName = 'buy' | 'sell';
export type OrderStatus =
  | 'pending'
  | 'working'
  | 'partial'
  | 'cancelling'
  | 'unknown'
  | 'filled'
  | 'cancelled'
  | 'rejected';
/** Codes of OrderStatus in the working rows of a market frame. */
export const orderStatusCodes: OrderStatus[] = [
  'pending',
  'working',
  'partial',
  'cancelling',
  'unknown',
  'filled',
  'cancelled',
  'rejected',
];
export type TradingMode = 'sim' | 'paper' | 'live-disarmed';
export type BookStateName = 'connecting' | 'syncing' | 'live' | 'gap' | 'stale' | 'crossed' | 'checksum';
export type KillStateName = 'idle' | 'cancelling' | 'closing' | 'confirming' | 'flatConfirmed' | 'alarm';
export type StrategyStateName = 'stopped' | 'running' | 'halted';

export interface OrderView {
  orderNumber: number;
  clientId: string;
  venueOrderId: number;
  instrument: number;
  side: SideName;
  type: 'limit' | 'ioc' | 'post-only';
  reduceOnly: boolean;
  priceTicks: number;
  sizeLots: number;
  filledLots: number;
  status: OrderStatus;
  source: 'manual' | 'strategy' | 'killSwitch' | 'adopted';
  reason: string;
  /** us since the epoch. */
  createdUs: number;
  updatedUs: number;
}

export interface FillView {
  /** Journal sequence: unique and rising within a journal. */
  sequence: number;
  orderNumber: number;
  venueTradeId: number;
  instrument: number;
  side: SideName;
  priceTicks: number;
  sizeLots: number;
  /** Quote units. */
  fee: number;
  maker: boolean;
  timeUs: number;
}

export interface PositionView {
  instrument: number;
  positionLots: number;
  /** Ticks, fractional; 0 when flat. */
  averagePriceTicks: number;
  /** Quote units. */
  realizedPnl: number;
  unrealizedPnl: number;
  fees: number;
}

export interface AlertView {
  sequence: number;
  level: 'info' | 'warning' | 'critical';
  text: string;
  timeUs: number;
}

export interface StageSummary {
  count: number;
  p50: number;
  p99: number;
  p999: number;
  max: number;
}
/** Keys in order of the path: read, decode, apply, decide, check, write, ack, journal, tickToOrder. All ns. */
export type StageSummaries = Record<string, StageSummary>;

export interface FeedStats {
  depth: number;
  trades: number;
  discarded: number;
  applied: number;
  gaps: number;
  resyncs: number;
  crossed: number;
  badMessages: number;
  /** Book checksums that were right, and that were not; 0 where the venue sends none. */
  checksums?: number;
  checksumFailures?: number;
  state: BookStateName;
  /** Why the state is what it is; empty when live. */
  stateReason: string;
  /** How often the book came into each state since the session began; absent ones never. */
  stateChanges?: Partial<Record<BookStateName, number>>;
  /** Receive time minus venue time, ns, offset not removed. */
  feedLagNs: number;
  /** Absent until there is an estimate. */
  clock?: ClockEstimate;
  /** Change of the offset-free feed lag over the last seconds, ns per second; a feed that falls behind has a positive one. */
  lagSlopeNsPerS?: number;
  /** The lag or its slope is over its limit: alarmed. */
  lagAlarm?: boolean;
  /** Price of the newest trade, ticks; absent before the first. */
  lastPriceTicks?: number;
  /** No longer subscribed: its book stays `connecting`. */
  removed?: boolean;
}

/** The venue's clock minus this machine's, with the half-width of what it may be off by. */
export interface ClockEstimate {
  offsetNs: number;
  errorNs: number;
  /** `request`: bounded by a round trip to the venue's time; `feed`: the smallest lag seen, network time included. */
  source: 'request' | 'feed';
}

/** A change of a book's state, as the journal has it: markers on the chart. */
export interface IntegrityView {
  instrument: number;
  /** us since the epoch. */
  timeUs: number;
  state: BookStateName;
  reason: string;
}

/** A symbol that a venue lists. */
export interface SymbolMatch {
  venue: VenueId;
  symbol: string;
  baseAsset: string;
  quoteAsset: string;
  tickSize: string;
  lotSize: string;
  /** Index when it is subscribed already, else -1. */
  instrument: number;
  /** The venue's word for why it does not trade now; absent where it does. */
  halted?: string;
}

/** Answer to `searchSymbols`: the best matches, and which venues could not be asked, with the reason. */
export interface SymbolSearchResult {
  matches: SymbolMatch[];
  /** Matches there are in all. */
  total: number;
  unavailable: { venue: VenueId; reason: string }[];
}

export interface TradingHello {
  type: 'hello';
  protocol: number;
  session: number;
  mode: TradingMode;
  source: { kind: 'sim' | 'live' | 'replay'; description: string };
  instruments: InstrumentSpec[];
  strategies: StrategySchema[];
  rails: RiskRails;
}

/** Whole state, sent after `subscribe`: a page that reloads loses nothing. */
export interface TradingSnapshot {
  type: 'snapshot';
  orders: OrderView[];
  fills: FillView[];
  positions: PositionView[];
  alerts: AlertView[];
  strategy: StrategyView;
  kill: KillView;
  bookStates: { instrument: number; state: BookStateName; reason: string }[];
  /** The newest changes of book states, oldest first, bounded. */
  integrity?: IntegrityView[];
  /** Closed and current 1 s candles per instrument, flattened rows of CANDLE_FIELDS. */
  candles: { instrument: number; rows: number[] }[];
}

export interface StrategyView {
  name: string;
  instrument: number;
  state: StrategyStateName;
  reason: string;
  parameters: ParameterValues;
}
export interface KillView {
  state: KillStateName;
  detail: string;
  elapsedMs: number;
}

export interface ReplayProgress {
  file: string;
  /** 0..1 of all bytes. */
  fraction: number;
  speed: number | 'max';
  finished: boolean;
}

export interface TradingStats {
  type: 'stats';
  latencyNs: StageSummaries;
  feed: FeedStats[];
  loopDelayP99Ms: number;
  eventsPerSecond: number;
  journal: { records: number; bytes: number };
  waitStrategy: string;
  /** What the operating system granted of priority and affinity, one line; absent where nothing was asked for. */
  scheduling?: string;
  orderEntry: 'up' | 'down' | 'paper';
  replay?: ReplayProgress;
}

export type TradingServerMessage =
  | TradingHello
  | TradingSnapshot
  | TradingStats
  | { type: 'order'; order: OrderView }
  | { type: 'fill'; fill: FillView }
  | { type: 'position'; position: PositionView }
  | { type: 'alert'; alert: AlertView }
  | { type: 'strategy'; strategy: StrategyView }
  | { type: 'kill'; kill: KillView }
  | { type: 'rails'; rails: RiskRails }
  | { type: 'bookState'; instrument: number; state: BookStateName; reason: string; timeUs?: number }
  /** The whole list again: one was added or removed. Indices never change; removed ones stay, see FeedStats.removed. */
  | { type: 'instruments'; instruments: InstrumentSpec[] }
  | { type: 'pong'; clientTimeMs: number; engineTimeNs: number }
  | { type: 'reply'; requestId: number; ok: true; result?: unknown }
  | { type: 'reply'; requestId: number; ok: false; error: string };

export type TradingRequest =
  | { kind: 'subscribe'; instrument: number }
  | {
      kind: 'place';
      instrument: number;
      side: SideName;
      priceTicks: number;
      sizeLots: number;
      type: 'limit' | 'ioc' | 'post-only';
      reduceOnly?: boolean;
    }
  | { kind: 'cancel'; orderNumber: number }
  | { kind: 'cancelAll'; instrument: number }
  | { kind: 'kill' }
  | { kind: 'killReset' }
  | { kind: 'strategyStart'; instrument: number; name: string; parameters: ParameterValues }
  | { kind: 'strategyStop' }
  | { kind: 'strategyParameters'; parameters: ParameterValues }
  | { kind: 'rails'; rails: RiskRails }
  | { kind: 'replaySpeed'; speed: number | 'max' }
  /** Answered with SymbolSearchResult. Without a venue: all that the session can reach. */
  | { kind: 'searchSymbols'; text: string; venue?: VenueId; limit?: number }
  /** Answered with { instrument }. Adding one that is there already is no error. */
  | { kind: 'addSymbol'; venue: VenueId; symbol: string }
  /** Refused while it has working orders or a position. */
  | { kind: 'removeSymbol'; instrument: number };

export type TradingClientMessage =
  | ({ type: 'request'; requestId: number } & { request: TradingRequest })
  | { type: 'ping'; clientTimeMs: number };
