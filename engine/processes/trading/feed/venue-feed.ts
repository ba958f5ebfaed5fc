import type { VenueId } from '../../../contract/market-protocol.ts';
import type { EventSlot } from '../../../core/event-slot.ts';
import type { InstrumentSpec } from '../../../contract/units.ts';
import type { FeedCounters } from '../../../venue/market-adapter.ts';

/** Market data of one venue within a session. Instrument numbers are the session's. */
export interface VenueFeed {
  readonly venue: VenueId;
  start(): void;
  counters(instrument: number): FeedCounters;
  /** Subscribes an instrument, again where it was before. @throws RangeError when the adapter cannot count in its steps. */
  add(spec: InstrumentSpec): void;
  /** Unsubscribes; the instrument keeps its number. */
  remove(instrument: number): void;
  /** Drops every connection and opens others. */
  reconnect(reason: string): void;
  /** As of MarketAdapter. */
  onCrossed(instrument: number, timeNs: number, reason?: string): void;
  /** At least every 100 ms. */
  onTimer(timeNs: number): void;
  dispose(): void;
}

/** What a feed needs of the event pump. */
export interface FeedPump {
  emit(slot: EventSlot): void;
  beginMessage(readNs: number): void;
  endMessage(): void;
  flush(): void;
}
