import type { MarketProtocol } from '../../contract/market-protocol.ts';
import type { BookUpdate, FeedFaults, Payload, PayloadKind, SnapshotFault } from '../dialect/dialect.ts';
import type { ToldLevel } from '../dialect/book-memory.ts';
import { rightSnapshot } from '../dialect/dialect.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { FaultMenu } from './fault-menu.ts';
import { flipBit, flipTopBit } from './bit-flip.ts';
import { RequestBan } from './request-ban.ts';

/** Protocols whose books carry a checksum over prices and sizes: there any bit may flip. */
const checksummed: readonly MarketProtocol[] = ['okx', 'kraken'];
/** Answers to pings, in all protocols. */
const pong = /^pong$|"pong"|"status":"UP"/;
/** Ticks that a crossed book's bid reaches beyond the best ask. */
const MAX_CROSS_TICKS = 3;

/** The faults of a venue's feed, as the fault menu says: what dialects ask at each book, snapshot, payload and request. */
export class FeedFaultMenu implements FeedFaults {
  readonly #menu: FaultMenu;
  readonly #random: SeededRandom;
  readonly #ban: RequestBan;
  /** Book messages that wait to come after the next one, by protocol and book. */
  readonly #held = new Map<string, BookUpdate>();

  constructor(menu: FaultMenu, seed: number, nowMs: () => number) {
    this.#menu = menu;
    this.#random = new SeededRandom(seed, 'feed-faults');
    this.#ban = new RequestBan(nowMs);
  }

  book(protocol: MarketProtocol, update: BookUpdate): readonly BookUpdate[] {
    if (this.#menu.isQuiet && this.#held.size === 0) return [update];
    const { symbol } = update.market.spec;
    const key = `${protocol} ${update.bookKey}`;
    const held = this.#held.get(key);
    if (held !== undefined) {
      this.#held.delete(key);
      return [update, held];
    }
    // What a client asked for is the snapshot faults' matter.
    if (update.kind === 'snapshot' && protocol !== 'upbit') return [update];
    const menu = this.#menu;
    if (menu.take('gap', protocol, symbol)) return [];
    if (menu.take('duplicate', protocol, symbol)) return [update, update];
    if (menu.take('reorder', protocol, symbol)) {
      this.#held.set(key, update);
      return [];
    }
    let told = update;
    if (menu.has('omittedDelete', protocol, symbol)) {
      const without = withoutDelete(told);
      if (without !== undefined) {
        menu.take('omittedDelete', protocol, symbol);
        told = without;
      }
    }
    if (menu.has('crossedBook', protocol, symbol)) {
      const crossed = this.#crossed(told);
      if (crossed !== undefined) {
        menu.take('crossedBook', protocol, symbol);
        told = crossed;
      }
    }
    if (told.checksum !== 0 && menu.take('wrongChecksum', protocol, symbol)) {
      // Signed or not, in the range that the true one has.
      told = { ...told, checksum: told.checksum ^ (1 << this.#random.integer(30)) };
    }
    return [told];
  }

  snapshot(protocol: MarketProtocol, symbol: string): SnapshotFault {
    const menu = this.#menu;
    if (menu.isQuiet) return rightSnapshot;
    const late = menu.take('lateSnapshot', protocol, symbol);
    const stale = menu.take('staleSnapshot', protocol, symbol) !== undefined;
    const failed = menu.take('failedSnapshot', protocol, symbol) !== undefined;
    return { delayMs: late?.durationMs ?? 0, stale, status: failed ? 500 : 200 };
  }

  payload(protocol: MarketProtocol, symbol: string, kind: PayloadKind, payload: Payload): Payload | undefined {
    const menu = this.#menu;
    if (menu.isQuiet) return payload;
    if (kind === 'control') {
      const isPong = menu.has('unansweredPing', protocol) && pong.test(textOf(payload));
      return isPong && menu.holds('unansweredPing', protocol) ? undefined : payload;
    }
    const isRest = kind === 'snapshot' && protocol.startsWith('binance');
    if (!isRest && menu.holds('silentStall', protocol, symbol)) return undefined;
    if (kind !== 'book') return payload;
    let told = payload;
    if (protocol === 'upbit' && menu.take('wrongChecksum', protocol, symbol)) told = withWrongTotal(told);
    if (menu.take('bitFlip', protocol, symbol)) {
      told = checksummed.includes(protocol) ? flipBit(told, this.#random) : flipTopBit(told, this.#random);
    }
    return told;
  }

  request(protocol: MarketProtocol, _path: string): number {
    return this.#refusal(protocol);
  }

  connection(protocol: MarketProtocol, _path: string): number {
    return this.#refusal(protocol);
  }

  #refusal(protocol: MarketProtocol): number {
    return this.#ban.status(protocol, this.#menu.holds('rateLimit', protocol));
  }

  /** A bid at or above the best ask, in the place where the book's best bid is told; undefined while a side is empty. */
  #crossed(update: BookUpdate): BookUpdate | undefined {
    const { bestAskTicks, spec } = update.market;
    if (bestAskTicks === 0 || update.market.bestBidTicks === 0) return undefined;
    const ticks = bestAskTicks + this.#random.integer(MAX_CROSS_TICKS);
    const bid: ToldLevel = { ticks, lots: 1 + this.#random.integer(spec.typicalLots) };
    return { ...update, bids: [bid, ...update.bids.filter((level) => level.ticks !== ticks)] };
  }
}

/** Without the delete nearest to the touch; undefined when there is none. */
function withoutDelete(update: BookUpdate): BookUpdate | undefined {
  const bid = update.bids.findIndex((level) => level.lots === 0);
  const ask = update.asks.findIndex((level) => level.lots === 0);
  if (bid < 0 && ask < 0) return undefined;
  const fromBids = ask < 0 || (bid >= 0 && bid <= ask);
  const without = (levels: readonly ToldLevel[], at: number): ToldLevel[] => levels.filter((_, i) => i !== at);
  return fromBids ? { ...update, bids: without(update.bids, bid) } : { ...update, asks: without(update.asks, ask) };
}

function textOf(payload: Payload): string {
  return typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8');
}

/** Upbit's totals are its checksum: another first digit in the asks' total. */
function withWrongTotal(payload: Payload): Payload {
  const wrong = textOf(payload).replace(
    /("(?:tas|total_ask_size)":)(\d)/,
    (_, key: string, digit: string) => `${key}${digit === '9' ? '8' : Number(digit) + 1}`,
  );
  return typeof payload === 'string' ? wrong : Buffer.from(wrong);
}
