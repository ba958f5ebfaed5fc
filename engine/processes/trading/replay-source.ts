import type { TradingSource } from '../../contract/process.ts';
import { RecordKind } from '../../contract/record.ts';
import type { ReplayProgress } from '../../contract/trading-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import type { ActionSink } from '../../execution/trading-core-options.ts';
import { processScheduler } from '../../simulation/player/process-scheduler.ts';
import { type PlayerProgress, RecordingPlayer } from '../../simulation/player/recording-player.ts';
import { RecordingError, recordingName } from '../../simulation/player/recording-reader.ts';
import { instrumentOfScan, type RecordingScan, scanRecording } from '../../simulation/player/recording-scan.ts';
import type { FeedCounters, MarketAdapter } from '../../venue/market-adapter.ts';
import { protocols } from '../../venue/protocols.ts';
import { UnusableInputError } from './errors.ts';
import type { EventSource, SourceContext, SourceFactory } from './event-source.ts';
import { monotonicNs, ReplayClock } from './session-clock.ts';

type ReplayConfig = Extract<TradingSource, { kind: 'replay' }>;

/** Looks through the recording before anything is written. @throws UnusableInputError naming file and reason. */
export async function openReplaySource(config: ReplayConfig): Promise<SourceFactory> {
  const scan = await scanFiles(config);
  const instrument = instrumentOfScan(scan, protocols[config.protocol]);
  const clock = new ReplayClock(scan.originUs);
  return {
    instruments: [instrument],
    clock,
    execution: 'paper',
    create: (context) => new ReplaySource(config, scan, instrument, clock, context),
  };
}

async function scanFiles(config: ReplayConfig): Promise<RecordingScan> {
  try {
    const { protocol, symbol, tickSize, lotSize } = config;
    return await scanRecording(config.files, {
      protocol,
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
  readonly actions: ActionSink;
  readonly #adapter: MarketAdapter;
  readonly #player: RecordingPlayer;
  readonly #slot = new EventSlot();
  #progress: PlayerProgress = { file: '', fraction: 0, timeNs: 0 };
  #finished = false;

  constructor(
    config: ReplayConfig,
    scan: RecordingScan,
    instrument: InstrumentSpec,
    clock: ReplayClock,
    context: SourceContext,
  ) {
    const { pump } = context;
    this.description = `replay:${scan.files.map(recordingName).join(',')}`;
    this.#adapter = protocols[config.protocol].createAdapter(
      { instruments: [instrument], tradeStream: scan.tradeStream, originUs: scan.originUs, depth: scan.depth > 0 },
      {
        emit: (slot) => pump.emit(slot),
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
      crossed: (index, timeNs) => this.#adapter.onCrossed(index, timeNs),
    };
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
        onSnapshot: (bytes, timeNs) => {
          clock.advanceTo(timeNs);
          this.#adapter.onSnapshot(0, bytes, timeNs);
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
}

function refuse(): never {
  throw new Error('Expected paper execution to keep its orders inside the step');
}
