import type { VenueAddress } from '../contract/settings.ts';
import type { RateRule } from '../core/rate-window.ts';
import type { RequestRules } from './request-budget.ts';

/** What a venue demands of those that connect, as its documents say; one table a venue, in its folder. */
export interface VenueLimits {
  /** Its public hosts, without paths. */
  address: VenueAddress;
  /** Messages that one connection may send; where the venue counts pings and pongs too, room is left for them. */
  messages: readonly RateRule[];
  /** Connections that may be opened from one address. */
  connects: readonly RateRule[];
  /** It cuts every connection at this age, ms; 0: never. */
  connectionLifetimeMs: number;
  /** Nothing, not even a ping, for this long: the connection is half-open. ms */
  silenceLimitMs: number;
  /** Send a WebSocket ping this often, ms; 0: the venue pings or answers texts often enough. */
  socketPingMs: number;
  requests: RequestRules;
  /** Header of each answer with the weight used in the window, lower case; '' without. */
  usedWeightHeader: string;
  /** Weight of a book snapshot; 0 where they come in the stream. */
  snapshotWeight: number;
  /** Statuses that refuse for the number of requests, and how long to stay away where the answer does not say, ms. */
  refusals: Readonly<Record<number, number>>;
}
