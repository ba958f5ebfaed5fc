import type { TradingConfig } from '../../contract/process.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import type { JournalWriter } from '../../journal/journal-writer.ts';
import type { EventPump } from './event-pump.ts';
import type { EventSource } from './event-source.ts';
import type { FeedMonitor } from './feed-monitor.ts';
import type { SessionClock } from './session-clock.ts';
import type { StageHistograms } from './stage-histograms.ts';

/** A session as those see it that show it, report it or act on it. */
export interface SessionState {
  readonly config: TradingConfig;
  /** As of now; grows. */
  readonly instruments: readonly InstrumentSpec[];
  readonly clock: SessionClock;
  readonly core: TradingCore;
  readonly pump: EventPump;
  readonly journal: JournalWriter;
  readonly stages: StageHistograms;
  readonly source: EventSource;
  readonly monitor: FeedMonitor;
  /** Index of the configured symbol: the strategy's, and the report's. */
  readonly reportInstrument: number;
  /** What the operating system granted of priority and affinity; empty where nothing was asked for. */
  readonly scheduling: string;
  readonly wallSeconds: number;
  readonly hasEnded: boolean;
  /** An instrument joins the session, or comes back; returns its number. @throws RefusedError */
  addInstrument(spec: InstrumentSpec): number;
  /** Tells pages and main what is subscribed now. */
  announceInstruments(): void;
  /** Feeds one record of this process's own making (an intent, a timer) into the step. */
  input(fill: (slot: EventSlot) => void): void;
}
