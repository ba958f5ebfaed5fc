import type { TradingSource } from '../../contract/process.ts';
import { RecordKind } from '../../contract/record.ts';
import type { ReplayProgress } from '../../contract/trading-messages.ts';
import type { TickerAgreement } from '../../contract/report.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { ActionSink } from '../../execution/trading-core-options.ts';
import { processScheduler } from '../../simulation/player/process-scheduler.ts';
import { type PlayerProgress, RecordingPlayer } from '../../simulation/player/recording-player.ts';
import { RecordingError, recordingName } from '../../simulation/player/recording-reader.ts';
import { scanRecording } from '../../simulation/player/recording-scan.ts';
import type { RecordingScan } from '../../simulation/player/scanned-recording.ts';
import type { FeedCounters, MarketAdapter } from '../../venue/market-adapter.ts';
import { protocols } from '../../venue/protocols.ts';
import { UnusableInputError } from './errors.ts';
import type { EventSource, SourceContext, SourceFactory } from './event-source.ts';
import { recordedInstruments } from './recorded-instruments.ts';
import { monotonicNs, ReplayClock } from './session-clock.ts';
import { TickerComparison } from './ticker-comparison.ts';

type ReplayConfig = Extract<TradingSource, { kind: 'replay' }>;

/** Looks through the recording before anything is written. @throws UnusableInputError naming file and reason. */
export async function openReplaySource(config: ReplayConfig): Promise<SourceFactory> {
  const scan = await scanFiles(config);
  for (const line of scan.cutLines) console.warn(`${line}: cut while it was recorded, left out`);
  const instruments = recordedInstruments(scan, protocols[scan.protocol], (line) => console.warn(line));
  const clock = new ReplayClock(scan.originUs);
  return {
    instruments,
    clock,
    execution: 'paper',
    tradesOnly: '',
    create: (context) => new ReplaySource(config, scan, instruments, clock, context),
  };
}

async function scanFiles(config: ReplayConfig): Promise<RecordingScan> {
  try {
    const { protocol, symbol, tickSize, lotSize } = config;
    return await scanRecording(config.files, {
      ...(protocol !== undefined ? { protocol } : {}),
      ...(symbol !== undefined ? { symbol } : {}),
      ...(tickSize !== undefined ? { tickSize } : {}),
      ...(lotSize !== undefined ? { lotSize } : {}),
    });
  } catch (error) {
    if (error instanceof RecordingError) throw new UnusableInputError(error.message);
    throw error;
  }
}

/** A recording through the same adapter as a live feed; orders are filled on paper inside the step. */
class ReplaySource implements EventSource {
  readonly description: string;
  readonly isLive = false;
  readonly waitStrategy = 'replay';
  readonly orderEntry = 'paper';
  readonly restAddresses = [];
  readonly tradesOnly = '';
  readonly actions: ActionSink;
  readonly #adapter: MarketAdapter;
  readonly #player: RecordingPlayer;
  /** Per instrument; empty where tickers carry no update ids. */
  readonly #comparisons: TickerComparison[] = [];
  readonly #slot = new EventSlot();
  #progress: PlayerProgress = { file: '', fraction: 0, timeNs: 0 };
  #finished = false;

  constructor(
    config: ReplayConfig,
    scan: RecordingScan,
    instruments: readonly InstrumentSpec[],
    clock: ReplayClock,
    context: SourceContext,
  ) {
    const { pump } = context;
    this.description = `replay:${scan.files.map(recordingName).join(',')}`;
    const { tradeStream, originUs } = scan;
    if (scan.protocol.startsWith('binance-')) {
      for (const _ of instruments) this.#comparisons.push(new TickerComparison());
    }
    this.#adapter = protocols[scan.protocol].createAdapter(
      { instruments, tradeStream, originUs, depth: scan.depth > 0, recordedDepth: scan.bookDepth },
      {
        emit: this.#comparisons.length === 0 ? (slot) => pump.emit(slot) : (slot) => this.#emitCompared(slot, context),
        // The recording holds the snapshot that was asked for; it comes when it came.
        requestSnapshot: () => undefined,
        send: () => undefined,
        reconnect: () => undefined,
      },
    );
    this.actions = {
      place: refuse,
      cancel: refuse,
      cancelAll: refuse,
      queryOrder: refuse,
      queryOpenOrders: refuse,
      crossed: (index, timeNs, reason) => this.#adapter.onCrossed(index, timeNs, reason),
    };
    const indexOf = (symbol: string): number =>
      Math.max(
        0,
        instruments.findIndex((spec) => spec.symbol === symbol),
      );
    this.#player = new RecordingPlayer({
      scan,
      speed: config.speed,
      scheduler: processScheduler,
      target: {
        onMessage: (bytes, timeNs) => {
          clock.advanceTo(timeNs);
          pump.beginMessage(monotonicNs());
          this.#adapter.onMessage(bytes, timeNs);
          pump.endMessage();
        },
        onSnapshot: (bytes, timeNs, symbol) => {
          clock.advanceTo(timeNs);
          this.#adapter.onSnapshot(indexOf(symbol), bytes, timeNs);
        },
        onSnapshotFailed: (symbol, timeNs, reason) => {
          clock.advanceTo(timeNs);
          this.#adapter.onSnapshotFailed(indexOf(symbol), timeNs, reason);
        },
        onReopened: (timeNs, reason) => {
          clock.advanceTo(timeNs);
          // Of several connections the adapter could not tell which; what is missing shows in the books themselves.
          if (scan.sockets > 1) return;
          this.#adapter.onDisconnected(timeNs, reason);
          this.#adapter.onConnected(timeNs);
        },
        onTimer: (timeNs) => {
          clock.advanceTo(timeNs);
          this.#adapter.onTimer(timeNs);
          pump.emit(this.#slot.begin(RecordKind.timer, 0, timeNs));
        },
        onSlice: (progress) => {
          this.#progress = progress;
          pump.flush();
        },
        onFinished: () => {
          this.#finished = true;
          context.onFinished();
        },
        onError: (error) => context.onFatal(error.message),
      },
    });
  }

  counters(instrument: number): FeedCounters {
    return this.#adapter.counters(instrument);
  }

  tickerAgreement(instrument: number): TickerAgreement | undefined {
    return this.#comparisons[instrument]?.result();
  }

  progress(): ReplayProgress {
    const { paused, speed } = this.#player;
    return {
      file: recordingName(this.#progress.file),
      fraction: this.#finished ? 1 : this.#progress.fraction,
      speed: paused ? 0 : speed,
      finished: this.#finished,
    };
  }

  /** 0 pauses. */
  setSpeed(speed: number | 'max'): void {
    if (speed === 0) {
      this.#player.pause();
      return;
    }
    this.#player.setSpeed(speed);
    this.#player.resume();
  }

  reconnect(): void {
    // Time stands still between its events: nothing grows old.
  }

  start(): void {
    this.#adapter.onConnected(0);
    this.#player.start();
  }

  dispose(): void {
    this.#player.stop();
  }

  /** Steps the record and then holds the book against the ticker. */
  #emitCompared(slot: EventSlot, context: SourceContext): void {
    // The step may use the slot anew: a crossed book is told to the adapter from within.
    const { kind, instrument, id, aux, side, priceTicks, sizeLots } = slot;
    context.pump.emit(slot);
    if (kind === RecordKind.quote) this.#comparisons[instrument]!.onQuote(side, priceTicks, sizeLots, id);
    else if (kind === RecordKind.diffEnd) this.#comparisons[instrument]!.onUpdate(aux, context.book(instrument));
  }
}

function refuse(): never {
  throw new Error('Expected paper execution to keep its orders inside the step');
}
