import type { ControlEvent, TradingConfig } from '../../contract/process.ts';
import type { FramePort } from '../../contract/frame.ts';
import type { TradingReport } from '../../contract/report.ts';
import { OrderSource, RecordKind } from '../../contract/record.ts';
import type { TradingServerMessage } from '../../contract/trading-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { TradingCore } from '../../execution/trading-core.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';
import type { MachineClocks } from './clock-watch.ts';
import { EventPump } from './event-pump.ts';
import { FeedMonitor } from './feed-monitor.ts';
import { PageConnection } from './page-connection.ts';
import { buildReport } from './report-builder.ts';
import { checkedConfig, checkTraded, chosenInstrument } from './session-config.ts';
import { SessionCheckpoints } from './session-checkpoints.ts';
import { SessionSummaries } from './session-summaries.ts';
import { restoreFromJournal } from './session-recovery.ts';
import type { SessionState } from './session-state.ts';
import { joinInstrument, subscriptionsOf } from './session-symbols.ts';
import { machineClocks, monotonicNs, type SessionClock } from './session-clock.ts';
import { SessionView } from './session-view.ts';
import { createStageHistograms, type StageHistograms } from './stage-histograms.ts';
import { openLiveSource } from './live-source.ts';
import { openReplaySource } from './replay-source.ts';
import type { EventSource, SourceFactory } from './event-source.ts';
import { SessionWatch, stopStrategy } from './session-watch.ts';

export interface SessionHost {
  post(event: ControlEvent): void;
  loopDelayP99Ms(): number;
  /** What the operating system granted of priority and affinity, one line; absent or empty where nothing was asked for. */
  scheduling?: string;
  /** The machine's own by default. */
  clocks?: MachineClocks;
}

/** Pages get a frame at most this often; their credit decides when less. */
const FLUSH_INTERVAL_MS = 10;
const STATS_INTERVAL_MS = 250;
const SYNC_INTERVAL_MS = 1_000;
/** How soon after the journal has started a segment a checkpoint is written into it. */
const CHECKPOINT_INTERVAL_MS = 100;
/** How long the end of a session waits for cancels to be answered. */
const END_CANCEL_MS = 2_000;

/**
 * One session of the trading process: source -> journal -> step -> actions, and pages that watch.
 * @throws UnusableInputError when the configuration or the recording cannot be used.
 */
export async function openTradingSession(wanted: TradingConfig, host: SessionHost): Promise<TradingSession> {
  const config = checkedConfig(wanted);
  const factory: SourceFactory =
    config.source.kind === 'replay'
      ? await openReplaySource(config.source)
      : await openLiveSource(config.source, config);
  checkTraded(config, factory.instruments, factory.tradesOnly);
  return new TradingSession(config, host, factory);
}

export class TradingSession implements SessionState {
  readonly config: TradingConfig;
  readonly reportInstrument: number;
  readonly clock: SessionClock;
  readonly core: TradingCore;
  readonly pump: EventPump;
  readonly journal: JournalWriter;
  readonly stages: StageHistograms = createStageHistograms();
  readonly source: EventSource;
  readonly monitor: FeedMonitor;
  readonly view: SessionView;
  readonly #host: SessionHost;
  /** Undefined on paper, where every session begins with a fresh account. */
  readonly #checkpoints: SessionCheckpoints | undefined;
  readonly #summaries = new SessionSummaries(this);
  readonly #pages = new Set<PageConnection>();
  readonly #slot = new EventSlot();
  readonly #timers: NodeJS.Timeout[] = [];
  /** Empty while no page is connected. */
  readonly #pageTimers: NodeJS.Timeout[] = [];
  /** Undefined in a replay, where time stands still between the events. */
  readonly #watch: SessionWatch | undefined;
  #startedNs = 0;
  #endedNs = 0;
  #ending: Promise<void> | undefined;

  constructor(config: TradingConfig, host: SessionHost, factory: SourceFactory) {
    this.config = config;
    this.#host = host;
    this.reportInstrument = chosenInstrument(factory.instruments, config.strategy.symbol);
    this.clock = factory.clock;
    const { writer, recovery } = JournalWriter.open(config.journalDir);
    this.journal = writer;
    this.pump = new EventPump(writer, this.stages, factory.instruments.length, monotonicNs, this.clock.originUs);
    this.monitor = new FeedMonitor({
      instruments: () => this.instruments,
      originUs: this.clock.originUs,
      takeSmallestLagNs: (instrument) => this.pump.takeSmallestLagNs(instrument),
      emit: (slot) => this.pump.emit(slot),
    });

    const clientIdPrefix = `xm${recovery.journalId.replaceAll('-', '').slice(0, 8)}-`;
    this.source = factory.create({
      pump: this.pump,
      stages: this.stages,
      clientIdPrefix,
      strangers: {
        numberOf: (clientId) => this.core.adoptedNumberOf(clientId),
        clientIdOf: (orderNumber) => this.core.order(orderNumber)?.adoptedClientId ?? '',
        allocate: () => this.core.allocateOrderNumber(),
      },
      book: (instrument) => this.core.books[instrument]!,
      addInstrument: (spec) => this.addInstrument(spec),
      onFinished: () => this.#onReplayFinished(),
      onFatal: (error) => {
        host.post({ type: 'fatal', error });
      },
    });
    this.view = new SessionView(this);
    if (this.source.isLive) this.#watch = new SessionWatch(this, host.clocks ?? machineClocks);
    this.core = new TradingCore({
      instruments: factory.instruments,
      rails: config.rails,
      strategy: {
        name: config.strategy.name,
        parameters: config.strategy.parameters,
        instrument: this.reportInstrument,
        autoStart: config.strategy.autoStart,
      },
      execution: factory.execution,
      sessionNumber: recovery.session,
      originUs: this.clock.originUs,
      clientIdPrefix,
      actions: this.source.actions,
      derived: this.pump.derived,
      listener: {
        onOrder: (order) => this.#broadcastOwn({ type: 'order', order }),
        onFill: (fill) => this.#broadcastOwn({ type: 'fill', fill }),
        onPosition: (position) => this.#broadcastOwn({ type: 'position', position }),
        onAlert: (alert) => this.#broadcast({ type: 'alert', alert }),
        onStrategy: (strategy) => this.#broadcast({ type: 'strategy', strategy }),
        onKill: (kill) => this.#broadcast({ type: 'kill', kill }),
        onRails: (rails) => this.#broadcast({ type: 'rails', rails }),
        onBookState: (instrument, state, reason, timeUs) =>
          this.#broadcastOwn({ type: 'bookState', instrument, state, reason, timeUs }),
      },
      stageClock: {
        nowNs: monotonicNs,
        apply: this.stages.apply,
        decide: this.stages.decide,
        check: this.stages.check,
      },
    });
    if (factory.execution === 'venue') {
      restoreFromJournal(this.core, config.journalDir, recovery.lastSequence);
      this.#checkpoints = new SessionCheckpoints(this.core, this.journal, () => this.clock.nowNs());
    }
    this.pump.connect(this.core, {
      onTimer: (timeNs) => this.monitor.onTimer(timeNs),
      onTrade: (instrument, timeUs, priceTicks, sizeLots, id, side) => {
        for (const page of this.#pages) page.onTrade(instrument, timeUs, priceTicks, sizeLots, id, side);
      },
    });
    this.#writeSessionStart(recovery.session, recovery.journalId, recovery.seal);
    this.core.finishRestore(this.clock.nowNs());
    this.#checkpoints?.write();
    this.journal.flush();
  }

  /** Starts the source; events flow from here. */
  start(): void {
    this.#startedNs = monotonicNs();
    this.#timers.push(
      setInterval(() => {
        this.journal.sync().catch((error: unknown) => this.#onJournalFailure(error));
      }, SYNC_INTERVAL_MS),
      setInterval(() => {
        if (!this.hasEnded) this.#checkpoints?.writeIfRolled();
      }, CHECKPOINT_INTERVAL_MS),
    );
    this.#watch?.start();
    // In a replay time goes at another speed, and the recording has it all.
    if (this.source.isLive) this.#summaries.start();
    this.source.start();
  }

  addPage(port: FramePort): void {
    this.#pages.add(new PageConnection(port, this.view, (page) => this.#onPageClosed(page)));
    // Without a page nothing is collected for one: no wake-ups in between, no work beside the orders.
    if (this.#pageTimers.length > 0) return;
    this.#pageTimers.push(
      setInterval(() => {
        for (const page of this.#pages) page.flush();
      }, FLUSH_INTERVAL_MS),
      setInterval(() => this.#broadcast(this.view.stats(this.#host.loopDelayP99Ms())), STATS_INTERVAL_MS),
    );
  }

  /** Feeds one record of this process's own making (an intent, a timer) into the step. */
  input(fill: (slot: EventSlot) => void): void {
    fill(this.#slot);
    this.pump.emit(this.#slot);
    this.pump.flush();
  }

  get wallSeconds(): number {
    return ((this.#endedNs || monotonicNs()) - this.#startedNs) / 1e9;
  }

  get scheduling(): string {
    return this.#host.scheduling ?? '';
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  get instruments(): readonly InstrumentSpec[] {
    return this.core.instruments;
  }

  addInstrument(spec: InstrumentSpec): number {
    return joinInstrument(this, spec, (numbered) => {
      this.pump.addInstrument(numbered.index);
      this.input((slot) => {
        slot.begin(RecordKind.instrument, numbered.index, this.clock.nowNs()).setText(JSON.stringify(numbered));
      });
    });
  }

  announceInstruments(): void {
    this.#broadcast({ type: 'instruments', instruments: this.view.instruments() });
    this.#host.post({ type: 'subscriptions', ...subscriptionsOf(this) });
  }

  report(): TradingReport {
    return buildReport(this, (instrument) => this.view.feed(instrument));
  }

  /** Stops strategy and source, cancels the strategy's orders, seals the journal. Idempotent. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  dispose(): void {
    for (const timer of [...this.#timers, ...this.#pageTimers]) clearInterval(timer);
    this.#watch?.dispose();
    this.#summaries.dispose();
    this.source.dispose();
    try {
      this.journal.close();
    } catch (error) {
      console.error(`closing the journal: ${(error as Error).message}`);
    }
  }

  async #end(): Promise<void> {
    stopStrategy(this, 'the session ends');
    const deadlineNs = monotonicNs() + END_CANCEL_MS * 1e6;
    while (
      this.source.isLive &&
      this.core.workingOrders.some((order) => order.source === OrderSource.strategy) &&
      monotonicNs() < deadlineNs
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#watch?.dispose();
    this.source.dispose();
    this.#endedNs = monotonicNs();
    this.journal.append(this.#slot.begin(RecordKind.sessionEnd, 0, this.clock.nowNs()));
    this.journal.flush();
    await this.journal.sync();
  }

  #writeSessionStart(session: number, journalId: string, seal: string): void {
    const { source } = this.config;
    const slot = this.#slot.begin(RecordKind.sessionStart, 0, 0);
    slot.id = session;
    slot.value = this.clock.originUs;
    slot.setText(
      JSON.stringify({
        source: this.source.description,
        kind: source.kind,
        journalId,
        previous: seal,
        rails: this.config.rails,
      }),
    );
    this.journal.append(slot);
    this.core.restore(slot);
    for (const instrument of this.instruments) {
      slot.begin(RecordKind.instrument, instrument.index, 0).setText(JSON.stringify(instrument));
      this.journal.append(slot);
    }
  }

  #onPageClosed(page: PageConnection): void {
    this.#pages.delete(page);
    if (this.#pages.size > 0) return;
    for (const timer of this.#pageTimers.splice(0)) clearInterval(timer);
  }

  #onReplayFinished(): void {
    this.pump.flush();
    this.#endedNs = monotonicNs();
    this.#host.post({ type: 'replayFinished' });
  }

  #onJournalFailure(error: unknown): void {
    // Nothing may be traded that cannot be journalled: end; the supervisor restarts into a disarmed state.
    throw error instanceof Error ? error : new Error(String(error));
  }

  #broadcast(message: TradingServerMessage): void {
    for (const page of this.#pages) page.send(message);
  }

  #broadcastOwn(message: TradingServerMessage): void {
    for (const page of this.#pages) {
      page.send(message);
      page.onOwnChange();
    }
  }
}
