import type { ImportOrder } from '../../contract/data-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import type { EventSink } from '../../core/event-slot.ts';

/** Takes what a source plays. */
export interface ImportSink extends EventSink {
  /** Between messages, often. A promise: the source waits for it before it goes on. @param fraction 0..1 of the input. */
  pause(fraction: number): Promise<void> | undefined;
}

/** Market events of files, the same ones in the same order each time it is opened: a position says how far it was. */
export interface EventImport {
  kind: 'events';
  venue: string;
  /** What the ids of its trades count: single trades and aggregates of the same day must not be added up. */
  trades: 'single' | 'aggregate';
  /** By the `instrument` of events. */
  instruments: readonly InstrumentSpec[];
  /** Wall clock of event time 0, us since the epoch. */
  originUs: number;
  /** Resolves at the end of the files. Rejects when they changed, when `pause` rejects, and when aborted. */
  play(sink: ImportSink, signal: AbortSignal): Promise<void>;
}

/** One candle of a public file; prices in ticks, volumes in lots. */
export interface ImportedCandle {
  openTimeS: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volumeLots: number;
  buyVolumeLots: number;
  trades: number;
}

export interface CandleImport {
  kind: 'candles';
  venue: string;
  instrument: InstrumentSpec;
  intervalSeconds: number;
  read(): AsyncGenerator<{ candles: ImportedCandle[]; fraction: number }>;
}

export type ImportSource = EventImport | CandleImport;

/** Steps that imports of a symbol already have: finer ones than a file needs are used on, so that they are one series. */
export type KnownSteps = (venue: string, symbol: string) => { tickSize: string; lotSize: string } | undefined;

/** Looks through the files before anything is written. @throws Error of one line naming file and reason. */
export type OpenImport = (order: ImportOrder, known: KnownSteps) => Promise<ImportSource>;
