import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { MarketProtocol } from '../contract/market-protocol.ts';
import { RecordKind } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import { EventSlot, type EventSink } from '../core/event-slot.ts';
import { TradingCore } from '../execution/trading-core.ts';
import { CursorKind } from '../simulation/player/recording-cursor.ts';
import { scanRecording } from '../simulation/player/recording-scan.ts';
import { instrumentOfScan, type RecordingScan } from '../simulation/player/scanned-recording.ts';
import { StreamCursor } from '../simulation/player/stream-cursor.ts';
import { protocols } from '../venue/protocols.ts';
import { keep } from './keep.ts';

const folder = fileURLToPath(new URL('../../../shared/data/binance/l2-recordings/', import.meta.url));
/** As the player's: the strategy's and the venue's clocks tick in recording time. */
const TIMER_NS = 50e6;

export interface ReplaySession {
  name: 'spot' | 'usdm' | 'coinm';
  scan: RecordingScan;
  instrument: InstrumentSpec;
  /** Decompressed bytes of each file. */
  files: Buffer[];
  /** `none` with COIN-M: its contracts are inverse, and inverse contracts are only watched. */
  strategy: 'imbalance' | 'none';
}

const recordings: [
  name: ReplaySession['name'],
  protocol: MarketProtocol,
  files: string[],
  ReplaySession['strategy'],
][] = [
  ['spot', 'binance-spot', ['spot_btcusdt_20240808.gz', 'spot_btcusdt_20240809.gz'], 'imbalance'],
  ['usdm', 'binance-usdm', ['usdm_btcusdt_20240808.gz'], 'imbalance'],
  ['coinm', 'binance-coinm', ['cm_btcusd_perp_20240808.gz', 'cm_btcusd_perp_20240809.gz'], 'none'],
];

/** The three recorded Binance sessions, decompressed. @throws RecordingError when ../shared/data is not there. */
export async function loadSessions(): Promise<ReplaySession[]> {
  const sessions: ReplaySession[] = [];
  for (const [name, protocol, names, strategy] of recordings) {
    const paths = names.map((file) => folder + file);
    const scan = await scanRecording(paths, { protocol });
    const instrument = instrumentOfScan(scan, protocols[protocol]);
    const files = paths.map((path) => gunzipSync(readFileSync(path)));
    sessions.push({ name, scan, instrument, files, strategy });
  }
  return sessions;
}

/** A step with the session's strategy started and orders filled on paper. */
export function newCore(session: ReplaySession, derived: EventSink): TradingCore {
  const never = (): never => {
    throw new Error('Expected paper execution and a book never crossed, was a request to a venue');
  };
  return keep(
    new TradingCore({
      instruments: [session.instrument],
      rails: defaultRiskRails,
      strategy: { name: 'imbalance', parameters: {}, instrument: 0, autoStart: session.strategy === 'imbalance' },
      execution: 'paper',
      sessionNumber: 1,
      originUs: session.scan.originUs,
      clientIdPrefix: 'b-',
      actions: {
        place: never,
        cancel: never,
        cancelAll: never,
        queryOrder: never,
        queryOpenOrders: never,
        crossed: never,
      },
      derived,
    }),
  );
}

/** Numbers what the step makes, as a journal would. */
export class SequenceSink implements EventSink {
  sequence = 0;
  emit(slot: EventSlot): void {
    slot.sequence = ++this.sequence;
  }
}

/** Lines of the session from memory, in order: what every implementation has to do at least. */
export function forEachLine(session: ReplaySession, take: (cursor: StreamCursor) => void): number {
  const cursor = keep(new StreamCursor(session.scan));
  let lines = 0;
  session.files.forEach((bytes, fileIndex) => {
    cursor.load({ bytes, file: session.scan.played[fileIndex] as string, fileIndex, fraction: 0 });
    while (cursor.next()) {
      take(cursor);
      lines++;
    }
  });
  return lines;
}

/** Plays decompressed bytes through the venue's adapter; every record goes to `sink`. Returns the number of messages. */
export function playBytes(session: ReplaySession, sink: EventSink): number {
  const { scan, instrument } = session;
  const adapter = keep(
    protocols[scan.protocol].createAdapter(
      { instruments: [instrument], tradeStream: scan.tradeStream, originUs: scan.originUs, depth: true },
      {
        emit: (slot) => sink.emit(slot),
        requestSnapshot: () => undefined,
        send: () => undefined,
        reconnect: (reason) => {
          throw new Error(`Expected no need to connect anew, was: ${reason}`);
        },
      },
    ),
  );
  const slot = keep(new EventSlot());
  let timerNs = TIMER_NS;
  let lastNs = 0;
  adapter.onConnected(0);
  return forEachLine(session, (cursor) => {
    const timeNs = Math.max(cursor.timeNs, lastNs);
    for (; timerNs <= timeNs; timerNs += TIMER_NS) {
      adapter.onTimer(timerNs);
      sink.emit(slot.begin(RecordKind.timer, 0, timerNs));
    }
    lastNs = timeNs;
    if (cursor.kind === CursorKind.snapshot) adapter.onSnapshot(0, cursor.bytes, timeNs);
    else adapter.onMessage(cursor.bytes, timeNs);
  });
}
