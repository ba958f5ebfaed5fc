import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { FeedSink, SimulatedMarket } from '../simulated-market.ts';
import type { MarketSource } from '../market-source.ts';
import type { BookMemory, ToldLevel } from './book-memory.ts';

export type Payload = string | Uint8Array;

/** One book message before it is text: faults may change it, in copies. */
export interface BookUpdate {
  readonly market: SimulatedMarket;
  /** Which of the market's books (venues with several depths have several): key of {@link BookMemory.at}. */
  readonly bookKey: string;
  /** `snapshot` replaces the client's book; `delta` changes it. Full-book venues send snapshots only. */
  readonly kind: 'snapshot' | 'delta';
  /** Ids as they go over the wire. `lastId` is the book's id after this message, also where the wire has none. */
  readonly firstId: number;
  readonly lastId: number;
  readonly previousId: number;
  /** The market's own update id, which rises with every change, whatever a topic counts. */
  readonly sequence: number;
  /** ms since the epoch. */
  readonly timeMs: number;
  /** Best first. */
  readonly bids: readonly ToldLevel[];
  readonly asks: readonly ToldLevel[];
  /** Of the book after this message, as the protocol computes it; 0 where it has none. */
  readonly checksum: number;
}

/** `book`: deltas and full books as they happen; `snapshot`: the book a client asked for, by REST or subscription. */
export type PayloadKind = 'book' | 'snapshot' | 'trade' | 'quote' | 'control';

/** How a snapshot answers. */
export interface SnapshotFault {
  /** It shows the book of the moment it was asked for, this much later. */
  delayMs: number;
  /** It shows an older book: the oldest that is remembered. */
  stale: boolean;
  /** HTTP status; other than 200 it fails. In-stream snapshots fail by a refused subscription. */
  status: number;
}

/** Where faults take hold. {@link noFeedFaults} changes nothing. */
export interface FeedFaults {
  /** A book message that somebody listens to: what is encoded and sent instead, in this order; none swallows it. */
  book(protocol: MarketProtocol, update: BookUpdate): readonly BookUpdate[];
  /** A snapshot about to be made. */
  snapshot(protocol: MarketProtocol, symbol: string): SnapshotFault;
  /** One payload about to leave to one client; undefined swallows it. `symbol` is empty where it is about none. */
  payload(protocol: MarketProtocol, symbol: string, kind: PayloadKind, payload: Payload): Payload | undefined;
  /** A REST request about to be answered: HTTP status to refuse it with (429, 418, 403), 0 to let it through. */
  request(protocol: MarketProtocol, path: string): number;
  /** A connection about to be taken: HTTP status to refuse it with, 0 to let it through. */
  connection(protocol: MarketProtocol, path: string): number;
}

export const rightSnapshot: Readonly<SnapshotFault> = { delayMs: 0, stale: false, status: 200 };

export const noFeedFaults: FeedFaults = {
  book: (_protocol, update) => [update],
  snapshot: () => rightSnapshot,
  payload: (_protocol, _symbol, _kind, payload) => payload,
  request: () => 0,
  connection: () => 0,
};

/** One connection as a dialect sees it: no socket, so that a sweep can run it in virtual time. */
export interface DialectClient {
  send(payload: Payload): void;
  /** Ends with a close frame. */
  close(code: number, reason: string): void;
}

/** HTTP headers of a request by lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/** The dialect's end of one connection. */
export interface DialectSession {
  onMessage(text: string): void;
  onClosed(): void;
}

export interface RestRequest {
  method: string;
  /** Without the protocol's prefix and the query. */
  path: string;
  /** As sent, without the question mark. */
  query: string;
  header: HeaderReader;
}

export interface RestAnswer {
  status: number;
  body: Payload;
  headers: Record<string, string>;
  /** Leaves this much later. */
  delayMs: number;
}

/** What every dialect is made from. */
export interface DialectContext {
  readonly protocol: MarketProtocol;
  readonly markets: MarketSource;
  readonly faults: FeedFaults;
  readonly memory: BookMemory;
  /** False: checksums are sent as 0 where the protocol has that variant (OKX since 2026). */
  readonly checksums: boolean;
}

/**
 * One wire protocol, sans-IO: connections, their subscriptions, and what they are told of the markets. It is the sink of
 * its markets: events are encoded as they happen, only where somebody listens, and leave with {@link flush}.
 */
export interface Dialect extends FeedSink {
  readonly protocol: MarketProtocol;
  /** Books are published at multiples of this, ms. */
  readonly tickMs: number;
  /** Intervals at which the markets collect changed levels ({@link FeedSink.onDepth}), ms; none where books are windows. */
  readonly depthIntervalsMs: readonly number[];
  /** `path` without the protocol's prefix, with its query. */
  accepts(path: string): boolean;
  open(client: DialectClient, path: string): DialectSession;
  rest(request: RestRequest): RestAnswer;
  /** How a REST request is refused with a status, in the venue's words. */
  refusal(status: number): RestAnswer;
  /** A connection about to be opened: HTTP status to refuse it with when a limit is reached, 0 to take it. */
  admit(header: HeaderReader): number;
  /** Somebody listens to this symbol: its market must run. */
  isWanted(symbol: string): boolean;
  /** The clock has reached a multiple of {@link tickMs}: books that are due are told. */
  onTick(timeMs: number): void;
  /** The clock has moved on: what was delayed, repeats, heartbeats. */
  onTimer(nowMs: number): void;
  flush(): void;
  /** Book messages count from the start again, as after a restart of the venue's service. False: it numbers none. */
  restartSequence(symbol: string): boolean;
  /** What connected clients are told before the venue goes down; undefined where it only closes. */
  shutdownNotice(nowMs: number): Payload | undefined;
}
