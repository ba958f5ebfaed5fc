import type { MarketAdapter, MarketAdapterIo } from './market-adapter.ts';

/** What an adapter of a venue with subscribe messages may ask of the shell. */
export interface SubscriptionIo extends MarketAdapterIo {
  /** Send a text over the stream socket, in order; dropped when it is not connected. */
  send(text: string): void;
}

/** A venue where streams are subscribed to by messages, not by address. */
export interface SubscriptionAdapter extends MarketAdapter {
  /** To be sent, in order, right after each connection. */
  subscriptionMessages(): string[];
  /** Send {@link pingMessage} this often. */
  readonly pingIntervalMs: number;
  pingMessage(): string;
}
