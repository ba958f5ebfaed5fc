import type { EventSink } from '../core/event-slot.ts';
import type { InstrumentSpec } from '../contract/units.ts';

/** What an adapter may ask of the shell that owns the sockets. */
export interface MarketAdapterIo extends EventSink {
  /** Fetch a book snapshot over REST (see snapshotPath); answer with onSnapshot or onSnapshotFailed. */
  requestSnapshot(instrument: number, symbol: string): void;
  /** Send a text over that route's socket (default 0), in order; dropped when it is not connected. */
  send(text: string, route?: number): void;
  /** Close that route's socket (default 0) and connect again, with jittered back-off by the shell. */
  reconnect(reason: string, route?: number): void;
}

/** One connection to a venue. */
export interface StreamRoute {
  /** For logs: `public`, `market-2`. */
  readonly name: string;
  /** Path and query of the connection about to be made, relative to the stream base address. */
  path(): string;
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
  /** What was wrong with the newest of them; empty without one. */
  badReason: string;
  /** Book checksums that were right, and that were not; 0 where the venue sends none. */
  checksums: number;
  checksumFailures: number;
  /** BookState. */
  state: number;
  stateReason: string;
  /** Why trades do not come although the book may be live; empty where they are not known to be missing. */
  tradesReason: string;
  /** Receive time minus venue time of the newest event, ns (needs the session's wall origin). */
  feedLagNs: number;
}

/**
 * Sans-IO market data: bytes in, events out. No socket, no clock: every call carries `timeNs` (engine time).
 * Every market event goes out through `io.emit`; the slot is reused. Instrument numbers are the adapter's own, 0..n-1.
 */
export interface MarketAdapter {
  /** Grows with {@link addInstrument}; indices never change. */
  readonly instruments: readonly InstrumentSpec[];
  /** Connections this venue needs, at least one; grows with the instruments. */
  readonly routes: readonly StreamRoute[];
  /** To be sent, in order, right after each connection of that route; [] where the path said it all. */
  subscriptionMessages(route: number): string[];
  /** Send {@link pingMessage} this often over every route; 0: the venue pings. */
  readonly pingIntervalMs: number;
  pingMessage(): string;
  /** Path and query of the book snapshot, relative to the REST base address; '' where snapshots come in the stream. */
  snapshotPath(instrument: number): string;
  /**
   * Subscribes one more instrument and returns its number; idempotent by symbol, `spec.index` is not looked at. Others are
   * untouched. @throws RangeError when its steps are unusable, or not those that the symbol had before.
   */
  addInstrument(spec: InstrumentSpec, timeNs: number): number;
  /** Unsubscribes; its book is `connecting`, "not subscribed". The number stays taken. Idempotent. */
  removeInstrument(instrument: number, timeNs: number): void;
  /** @throws RangeError for an unknown instrument. */
  counters(instrument: number): FeedCounters;
  /** Without a route: all of them (recordings). */
  onConnected(timeNs: number, route?: number): void;
  onDisconnected(timeNs: number, reason: string, route?: number): void;
  /** One WebSocket payload. Never throws: a bad message is counted and reported by state. */
  onMessage(bytes: Uint8Array, timeNs: number, route?: number): void;
  onSnapshot(instrument: number, bytes: Uint8Array, timeNs: number): void;
  /** `retryAfterMs`: the venue asks to be left alone for this long. */
  onSnapshotFailed(instrument: number, timeNs: number, reason: string, retryAfterMs?: number): void;
  /** Called at least every 100 ms: watchdogs, retries. */
  onTimer(timeNs: number): void;
  /** The step found the applied book crossed, or its ticker contradicting it: mark it, synchronise that instrument anew. */
  onCrossed(instrument: number, timeNs: number, reason?: string): void;
}
