import type { VenueId } from '../../contract/market-protocol.ts';
import type { TradingConfig } from '../../contract/process.ts';
import { AlertLevel, RecordKind } from '../../contract/record.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { ActionSink } from '../../execution/trading-core-options.ts';
import type { FeedCounters } from '../../venue/market-adapter.ts';
import { RefusedError, UnavailableError } from './errors.ts';
import type { EventSource, SourceContext, SourceFactory, SourceSymbols, WantedSymbol } from './event-source.ts';
import { FeedSet } from './feed/feed-set.ts';
import { type LiveConfig, type LivePlan, planLiveSource } from './live-plan.ts';
import { OrderEntryLink } from './order-entry-link.ts';
import { LiveClock, monotonicNs } from './session-clock.ts';
import { WaitLoop } from './wait-loop.ts';

const TIMER_INTERVAL_MS = 50;
/** Venues whose list could not be read at the start are asked again, less and less often. */
const FIRST_LATE_MS = 5_000;
const LAST_LATE_MS = 60_000;

/**
 * Reads the venues' instrument lists; sockets open when the source starts.
 * @throws UnusableInputError on a symbol that its venue does not trade; Error when no venue at all could be asked.
 */
export async function openLiveSource(
  config: LiveConfig,
  wait: Pick<TradingConfig, 'waitStrategy' | 'forceWaitStrategy'>,
): Promise<SourceFactory> {
  const plan = await planLiveSource(config);
  const clock = new LiveClock();
  return {
    instruments: plan.instruments,
    clock,
    execution: plan.orders === undefined ? 'paper' : 'venue',
    tradesOnly: plan.orders?.venue ?? '',
    create: (context) => new LiveSource(plan, clock, wait, context),
  };
}

/** Venues over sockets: market data of each, and orders where the session trades at one of them. */
class LiveSource implements EventSource {
  readonly description: string;
  readonly isLive = true;
  readonly actions: ActionSink;
  readonly symbols: SourceSymbols;
  readonly tradesOnly: VenueId | '';
  readonly #clock: LiveClock;
  readonly #context: SourceContext;
  readonly #wait: WaitLoop;
  readonly #plan: LivePlan;
  readonly #feeds: FeedSet;
  readonly #orders: OrderEntryLink | undefined;
  readonly #slot = new EventSlot();
  #timer: NodeJS.Timeout | undefined;
  #lateTimer: NodeJS.Timeout | undefined;
  #late: readonly WantedSymbol[] = [];
  #disposed = false;

  constructor(
    plan: LivePlan,
    clock: LiveClock,
    wait: Pick<TradingConfig, 'waitStrategy' | 'forceWaitStrategy'>,
    context: SourceContext,
  ) {
    this.#plan = plan;
    this.#clock = clock;
    this.#context = context;
    this.description = plan.description;
    this.tradesOnly = plan.orders?.venue ?? '';
    this.#wait = new WaitLoop(wait.waitStrategy, monotonicNs, wait.forceWaitStrategy);
    if (this.#wait.refusal !== '') console.warn(this.#wait.refusal);
    const { pump } = context;
    this.#feeds = new FeedSet({
      directory: plan.directory,
      instruments: plan.instruments,
      clock,
      pump,
      onMessage: () => this.#wait.onMessage(),
    });
    const { orders, directory } = plan;
    if (orders !== undefined) {
      const instruments = plan.instruments.filter((spec) => spec.venue === orders.venue);
      const budget = directory.budgetOf(orders.venue);
      this.#orders = new OrderEntryLink({ ...orders, instruments, clock, context, budget });
    }
    this.actions = this.#createActions();
    const late = (): readonly WantedSymbol[] => this.#late;
    this.symbols = {
      directory,
      get pending() {
        return late();
      },
      isRemoved: (instrument) => this.#feeds.isRemoved(instrument),
      checkUsable: (spec) => this.#feeds.checkUsable(spec),
      add: (spec) => this.#addSymbol(spec),
      remove: (instrument) => this.#feeds.remove(instrument),
    };
  }

  get waitStrategy(): string {
    return this.#wait.description;
  }

  get orderEntry(): 'up' | 'down' | 'paper' {
    return this.#orders === undefined ? 'paper' : this.#orders.isOpen ? 'up' : 'down';
  }

  counters(instrument: number): FeedCounters {
    return this.#feeds.counters(instrument);
  }

  progress(): undefined {
    return undefined;
  }

  setSpeed(): void {
    throw new Error('A live market has no speed');
  }

  get restAddresses(): EventSource['restAddresses'] {
    const { directory } = this.#plan;
    return this.#feeds.venues.map((venue) => ({ venue, restUrl: directory.addressOf(venue).restUrl }));
  }

  reconnect(reason: string): void {
    console.warn(`reconnecting, ${reason}`);
    this.#feeds.reconnect(reason);
    this.#orders?.reconnect();
  }

  start(): void {
    this.#feeds.start();
    this.#orders?.connect();
    this.#timer = setInterval(() => this.#onTimer(), TIMER_INTERVAL_MS);
    this.#askLate(this.#plan.late, FIRST_LATE_MS);
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#lateTimer);
    this.#wait.dispose();
    this.#feeds.dispose();
    this.#orders?.dispose();
  }

  #onTimer(): void {
    const nowNs = this.#clock.nowNs();
    this.#feeds.onTimer(nowNs);
    this.#orders?.onTimer(nowNs);
    this.#context.pump.emit(this.#slot.begin(RecordKind.timer, 0, nowNs));
    this.#context.pump.flush();
  }

  #addSymbol(spec: InstrumentSpec): void {
    if (spec.venue === this.tradesOnly) this.#orders?.addInstrument(spec);
    this.#feeds.add(spec);
  }

  /** Symbols of venues that could not be asked at the start join the session once they can. */
  #askLate(late: readonly WantedSymbol[], waitMs: number): void {
    this.#late = late;
    if (late.length === 0 || this.#disposed) return;
    this.#lateTimer = setTimeout(() => {
      // A bug in there is nobody's to catch: it must end the process.
      this.#addLate(late).then((still) => this.#askLate(still, Math.min(2 * waitMs, LAST_LATE_MS)));
    }, waitMs);
  }

  /** Returns those that are still missing. */
  async #addLate(late: readonly WantedSymbol[]): Promise<WantedSymbol[]> {
    const still: WantedSymbol[] = [];
    for (const wanted of late) {
      const { venue, symbol } = wanted;
      try {
        const { spec } = await this.#plan.directory.find(venue, symbol);
        if (this.#disposed) return [];
        this.#context.addInstrument(spec);
      } catch (error) {
        // The venue has answered, and will not answer otherwise.
        if (error instanceof RefusedError) this.#alert(`${venue}: ${error.message}`);
        else if (error instanceof UnavailableError) still.push(wanted);
        else throw error;
      }
    }
    return still;
  }

  #alert(text: string): void {
    const slot = this.#slot.begin(RecordKind.alert, 0, this.#clock.nowNs());
    slot.id = AlertLevel.warning;
    this.#context.pump.emit(slot.setText(text));
    this.#context.pump.flush();
  }

  #createActions(): ActionSink {
    const crossed: ActionSink['crossed'] = (instrument, timeNs, reason) =>
      this.#feeds.onCrossed(instrument, timeNs, reason);
    const orders = this.#orders;
    if (orders === undefined) {
      return {
        place: keptInside,
        cancel: keptInside,
        cancelAll: keptInside,
        queryOrder: keptInside,
        queryOpenOrders: keptInside,
        crossed,
      };
    }
    return {
      place: (order, timeNs) => orders.place(order, timeNs),
      cancel: (order, timeNs) => orders.cancel(order, timeNs),
      cancelAll: (instrument, timeNs) => orders.cancelAll(instrument, timeNs),
      queryOrder: (order, timeNs) => orders.queryOrder(order, timeNs),
      queryOpenOrders: (instrument, timeNs) => orders.queryOpenOrders(instrument, timeNs),
      crossed,
    };
  }
}

function keptInside(): never {
  throw new Error('Expected paper execution to keep its orders inside the step');
}
