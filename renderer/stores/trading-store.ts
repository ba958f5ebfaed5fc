/** Cold state of the trading process: who it is, what it says about feed, strategy and kill switch. No ticks. */
import { create } from 'zustand';
import { subscribeWithSelector } from 'zustand/middleware';
import type { RiskRails } from '../../engine/contract/risk-rails.ts';
import type { StrategySchema } from '../../engine/contract/strategy-parameters.ts';
import type {
  AlertView,
  BookStateName,
  KillView,
  PositionView,
  StrategyView,
  TradingHello,
  TradingMode,
  TradingStats,
} from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';

export interface BookStateView {
  state: BookStateName;
  reason: string;
  /** us since the epoch of the change to this state; 0 where it was before the page knew. */
  sinceUs: number;
}

export interface TradingState {
  /** Hello and snapshot of the current port were received. */
  connected: boolean;
  /** Why not, or empty. */
  disconnectReason: string;
  session: number;
  /** Counts the sessions this page has seen: session numbers of two journals can be the same. */
  epoch: number;
  mode: TradingMode;
  source: TradingHello['source'];
  /** By index; those in {@link removed} stay. */
  instruments: InstrumentSpec[];
  /** Instruments that are subscribed no longer. */
  removed: ReadonlySet<number>;
  strategies: StrategySchema[];
  rails: RiskRails | null;
  /** Index of the instrument on screen; -1 before hello. */
  instrument: number;
  bookStates: Record<number, BookStateView>;
  positions: Record<number, PositionView>;
  strategy: StrategyView | null;
  kill: KillView;
  /** Page time (performance.now) of the last kill message, to count on between messages. */
  killAtMs: number;
  alerts: AlertView[];
  stats: TradingStats | null;
}

export const useTradingStore = create<TradingState>()(
  subscribeWithSelector(
    (): TradingState => ({
      connected: false,
      disconnectReason: '',
      session: 0,
      epoch: 0,
      mode: 'sim',
      source: { kind: 'sim', description: '' },
      instruments: [],
      removed: new Set(),
      strategies: [],
      rails: null,
      instrument: -1,
      bookStates: {},
      positions: {},
      strategy: null,
      kill: { state: 'idle', detail: '', elapsedMs: 0 },
      killAtMs: 0,
      alerts: [],
      stats: null,
    }),
  ),
);

export const MAX_ALERTS = 200;

/** The instrument on screen. */
export function currentInstrument(state: TradingState): InstrumentSpec | undefined {
  return state.instruments[state.instrument];
}

/** A recording that is over trades nothing any more: an order would rest in it for ever. */
export function replayEnded(state: TradingState): boolean {
  return state.stats?.replay?.finished === true;
}

/** What is subscribed, in order of index. */
export function subscribedInstruments({
  instruments,
  removed,
}: Pick<TradingState, 'instruments' | 'removed'>): InstrumentSpec[] {
  return instruments.filter((spec) => spec !== undefined && !removed.has(spec.index));
}

const connecting: BookStateView = { state: 'connecting', reason: '', sinceUs: 0 };

/** Book state of the instrument on screen; `connecting` while nothing was heard. */
export function currentBookState(state: TradingState): BookStateView {
  return state.bookStates[state.instrument] ?? connecting;
}
