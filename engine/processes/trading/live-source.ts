import type { TradingConfig, TradingSource } from '../../contract/process.ts';
import { RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { ActionSink } from '../../execution/trading-core-options.ts';
import { BinanceSpotAdapter } from '../../venue/binance-spot/binance-spot-adapter.ts';
import { parseExchangeInfo } from '../../venue/binance-spot/exchange-info.ts';
import { BinanceSpotOrderEntry } from '../../venue/binance-spot/order-entry.ts';
import type { FeedCounters, MarketAdapter } from '../../venue/market-adapter.ts';
import type { OrderEntryAdapter } from '../../venue/order-entry-adapter.ts';
import { UnusableInputError } from './errors.ts';
import type { EventSource, SourceContext, SourceFactory } from './event-source.ts';
import { LiveClock, monotonicNs } from './session-clock.ts';
import { fetchBytes, VenueSocket } from './venue-stream.ts';
import { WaitLoop } from './wait-loop.ts';

type SimSource = Extract<TradingSource, { kind: 'sim' }>;

/** Binance's standard fee, for showing; what was really paid comes with every fill. */
const STANDARD_FEE = 0.001;
const TIMER_INTERVAL_MS = 50;
const DISCOVERY_TRIES = 20;
const DISCOVERY_PAUSE_MS = 250;
/** Orders whose answer is waited for at once, at most; beyond, the stage `ack` misses some. */
const ACK_SLOTS = 4096;

/** Reads the venue's instrument list; sockets open when the source starts. @throws UnusableInputError on an unknown symbol. */
export async function openLiveSource(
  source: SimSource,
  wait: Pick<TradingConfig, 'waitStrategy' | 'forceWaitStrategy'>,
): Promise<SourceFactory> {
  const info = await fetchExchangeInfo(source.restUrl);
  const all = parseExchangeInfo(info, { makerFee: STANDARD_FEE, takerFee: STANDARD_FEE });
  const instruments = source.symbols.map((symbol, index) => {
    const found = all.find((instrument) => instrument.symbol === symbol);
    if (found === undefined) throw new UnusableInputError(`symbol: expected one the venue trades, was ${symbol}`);
    return { ...found, index };
  });
  const clock = new LiveClock();
  return {
    instruments,
    clock,
    execution: 'venue',
    create: (context) => new LiveSource(source, instruments, clock, wait, context),
  };
}

class LiveSource implements EventSource {
  readonly description: string;
  readonly isLive = true;
  readonly actions: ActionSink;
  readonly #config: SimSource;
  readonly #clock: LiveClock;
  readonly #context: SourceContext;
  readonly #wait: WaitLoop;
  readonly #market: MarketAdapter;
  readonly #orders: OrderEntryAdapter;
  readonly #stream: VenueSocket;
  readonly #api: VenueSocket;
  readonly #slot = new EventSlot();
  /** Monotonic ns of sending, by order number modulo the slots; 0 once answered. */
  readonly #sentNs = new Float64Array(ACK_SLOTS);
  readonly #sentNumbers = new Float64Array(ACK_SLOTS);
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(
    config: SimSource,
    instruments: SourceFactory['instruments'],
    clock: LiveClock,
    wait: Pick<TradingConfig, 'waitStrategy' | 'forceWaitStrategy'>,
    context: SourceContext,
  ) {
    this.#config = config;
    this.#clock = clock;
    this.#context = context;
    this.description = 'sim';
    this.#wait = new WaitLoop(wait.waitStrategy, monotonicNs, wait.forceWaitStrategy);
    if (this.#wait.refusal !== '') console.warn(this.#wait.refusal);
    const { pump } = context;

    this.#market = new BinanceSpotAdapter(
      { instruments, tradeStream: 'trade', originUs: clock.originUs },
      {
        emit: (slot) => pump.emit(slot),
        requestSnapshot: (instrument) => this.#fetchSnapshot(instrument),
        send: (text) => {
          this.#stream.send(text);
        },
        reconnect: (reason) => {
          console.warn(`market data: reconnecting, ${reason}`);
          this.#stream.reconnect();
        },
      },
    );
    this.#stream = new VenueSocket(
      () => config.streamUrl.replace(/\/stream$/, '') + (this.#market.routes[0]?.path() ?? ''),
      monotonicNs,
      {
        onOpen: () => {
          for (const text of this.#market.subscriptionMessages(0)) this.#stream.send(text);
          this.#market.onConnected(clock.nowNs(), 0);
        },
        onMessage: (bytes, readNs) => {
          this.#wait.onMessage();
          pump.beginMessage(readNs);
          this.#market.onMessage(bytes, clock.nowNs());
          pump.endMessage();
        },
        onReadEnd: () => pump.flush(),
        onClose: (reason) => {
          this.#market.onDisconnected(clock.nowNs(), reason, 0);
          pump.flush();
        },
      },
    );

    this.#orders = new BinanceSpotOrderEntry(
      {
        instruments,
        apiKey: config.apiKey,
        apiSecret: config.apiSecret,
        clientIdPrefix: context.clientIdPrefix,
        strangers: context.strangers,
        // Of the session's steady clock: when the machine's time is set, signed requests go on being accepted.
        wallClockMs: (timeNs) => clock.originUs / 1000 + timeNs / 1e6,
      },
      { emit: (slot) => this.#onOrderRecord(slot), send: (message) => this.#api.send(message) },
    );
    this.#api = new VenueSocket(() => config.apiUrl, monotonicNs, {
      onOpen: () => this.#orders.onConnected(clock.nowNs()),
      onMessage: (bytes) => this.#orders.onMessage(bytes, clock.nowNs()),
      onReadEnd: () => pump.flush(),
      onClose: (reason) => {
        this.#orders.onDisconnected(clock.nowNs(), reason);
        pump.flush();
      },
    });
    this.actions = this.#createActions();
  }

  get waitStrategy(): string {
    return this.#wait.description;
  }

  get orderEntry(): 'up' | 'down' {
    return this.#api.isOpen ? 'up' : 'down';
  }

  counters(instrument: number): FeedCounters {
    return this.#market.counters(instrument);
  }

  progress(): undefined {
    return undefined;
  }

  setSpeed(): void {
    throw new Error('A live market has no speed');
  }

  get restAddresses(): EventSource['restAddresses'] {
    return [{ venue: 'binance-spot', restUrl: this.#config.restUrl }];
  }

  reconnect(reason: string): void {
    console.warn(`reconnecting, ${reason}`);
    this.#stream.reconnect();
    this.#api.reconnect();
  }

  start(): void {
    this.#stream.connect();
    this.#api.connect();
    this.#timer = setInterval(() => this.#onTimer(), TIMER_INTERVAL_MS);
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#timer);
    this.#wait.dispose();
    this.#stream.dispose();
    this.#api.dispose();
  }

  #onTimer(): void {
    const nowNs = this.#clock.nowNs();
    this.#market.onTimer(nowNs);
    this.#orders.onTimer(nowNs);
    this.#context.pump.emit(this.#slot.begin(RecordKind.timer, 0, nowNs));
    this.#context.pump.flush();
  }

  #onOrderRecord(slot: EventSlot): void {
    if (slot.kind === RecordKind.orderAccepted) {
      const at = slot.id % ACK_SLOTS;
      const sentNs = this.#sentNs[at] as number;
      this.#sentNs[at] = 0;
      // A number of an earlier session may share the place: the time is not its own.
      if (sentNs > 0 && this.#sentNumbers[at] === slot.id) this.#context.stages.ack.record(monotonicNs() - sentNs);
    }
    this.#context.pump.emit(slot);
  }

  #fetchSnapshot(instrument: number): void {
    fetchBytes(this.#config.restUrl + this.#market.snapshotPath(instrument)).then(
      (bytes) => {
        if (this.#disposed) return;
        this.#market.onSnapshot(instrument, bytes, this.#clock.nowNs());
        this.#context.pump.flush();
      },
      (error: Error) => {
        if (this.#disposed) return;
        this.#market.onSnapshotFailed(instrument, this.#clock.nowNs(), error.message);
        this.#context.pump.flush();
      },
    );
  }

  /** Orders leave only after the journal has handed their records to the operating system. */
  #createActions(): ActionSink {
    const { pump, stages } = this.#context;
    return {
      place: (order, timeNs) => {
        pump.flush();
        const beforeNs = monotonicNs();
        this.#orders.place(order, timeNs);
        const afterNs = monotonicNs();
        this.#sentNs[order.orderNumber % ACK_SLOTS] = beforeNs;
        this.#sentNumbers[order.orderNumber % ACK_SLOTS] = order.orderNumber;
        stages.write.record(afterNs - beforeNs);
        if (pump.readNs > 0) stages.tickToOrder.record(afterNs - pump.readNs);
      },
      cancel: (order, timeNs) => {
        pump.flush();
        this.#orders.cancel(order.orderNumber, order.instrument, timeNs);
      },
      cancelAll: (instrument, timeNs) => {
        pump.flush();
        this.#orders.cancelAll(instrument, timeNs);
      },
      queryOrder: (order, timeNs) => this.#orders.queryOrder(order.orderNumber, order.instrument, timeNs),
      queryOpenOrders: (instrument, timeNs) => this.#orders.queryOpenOrders(instrument, timeNs),
      crossed: (instrument, timeNs, reason) => this.#market.onCrossed(instrument, timeNs, reason),
    };
  }
}

/** The venue may still be starting: asks a few times. */
async function fetchExchangeInfo(restUrl: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchBytes(`${restUrl}/api/v3/exchangeInfo`);
    } catch (error) {
      if (attempt === DISCOVERY_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, DISCOVERY_PAUSE_MS));
    }
  }
}
