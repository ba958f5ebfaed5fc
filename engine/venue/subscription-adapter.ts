import type { MarketAdapter, MarketAdapterIo } from './market-adapter.ts';

/** What an adapter of a venue with subscribe messages may ask of the shell. */
export type SubscriptionIo = MarketAdapterIo;

/** A venue where streams are subscribed to by messages, not by address. */
export interface SubscriptionAdapter extends MarketAdapter {
  /** To be sent, in order, right after each connection. */
  subscriptionMessages(): string[];
  /** Send {@link pingMessage} this often. */
  readonly pingIntervalMs: number;
  pingMessage(): string;
}
