import type { EventSink } from '../core/event-slot.ts';
import type { InstrumentSpec } from '../contract/units.ts';

/** What an adapter may ask of the shell that owns the sockets. */
export interface MarketAdapterIo extends EventSink {
  /** Fetch a book snapshot; answer with onSnapshot or onSnapshotFailed. */
  requestSnapshot(instrument: number, symbol: string): void;
  /** Send a text over the stream socket, in order; dropped when it is not connected. */
  send(text: string): void;
  /** Close the stream socket and connect again (with back-off, by the shell). */
  reconnect(reason: string): void;
}

/** Counters of one instrument's feed; owned by the adapter, read by the shell. */
export interface FeedCounters {
  depth: number;
  trades: number;
  quotes: number;
  discarded: number;
  applied: number;
  gaps: number;
  resyncs: number;
  badMessages: number;
  /** BookState. */
  state: number;
  stateReason: string;
  /** Receive time minus venue time of the newest event, ns (needs the session's wall origin). */
  feedLagNs: number;
}

/**
 * Sans-IO market data: bytes in, events out. No socket, no clock: every call carries `timeNs` (engine time).
 * Every market event goes out through `io.emit`; the slot is reused.
 */
export interface MarketAdapter {
  readonly instruments: readonly InstrumentSpec[];
  counters(instrument: number): FeedCounters;
  /** Streams to subscribe to, as the venue spells them. */
  streams(): string[];
  onConnected(timeNs: number): void;
  onDisconnected(timeNs: number, reason: string): void;
  /** One WebSocket payload. Never throws: a bad message is counted and reported by state. */
  onMessage(bytes: Uint8Array, timeNs: number): void;
  onSnapshot(instrument: number, bytes: Uint8Array, timeNs: number): void;
  onSnapshotFailed(instrument: number, timeNs: number, reason: string): void;
  /** Called at least every 100 ms: watchdogs, retries. */
  onTimer(timeNs: number): void;
  /** The step found the applied book crossed: mark it and synchronise that instrument anew. */
  onCrossed(instrument: number, timeNs: number): void;
}
