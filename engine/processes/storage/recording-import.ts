import type { InstrumentSpec } from '../../contract/units.ts';
import { processScheduler } from '../../simulation/player/process-scheduler.ts';
import { RecordingPlayer } from '../../simulation/player/recording-player.ts';
import type { RecordingScan } from '../../simulation/player/scanned-recording.ts';
import type { EventImport, ImportSink } from '../../storage/import/import-source.ts';
import type { MarketAdapter } from '../../venue/market-adapter.ts';
import { protocols } from '../../venue/protocols.ts';

/** A recording through the same adapter as a live feed; what comes out is the same at every run. */
export class RecordingImport implements EventImport {
  readonly kind = 'events';
  readonly venue: string;
  readonly trades: EventImport['trades'];
  readonly instruments: readonly InstrumentSpec[];
  readonly originUs: number;
  readonly #scan: RecordingScan;

  constructor(scan: RecordingScan, instruments: readonly InstrumentSpec[]) {
    this.#scan = scan;
    this.venue = scan.protocol;
    this.trades = scan.protocol.startsWith('binance-') && scan.tradeStream === 'aggTrade' ? 'aggregate' : 'single';
    this.instruments = instruments;
    this.originUs = scan.originUs;
  }

  play(sink: ImportSink, signal: AbortSignal): Promise<void> {
    const scan = this.#scan;
    const adapter = this.#adapter(sink);
    const indexOf = (symbol: string): number =>
      Math.max(
        0,
        this.instruments.findIndex((spec) => spec.symbol === symbol),
      );
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        player.stop();
        signal.removeEventListener('abort', onAbort);
        reject(error as Error);
      };
      const onAbort = (): void => fail(signal.reason);
      const player = new RecordingPlayer({
        scan,
        speed: 'max',
        scheduler: processScheduler,
        target: {
          onMessage: (bytes, timeNs) => adapter.onMessage(bytes, timeNs),
          onSnapshot: (bytes, timeNs, symbol) => adapter.onSnapshot(indexOf(symbol), bytes, timeNs),
          onSnapshotFailed: (symbol, timeNs, reason) => adapter.onSnapshotFailed(indexOf(symbol), timeNs, reason),
          onReopened: (timeNs, reason) => {
            // Of several connections the adapter could not tell which; what is missing shows in the books themselves.
            if (scan.sockets > 1) return;
            adapter.onDisconnected(timeNs, reason);
            adapter.onConnected(timeNs);
          },
          onTimer: (timeNs) => adapter.onTimer(timeNs),
          onSlice: ({ fraction }) => {
            const written = sink.pause(fraction);
            if (written === undefined) return;
            player.pause();
            written.then(() => player.resume(), fail);
          },
          onFinished: () => {
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
          onError: fail,
        },
      });
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      signal.addEventListener('abort', onAbort);
      adapter.onConnected(0);
      player.start();
    });
  }

  #adapter(sink: ImportSink): MarketAdapter {
    const { protocol, tradeStream, originUs, depth, bookDepth } = this.#scan;
    return protocols[protocol].createAdapter(
      { instruments: this.instruments, tradeStream, originUs, depth: depth > 0, recordedDepth: bookDepth },
      {
        emit: (slot) => sink.emit(slot),
        // The recording holds the snapshot that was asked for; it comes when it came.
        requestSnapshot: () => undefined,
        send: () => undefined,
        reconnect: () => undefined,
      },
    );
  }
}
