import type { FaultName } from '../../contract/fault-menu.ts';
import { BookState, nameOf, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import type { OrderBook } from '../../market/order-book.ts';
import type { BookCopy } from '../../simulation/dialect/book-memory.ts';
import { FaultMenu } from '../../simulation/faults/fault-menu.ts';
import { FeedFaultMenu } from '../../simulation/faults/feed-fault-menu.ts';
import { VenueConnections } from '../../simulation/faults/venue-connections.ts';
import { createFeedVenue, type FeedVenue } from '../../simulation/feed-venue.ts';
import { SeededRandom } from '../../simulation/seeded-random.ts';
import type { SymbolSpec } from '../../simulation/symbol-spec.ts';
import { BookTruth } from './book-truth.ts';
import { faultsOf, type PlantedFault, plantedFault } from './planted-fault.ts';
import { ProbedCore, type SentOrder } from './probed-core.ts';
import { canHide, type SweepVenue } from './sweep-venue.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualFeed } from './virtual-feed.ts';

/** A day in 2026; what the day is does not matter. */
const START_MS = 1_770_000_000_000;
const VENUE_STEP_MS = 20;
/** Copies of each book to compare with: more than the latest message can lag. */
const REMEMBERED = 600;
const FAULTS_A_SESSION = 3;
const FIRST_LIVE_LIMIT_MS = 30_000;
/** A fault that waits for its occasion (a delete, a snapshot) this long is passed over. */
const HIT_LIMIT_MS = 20_000;
/** From the end of a fault to a live book: the longest watchdog, then a new connection with all its back-off. */
const HEAL_LIMIT_MS = 120_000;
const MAX_REQUESTS = 2;
/** Whatever is spoilt: requests do not come faster than this for long. */
const MIN_REQUEST_MS = 500;
/** Age of a live book: the watchdog of adapters (10 s), what a trickle holds up, and some air. */
const MAX_AGE_MS = 20_000;
/** A wrong book shows while it lasts: the session goes on this long after it is live again. */
const AFTER_MS = 1_500;

/** What became of one planted fault. */
export interface FaultOutcome {
  fault: FaultName;
  hit: boolean;
  /** ms from leaving `live` to being live again; NaN where it never left. */
  healMs: number;
  /** Snapshots asked for meanwhile, of the symbol with the most. */
  requests: number;
}

export interface SessionResult {
  seed: number;
  outcomes: FaultOutcome[];
  /** Empty when every invariant held. */
  failure: string;
  /** Messages after which the books were compared. */
  comparisons: number;
  probes: number;
  accepted: number;
}

class Violation extends Error {}

interface Watched {
  spec: InstrumentSpec;
  lastId: number;
  lastTimeMs: number;
  changed: boolean;
  /** The venue's book that the applied one is. */
  copy: BookCopy | undefined;
  /** A content fault may have left something in the book that only the next snapshot clears. */
  tainted: boolean;
  /** Venue ms of leaving `live` in this healing; NaN while live. */
  leftMs: number;
  requests: number;
  /** Requests of this healing while the fault let none through: no adapter can know that asking again is in vain. */
  unheard: number;
  /** Snapshots that faults have spoilt before this healing. */
  spoiltBefore: number;
  /** The worst healing since the fault was planted. */
  healMs: number;
  healRequests: number;
}

/**
 * One seeded session: a simulated venue, a real adapter and a real trading core in virtual time, with faults planted one
 * after another, and the promises checked after every message. The same seed gives the same session.
 */
export class SweepSession {
  readonly #venue: SweepVenue;
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #clock = new VirtualClock(START_MS);
  readonly #menu: FaultMenu;
  readonly #feedVenue: FeedVenue;
  readonly #feed: VirtualFeed;
  readonly #probed: ProbedCore;
  readonly #truth: BookTruth;
  readonly #watched: Watched[];
  readonly #plan: PlantedFault[];
  readonly #outcomes: FaultOutcome[] = [];
  #current: PlantedFault | undefined;
  #plantedMs = 0;
  #failure = '';
  #comparisons = 0;

  constructor(venue: SweepVenue, seed: number, only?: FaultName) {
    this.#venue = venue;
    this.#seed = seed;
    this.#random = new SeededRandom(seed, `sweep ${venue.protocol}`);
    const { protocol, symbols } = venue;
    const nowMs = (): number => this.#clock.nowMs();
    this.#menu = new FaultMenu(nowMs, [protocol]);
    this.#feedVenue = createFeedVenue({
      protocol,
      seed,
      startMs: START_MS,
      symbols,
      faults: new FeedFaultMenu(this.#menu, seed, nowMs),
      rememberedBooks: REMEMBERED,
    });
    const { markets, memory } = this.#feedVenue;
    const connections = new VenueConnections(this.#clock, () => [this.#feedVenue]);
    this.#menu.onInstant = (status) => connections.act(status);
    const instruments = symbols.map((symbol, index) => {
      const spec = markets.specs.find((one) => one.symbol === symbol);
      if (spec === undefined) throw new RangeError(`Expected a symbol that ${protocol} lists, was ${symbol}`);
      return instrumentOf(spec, index, protocol);
    });
    this.#watched = instruments.map((spec) => ({
      spec,
      lastId: 0,
      lastTimeMs: 0,
      changed: false,
      copy: undefined,
      tainted: false,
      leftMs: START_MS,
      requests: 0,
      unheard: 0,
      spoiltBefore: 0,
      healMs: Number.NaN,
      healRequests: 0,
    }));
    this.#feed = new VirtualFeed(this.#feedVenue, instruments, this.#menu, connections, this.#clock, this.#random, {
      onEvent: (slot) => this.#onEvent(slot),
      onSettled: () => this.#check(),
      onSnapshotRequest: (instrument) => {
        const watched = this.#watched[instrument] as Watched;
        if (Number.isNaN(watched.leftMs)) return;
        watched.requests++;
        if (this.#isDeaf()) watched.unheard++;
      },
    });
    this.#probed = new ProbedCore(
      instruments,
      START_MS * 1000,
      (instrument, timeNs, reason) => this.#feed.adapter.onCrossed(instrument, timeNs, reason),
      (order) => this.#onSent(order),
    );
    this.#truth = new BookTruth(venue, memory);
    this.#plan = this.#makePlan(only);
  }

  /** Plays to the end of the plan or to the first broken promise. */
  run(): SessionResult {
    try {
      this.#play();
    } catch (error) {
      this.#failure = this.#inContext(error);
    }
    const { probes, accepted } = this.#probed;
    return {
      seed: this.#seed,
      outcomes: this.#outcomes,
      failure: this.#failure,
      comparisons: this.#comparisons,
      probes,
      accepted,
    };
  }

  #makePlan(only: FaultName | undefined): PlantedFault[] {
    const all = faultsOf(this.#venue.protocol);
    return Array.from({ length: FAULTS_A_SESSION }, (_, i) => {
      // In turns, so that a thousand seeds plant each equally often, in ever other company.
      const turn = this.#seed * FAULTS_A_SESSION + i;
      const fault = only ?? (all[(turn + Math.floor(turn / all.length) * i) % all.length] as FaultName);
      return plantedFault(fault, this.#venue, this.#random);
    });
  }

  #play(): void {
    const advance = (): void => {
      this.#feedVenue.advance(this.#clock.nowMs());
      this.#clock.after(VENUE_STEP_MS, advance);
    };
    advance();
    this.#feed.start();
    this.#until(FIRST_LIVE_LIMIT_MS, () => this.#allLive(), 'every book live at the start');
    for (const planted of this.#plan) {
      this.#pass(200 + this.#random.integer(2_000));
      this.#plant(planted);
    }
    this.#pass(AFTER_MS);
  }

  #plant(planted: PlantedFault): void {
    const { command, trigger } = planted;
    for (const watched of this.#watched) {
      watched.healMs = Number.NaN;
      watched.healRequests = 0;
    }
    this.#current = planted;
    this.#plantedMs = this.#clock.nowMs();
    const ids = [this.#menu.arm(command).id];
    if (trigger !== undefined) {
      ids.push(this.#menu.arm(trigger).id);
      // Once more while the snapshot is on its way: what is kept for it has a hole then.
      if (command.fault === 'lateSnapshot') {
        this.#clock.after(150 + this.#random.integer(600), () => ids.push(this.#menu.arm(trigger).id));
      }
    }
    const isOver = (): boolean => this.#menu.list().every((status) => !status.active || !ids.includes(status.id));
    this.#while(() => !isOver() && this.#clock.nowMs() - this.#plantedMs < HIT_LIMIT_MS + (command.durationMs ?? 0));
    const hit = (this.#menu.list().find((status) => status.id === ids[0])?.hits ?? 0) > 0;
    for (const id of ids) this.#menu.disarm(id);
    // What was hit last has yet to arrive, or to be missed.
    this.#pass(command.fault === 'halfOpen' || command.fault === 'serverShutdown' ? (command.durationMs ?? 0) : 500);
    this.#until(HEAL_LIMIT_MS, () => this.#allLive(), `every book live again after ${command.fault}`);
    this.#pass(AFTER_MS);
    const healed = this.#watched.filter(({ healMs }) => !Number.isNaN(healMs));
    this.#outcomes.push({
      fault: command.fault,
      hit,
      healMs: healed.length === 0 ? Number.NaN : Math.max(...healed.map(({ healMs }) => healMs)),
      requests: Math.max(0, ...healed.map(({ healRequests }) => healRequests)),
    });
    this.#current = undefined;
  }

  #onEvent(slot: EventSlot): void {
    const watched = this.#watched[slot.instrument] as Watched;
    const { kind } = slot;
    if (kind === RecordKind.snapshotBegin) watched.tainted = false;
    if (kind === RecordKind.diffEnd || kind === RecordKind.snapshotEnd) {
      watched.lastId = kind === RecordKind.diffEnd ? slot.aux : slot.id;
      watched.lastTimeMs = slot.exchangeTimeUs / 1000;
      watched.changed = true;
    }
    this.#probed.core.step(slot);
    if (kind === RecordKind.bookState) this.#onState(slot.instrument, watched);
  }

  #onState(instrument: number, watched: Watched): void {
    const isLive = this.#probed.isLive(instrument);
    watched.changed = true;
    if (isLive && !Number.isNaN(watched.leftMs)) this.#onHealed(watched);
    if (isLive || !Number.isNaN(watched.leftMs)) return;
    watched.leftMs = this.#clock.nowMs();
    watched.requests = 0;
    watched.unheard = 0;
    watched.spoiltBefore = this.#spoiltSnapshots();
    if (this.#current?.isOfOneSymbol === true && instrument !== 0) {
      const state = nameOf(BookState, this.#probed.core.bookStates[instrument] as BookState);
      throw new Violation(
        `${watched.spec.symbol}: expected to stay live, was ${state} through a fault of another symbol`,
      );
    }
  }

  #onHealed(watched: Watched): void {
    const healMs = this.#clock.nowMs() - watched.leftMs;
    watched.leftMs = Number.NaN;
    // Each snapshot that the fault spoilt may be asked for again.
    const spoilt = this.#spoiltSnapshots() - watched.spoiltBefore + watched.unheard;
    if (watched.requests > MAX_REQUESTS + healMs / MIN_REQUEST_MS) {
      throw new Violation(
        `${watched.spec.symbol}: expected no storm of requests, was ${watched.requests} in ${healMs} ms`,
      );
    }
    if (watched.requests > MAX_REQUESTS + spoilt) {
      const allowed = spoilt === 0 ? '' : ` and ${spoilt} spoilt by faults`;
      throw new Violation(
        `${watched.spec.symbol}: expected at most ${MAX_REQUESTS} snapshot requests${allowed}, was ${watched.requests}`,
      );
    }
    watched.healMs = Number.isNaN(watched.healMs) ? healMs : Math.max(watched.healMs, healMs);
    watched.healRequests = Math.max(watched.healRequests, watched.requests - spoilt);
  }

  /** The fault under way keeps everything from the client. */
  #isDeaf(): boolean {
    const { fault, durationMs = 0 } = this.#current?.command ?? {};
    return (fault === 'silentStall' || fault === 'halfOpen') && this.#clock.nowMs() < this.#plantedMs + durationMs;
  }

  #spoiltSnapshots(): number {
    let spoilt = 0;
    for (const { fault, hits } of this.#menu.list()) {
      if (fault === 'lateSnapshot' || fault === 'staleSnapshot' || fault === 'failedSnapshot') spoilt += hits;
      if (fault === 'rateLimit') spoilt += hits;
    }
    return spoilt;
  }

  /** After every call into the adapter: a live book is the venue's, and orders leave only for one that is. */
  #check(): void {
    const timeNs = this.#feed.nowNs;
    for (let i = 0; i < this.#watched.length; i++) {
      const watched = this.#watched[i] as Watched;
      if (!watched.changed) {
        this.#expectFresh(i, watched);
        continue;
      }
      watched.changed = false;
      if (this.#probed.isLive(i)) this.#compare(i, watched);
      this.#probed.probe(i, timeNs);
    }
  }

  #compare(instrument: number, watched: Watched): void {
    this.#comparisons++;
    if (this.#current !== undefined && canHide(this.#current.command.fault, this.#venue)) watched.tainted = true;
    const book = this.#probed.core.books[instrument] as OrderBook;
    const { depth, provenLevels } = this.#venue;
    const levels = watched.tainted ? provenLevels : depth;
    const candidates = this.#candidates(watched);
    let first = '';
    for (const copy of candidates) {
      const difference = this.#truth.difference(book, copy, levels);
      if (difference === '') {
        watched.copy = copy;
        return;
      }
      first ||= difference;
    }
    throw new Violation(`${watched.spec.symbol} is live and wrong: ${first}`);
  }

  /** A book that stands still while the venue's goes on was right once: that is not enough either. */
  #expectFresh(instrument: number, watched: Watched): void {
    const { copy } = watched;
    if (copy === undefined || !this.#probed.isLive(instrument)) return;
    const newestMs = this.#truth.newestMs(watched.spec.symbol);
    const ageMs = this.#clock.nowMs() - copy.timeMs;
    if (newestMs <= copy.timeMs || ageMs <= MAX_AGE_MS) return;
    const seconds = (ageMs / 1000).toFixed(1);
    throw new Violation(`${watched.spec.symbol}: expected live only while it follows, was ${seconds} s behind`);
  }

  #candidates(watched: Watched): BookCopy[] {
    const { symbol } = watched.spec;
    const found = this.#truth.candidates(symbol, watched.lastId, watched.lastTimeMs, watched.copy, watched.tainted);
    if (found.length > 0) return found;
    throw new Violation(`${symbol} is live at update ${watched.lastId} of ${watched.lastTimeMs}, which never was`);
  }

  /** An order left: its book must be live, and nothing may be priced at a level that the venue does not have. */
  #onSent({ instrument, side, priceTicks }: SentOrder): void {
    const watched = this.#watched[instrument] as Watched;
    const name = `${side === Side.buy ? 'buy' : 'sell'} ${watched.spec.symbol} at ${priceTicks}`;
    if (!this.#probed.isLive(instrument)) throw new Violation(`${name}: expected refused, was sent although not live`);
    const { bids, asks } = watched.copy as BookCopy;
    const isReal =
      side === Side.buy ? priceTicks >= (asks[0] ?? 0) : priceTicks <= (bids[0] ?? Number.POSITIVE_INFINITY);
    if (!isReal) throw new Violation(`${name}: expected no order on a ghost, was beyond the venue's touch`);
  }

  #allLive(): boolean {
    return this.#watched.every((_, i) => this.#probed.isLive(i));
  }

  #pass(ms: number): void {
    const endMs = this.#clock.nowMs() + ms;
    this.#while(() => this.#clock.nowMs() < endMs);
  }

  #until(limitMs: number, done: () => boolean, what: string): void {
    const endMs = this.#clock.nowMs() + limitMs;
    this.#while(() => !done() && this.#clock.nowMs() < endMs);
    if (done()) return;
    const states = this.#watched.map(({ spec }, i) => {
      const { state, stateReason } = this.#feed.adapter.counters(i);
      return `${spec.symbol} ${nameOf(BookState, state as BookState)}: ${stateReason}`;
    });
    throw new Violation(`expected ${what} within ${limitMs / 1000} s, was ${states.join('; ')}`);
  }

  #while(condition: () => boolean): void {
    while (condition()) if (!this.#clock.step()) throw new Error('Expected something to come, was nothing');
  }

  #inContext(error: unknown): string {
    const seconds = ((this.#clock.nowMs() - START_MS) / 1000).toFixed(3);
    const during = this.#current === undefined ? '' : ` during ${JSON.stringify(this.#current.command)}`;
    const text = error instanceof Violation ? error.message : error instanceof Error ? error.stack : String(error);
    return `at ${seconds} s${during}: ${text}`;
  }
}

function instrumentOf(spec: SymbolSpec, index: number, venue: string): InstrumentSpec {
  const { symbol, baseAsset, quoteAsset, tickSize, lotSize, priceDecimals, sizeDecimals } = spec;
  return {
    index,
    venue,
    symbol,
    baseAsset,
    quoteAsset,
    tickSize,
    lotSize,
    priceDecimals,
    sizeDecimals,
    minNotional: 0,
    makerFee: 0.001,
    takerFee: 0.001,
  };
}
