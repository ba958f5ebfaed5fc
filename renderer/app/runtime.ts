/** What lives as long as the page: host, links, hot state, the frame loop. Built once in main.tsx; React only reads it. */
import { createContext, useContext } from 'react';
import { type FramePort, readFrameHeader } from '../../engine/contract/frame.ts';
import type { HostApi } from '../../engine/contract/host-api.ts';
import { CANDLE_FIELDS, MarketField, marketFrameBody } from '../../engine/contract/market-frame.ts';
import type { ProcessName } from '../../engine/contract/process.ts';
import type { Settings } from '../../engine/contract/settings.ts';
import { roleOf } from '../../engine/contract/trading-shards.ts';
import type {
  TradingHello,
  TradingServerMessage,
  TradingSnapshot,
  TradingStats,
} from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { CandleWindow } from '../charts/candle-window.ts';
import { IntegrityLog } from '../charts/integrity-log.ts';
import { browserFrames } from '../hot/browser-frames.ts';
import { FrameScheduler } from '../hot/frame-scheduler.ts';
import { MarketState } from '../hot/market-state.ts';
import { engineText } from '../i18n/engine-text.ts';
import { i18n } from '../i18n/i18n.ts';
import { StorageLink } from '../links/storage-link.ts';
import { MAX_QUEUED_FRAMES, type TradingLinkEvents } from '../links/trading-link.ts';
import { TradingShards } from '../links/trading-shards.ts';
import { ClockOffset } from '../profiling/clock-offset.ts';
import { LagHistory } from '../profiling/feed-timing.ts';
import { observeLongFrames, PageMetrics } from '../profiling/page-metrics.ts';
import { useHostStore } from '../stores/host-store.ts';
import { OrderLedger } from '../stores/orders-store.ts';
import { MAX_ALERTS, useTradingStore } from '../stores/trading-store.ts';
import { endIncident, raiseIncident, showToast } from '../stores/ui-store.ts';
import { watchProcesses } from './process-incidents.ts';
import { StoreWatch } from './store-watch.ts';

const SLOW_TICK_MS = 250;
/** Storage tails a new journal within a fraction of this. */
const HISTORY_DELAY_MS = 1_500;

export class Runtime {
  readonly host: HostApi;
  readonly scheduler = new FrameScheduler(browserFrames());
  readonly ledger = new OrderLedger();
  readonly clock = new ClockOffset();
  readonly metrics = new PageMetrics();
  readonly lagHistory = new LagHistory();
  readonly trading: TradingShards;
  readonly storage: StorageLink;
  readonly #markets = new Map<number, MarketState>();
  readonly #candles = new Map<number, CandleWindow>();
  readonly #integrity = new Map<number, IntegrityLog>();
  readonly #snapshotListeners = new Set<() => void>();
  readonly #slowListeners = new Set<(nowMs: number) => void>();
  readonly #cleanups: (() => void)[] = [];
  #drawnSequence = -1;
  #drawnSourceNs = Number.NaN;
  #wasConnected = false;
  #sourceKey = '';
  #changedMs = Number.NEGATIVE_INFINITY;

  constructor(host: HostApi) {
    this.host = host;
    const events: TradingLinkEvents = {
      onHello: (hello) => this.#hello(hello),
      onMessage: (message) => this.#message(message),
      onPong: (sentMs, engineTimeNs) => this.clock.record(sentMs, performance.now(), engineTimeNs),
      onMarketFrame: (queued) => {
        if (queued > MAX_QUEUED_FRAMES) this.#applyFrame(this.trading.takeFrame());
        this.scheduler.wake();
      },
      onDisconnect: (reason) => this.#disconnected(reason),
      onBadFrame: (error) => showToast('error', i18n.t('toast.badFrame'), error.message),
    };
    this.trading = new TradingShards(
      (name) => this.#openPort(name),
      events,
      () => this.clock.reset(),
    );
    const storeWatch = new StoreWatch();
    this.storage = new StorageLink(() => this.#openPort('storage'), {
      onOpen: () => useHostStore.setState({ storageConnected: true }),
      onStatus: (storage) => {
        useHostStore.setState({ storage, storageConnected: true });
        storeWatch.observe(storage);
      },
      onDisconnect: () => {
        useHostStore.setState({ storageConnected: false });
        storeWatch.forget();
      },
      onBadFrame: (error) => showToast('error', i18n.t('toast.badFrame'), error.message),
    });
    this.scheduler.connect(
      () => this.#drain(),
      (timing) => {
        this.metrics.recordFrame(timing);
        this.#paid();
      },
    );
  }

  async start(): Promise<void> {
    useHostStore.setState({ info: this.host.info });
    this.#cleanups.push(this.host.onSettings((settings) => this.#settings(settings)));
    this.#settings(await this.host.getSettings());
    this.#cleanups.push(await watchProcesses(this));
    this.#cleanups.push(observeLongFrames(this.metrics));
    this.#cleanups.push(this.ledger.onChange(() => this.scheduler.invalidate()));
    const yieldToInput = (): void => this.scheduler.yieldToInput();
    for (const type of ['pointerdown', 'keydown']) {
      addEventListener(type, yieldToInput, { capture: true, passive: true });
      this.#cleanups.push(() => removeEventListener(type, yieldToInput, { capture: true }));
    }
    const slow = setInterval(() => this.#slowTick(), SLOW_TICK_MS);
    const decay = setInterval(() => this.metrics.decay(), 10_000);
    this.#cleanups.push(() => clearInterval(slow));
    this.#cleanups.push(() => clearInterval(decay));
    this.trading.start();
    this.storage.start();
  }

  stop(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.trading.stop();
    this.storage.stop();
  }

  /** Hot state of an instrument; made when first asked for. */
  market(instrument: number): MarketState {
    let market = this.#markets.get(instrument);
    if (!market) {
      market = new MarketState(instrument);
      this.#markets.set(instrument, market);
    }
    return market;
  }

  /** Hot state of the instrument on screen. */
  get current(): MarketState {
    return this.market(useTradingStore.getState().instrument);
  }

  candleWindow(instrument: number): CandleWindow {
    let window = this.#candles.get(instrument);
    if (!window) {
      window = new CandleWindow();
      this.#candles.set(instrument, window);
    }
    return window;
  }

  /** What is known of the times when an instrument's book was not right. */
  integrity(instrument: number): IntegrityLog {
    let log = this.#integrity.get(instrument);
    if (!log) {
      log = new IntegrityLog();
      this.#integrity.set(instrument, log);
    }
    return log;
  }

  /** Called after each snapshot: caches built from older state are to be refreshed. */
  onSnapshot(listener: () => void): () => void {
    this.#snapshotListeners.add(listener);
    return () => this.#snapshotListeners.delete(listener);
  }

  /** Called four times a second, also in a hidden window. */
  onSlowTick(listener: (nowMs: number) => void): () => void {
    this.#slowListeners.add(listener);
    return () => this.#slowListeners.delete(listener);
  }

  /** How long storage may still answer for the session before, ms: it follows the journal a moment later. */
  get historyDelayMs(): number {
    return Math.max(0, this.#changedMs + HISTORY_DELAY_MS - performance.now());
  }

  /** Saves settings; says so where it fails. */
  async saveSettings(patch: Partial<Settings>): Promise<boolean> {
    // Shown at once. What main stored comes with its message to all pages, not with the answer: where main reads two
    // changes at once, the answer to the first leaves behind the message of the second, and would take that back.
    this.#settings({ ...useHostStore.getState().settings, ...patch });
    try {
      await this.host.updateSettings(patch);
      return true;
    } catch (error) {
      showToast('error', i18n.t('toast.settingsRefused'), error instanceof Error ? error.message : String(error));
      this.#settings(await this.host.getSettings());
      return false;
    }
  }

  /** Does not knock where nobody is yet: a refused connection is an error in the browser's log. */
  async #openPort(name: ProcessName): Promise<FramePort> {
    const status = useHostStore.getState().processes.find((process) => process.name === name);
    if (status && status.state !== 'ready') {
      throw new Error(`Expected the ${name} process to be ready, was ${status.state}`);
    }
    return this.host.openPort(name);
  }

  #settings(settings: Settings): void {
    const before = useHostStore.getState();
    // Before the store: who hears of a new theme reads its colours from the document.
    // Only where they differ: written anew, the same values cost a new style of every element, at each change of size.
    const { documentElement } = document;
    if (documentElement.lang !== settings.language) documentElement.lang = settings.language;
    if (documentElement.dataset['theme'] !== settings.theme) documentElement.dataset['theme'] = settings.theme;
    if (i18n.language !== settings.language) void i18n.changeLanguage(settings.language);
    // Main tells a page of its own change as well: what is known already draws nothing anew.
    if (before.settingsLoaded && JSON.stringify(before.settings) === JSON.stringify(settings)) return;
    useHostStore.setState({ settings, settingsLoaded: true });
    if (before.settings.theme !== settings.theme) this.scheduler.invalidate();
  }

  #hello(hello: TradingHello): number {
    const before = useTradingStore.getState();
    const sourceKey = sourceKeyOf(hello.source, hello.instruments);
    const sameSource = sourceKey === this.#sourceKey;
    // Each journal counts its own sessions: the number alone does not tell a replay from what was traded before it.
    const sameSession = sameSource && hello.session === before.session;
    if (!sameSession) {
      if (before.epoch > 0) this.#changedMs = performance.now();
      this.clock.reset();
      for (const market of this.#markets.values()) market.reset();
      // A replay starts over at the same times; a simulated market goes on, and its candles stay on screen.
      if (!sameSource || hello.source.kind === 'replay') {
        for (const window of this.#candles.values()) window.clear();
        for (const log of this.#integrity.values()) log.clear();
      }
      this.lagHistory.clear();
    }
    this.#sourceKey = sourceKey;
    const { selectedSymbol, selectedVenue } = useHostStore.getState().settings;
    const named = hello.instruments.filter((spec) => spec.symbol === selectedSymbol);
    const instrument = named.find((spec) => spec.venue === selectedVenue) ?? named[0] ?? hello.instruments[0];
    useTradingStore.setState({
      session: hello.session,
      ...(sameSession ? {} : { stats: null, epoch: before.epoch + 1, removed: new Set<number>() }),
      mode: hello.mode,
      source: hello.source,
      instruments: byIndex(hello.instruments),
      strategies: hello.strategies,
      rails: hello.rails,
      instrument: instrument?.index ?? -1,
    });
    return instrument?.index ?? 0;
  }

  #message(message: Exclude<TradingServerMessage, { type: 'hello' | 'reply' | 'pong' }>): void {
    const set = useTradingStore.setState;
    switch (message.type) {
      case 'snapshot':
        this.#snapshot(message);
        break;
      case 'stats':
        this.#stats(message);
        break;
      case 'order':
        this.ledger.putOrder(message.order);
        if (message.order.status === 'rejected') {
          showToast(
            'error',
            i18n.t('toast.orderRejected', { number: message.order.orderNumber }),
            engineText(message.order.reason),
          );
        }
        break;
      case 'fill':
        this.ledger.putFill(message.fill);
        break;
      case 'position':
        set((state) => ({ positions: { ...state.positions, [message.position.instrument]: message.position } }));
        break;
      case 'alert': {
        const { alert } = message;
        set((state) => ({ alerts: [alert, ...state.alerts].slice(0, MAX_ALERTS) }));
        if (alert.level === 'critical') {
          const key = `alert:${alert.sequence}`;
          raiseIncident({
            key,
            kind: 'alert',
            title: i18n.t('banner.alert'),
            text: alert.text,
            sinceMs: alert.timeUs / 1000,
          });
          endIncident(key, Date.now());
        } else if (alert.level === 'warning' && !this.#isSaidElsewhere(alert.text)) {
          showToast('warning', i18n.t('alertLevel.warning'), engineText(alert.text));
        }
        break;
      }
      case 'strategy':
        set({ strategy: message.strategy });
        break;
      case 'kill':
        set({ kill: message.kill, killAtMs: performance.now() });
        this.#killIncident();
        break;
      case 'rails':
        set({ rails: message.rails });
        break;
      case 'bookState': {
        const { instrument, state: book, reason } = message;
        // An engine that does not say when: a recording's clock is in its frames, else it is now.
        const exchangeTimeUs = this.market(instrument).header[MarketField.exchangeTimeUs] as number;
        const replayed = useTradingStore.getState().source.kind === 'replay' && exchangeTimeUs > 0;
        const timeUs = message.timeUs ?? (replayed ? exchangeTimeUs : Date.now() * 1000);
        this.integrity(instrument).add({ timeUs, state: book, reason });
        set((state) => ({
          bookStates: { ...state.bookStates, [instrument]: { state: book, reason, sinceUs: timeUs } },
        }));
        this.scheduler.invalidate();
        break;
      }
      case 'instruments':
        // The same session with one more or less: what is on screen stays.
        this.#sourceKey = sourceKeyOf(useTradingStore.getState().source, message.instruments);
        set({ instruments: byIndex(message.instruments) });
        break;
    }
  }

  #stats(stats: TradingStats): void {
    this.lagHistory.record(stats.feed);
    const { removed } = useTradingStore.getState();
    const now = stats.feed.flatMap((feed, index) => (feed.removed ? [index] : []));
    const same = now.length === removed.size && now.every((index) => removed.has(index));
    useTradingStore.setState({ stats, ...(same ? {} : { removed: new Set(now) }) });
  }

  /** A rejected order says so itself, and so does the badge of a book; a book out of sight matters where something is at stake. */
  #isSaidElsewhere(text: string): boolean {
    if (/^Order \d+ rejected: /.test(text)) return true;
    const symbol = /^(\S+) book is \w+: /.exec(text)?.[1];
    if (symbol === undefined) return false;
    const { instruments, instrument, positions, strategy } = useTradingStore.getState();
    return !instruments.some(
      (spec) =>
        spec?.symbol === symbol &&
        spec.index !== instrument &&
        ((positions[spec.index]?.positionLots ?? 0) !== 0 ||
          (strategy?.state === 'running' && strategy.instrument === spec.index)),
    );
  }

  #killIncident(): void {
    const { kill } = useTradingStore.getState();
    if (kill.state === 'alarm') {
      raiseIncident({ key: 'kill', kind: 'kill', title: i18n.t('kill.alarm'), text: kill.detail, sinceMs: Date.now() });
    } else endIncident('kill', Date.now());
  }

  #snapshot(snapshot: TradingSnapshot): void {
    this.ledger.replace(snapshot.orders, snapshot.fills);
    this.ledger.publish();
    for (const { instrument, rows } of snapshot.candles) {
      this.candleWindow(instrument).addLive(rows, 0, Math.floor(rows.length / CANDLE_FIELDS));
    }
    for (const view of snapshot.integrity ?? []) this.integrity(view.instrument).add(view);
    useTradingStore.setState({
      connected: true,
      disconnectReason: '',
      positions: Object.fromEntries(snapshot.positions.map((position) => [position.instrument, position])),
      alerts: [...snapshot.alerts].sort((a, b) => b.timeUs - a.timeUs || b.sequence - a.sequence).slice(0, MAX_ALERTS),
      strategy: snapshot.strategy,
      kill: snapshot.kill,
      killAtMs: performance.now(),
      bookStates: Object.fromEntries(
        snapshot.bookStates.map(({ instrument, state, reason }) => {
          const { newest } = this.integrity(instrument);
          return [instrument, { state, reason, sinceUs: newest?.state === state ? newest.timeUs : 0 }];
        }),
      ),
    });
    this.#wasConnected = true;
    this.#killIncident();
    endIncident('connection', Date.now());
    for (const listener of this.#snapshotListeners) listener();
    this.scheduler.invalidate();
  }

  #disconnected(reason: string): void {
    const { connected } = useTradingStore.getState();
    useTradingStore.setState({ connected: false, disconnectReason: reason });
    if (connected) this.scheduler.invalidate();
    if (!this.#wasConnected || !connected) return;
    // A dead process has its own banner; this one is for a port that is lost by itself.
    setTimeout(() => {
      const trading = useHostStore.getState().processes.filter(({ name }) => roleOf(name) === 'trading');
      const ready = trading.length > 0 && trading.every(({ state }) => state === 'ready');
      if (useTradingStore.getState().connected || !ready) return;
      raiseIncident({
        key: 'connection',
        kind: 'connection',
        title: i18n.t('banner.connection'),
        text: reason,
        sinceMs: Date.now(),
      });
    }, 800);
  }

  #drain(): void {
    let frame = this.trading.takeFrame();
    if (!frame) return;
    const current = useTradingStore.getState().instrument;
    let touched = false;
    for (; frame; frame = this.trading.takeFrame()) touched = this.#applyFrame(frame) === current || touched;
    if (touched) this.scheduler.invalidate();
  }

  /** @returns instrument of the frame, -1 when it could not be used */
  #applyFrame(frame: Uint8Array | undefined): number {
    if (!frame) return -1;
    const header = readFrameHeader(frame);
    this.#drawnSequence = header.sequence;
    try {
      const body = marketFrameBody(frame);
      const instrument = body[MarketField.instrument] as number;
      this.market(instrument).apply(body, (rows, offset, count) =>
        this.candleWindow(instrument).addLive(rows, offset, count),
      );
      this.#drawnSourceNs = body[MarketField.sourceTimeNs] as number;
      return instrument;
    } catch (error) {
      showToast('error', i18n.t('toast.badFrame'), error instanceof Error ? error.message : String(error));
      return -1;
    }
  }

  /** After the panels are drawn: measures, and grants the engine credit for more. */
  #paid(): void {
    if (this.#drawnSequence < 0) return;
    const nowMs = performance.now();
    this.metrics.tickToPaint.record(this.clock.ageMs(this.#drawnSourceNs, nowMs));
    this.trading.sendCredit(this.#drawnSequence, nowMs);
    this.#drawnSequence = -1;
  }

  #slowTick(): void {
    const { instrument, positions, connected } = useTradingStore.getState();
    const market = this.#markets.get(instrument);
    if (connected && market && market.frames > 0) {
      const header = market.header;
      const next = {
        instrument,
        positionLots: header[MarketField.positionLots] as number,
        averagePriceTicks: header[MarketField.averagePriceTicks] as number,
        realizedPnl: header[MarketField.realizedPnl] as number,
        unrealizedPnl: header[MarketField.unrealizedPnl] as number,
        fees: header[MarketField.fees] as number,
      };
      const before = positions[instrument];
      if (!before || Object.entries(next).some(([key, value]) => before[key as keyof typeof next] !== value)) {
        useTradingStore.setState({ positions: { ...positions, [instrument]: next } });
      }
    }
    for (const listener of this.#slowListeners) listener(performance.now());
  }
}

/** Tells one market from another; the symbols are part of it, because instruments are known by their place among them. */
function sourceKeyOf(source: TradingHello['source'], instruments: readonly InstrumentSpec[]): string {
  return `${source.kind} ${source.description} ${instruments.map((spec) => `${spec.venue}:${spec.symbol}`).join()}`;
}

function byIndex(instruments: readonly InstrumentSpec[]): InstrumentSpec[] {
  const placed: InstrumentSpec[] = [];
  for (const spec of instruments) placed[spec.index] = spec;
  return placed;
}

export const RuntimeContext = createContext<Runtime | null>(null);

export function useRuntime(): Runtime {
  const runtime = useContext(RuntimeContext);
  if (!runtime) throw new Error('Expected a RuntimeContext above this component, was none');
  return runtime;
}
