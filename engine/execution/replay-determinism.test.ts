import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RecordKind } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import type { ParameterValues } from '../contract/strategy-parameters.ts';
import { EventSlot } from '../core/event-slot.ts';
import { processScheduler } from '../simulation/player/process-scheduler.ts';
import { RecordingPlayer } from '../simulation/player/recording-player.ts';
import { scanRecording } from '../simulation/player/recording-scan.ts';
import { instrumentOfScan, type RecordingScan } from '../simulation/player/scanned-recording.ts';
import { BinanceSpotAdapter } from '../venue/binance-spot/binance-spot-adapter.ts';
import { TradingCore } from './trading-core.ts';

const folder = fileURLToPath(new URL('../../../shared/data/binance/l2-recordings/', import.meta.url));
const files = ['spot_btcusdt_20240808.gz', 'spot_btcusdt_20240809.gz'].map((name) => folder + name);
const skip = existsSync(files[0]!) ? false : `SKIPPED: no recorded data at ${folder}`;
if (skip !== false) console.warn(skip);

/** Plays the recorded day through adapter and core with paper execution. */
async function replay(scan: RecordingScan, speed: number | 'max', parameters: ParameterValues): Promise<TradingCore> {
  const instrument = { ...instrumentOfScan(scan, { makerFee: 0.001, takerFee: 0.001 }), minNotional: 5 };
  const slot = new EventSlot();
  let sequence = 0;
  const never = (): never => assert.fail('paper execution asked a venue');
  const core = new TradingCore({
    instruments: [instrument],
    rails: defaultRiskRails,
    strategy: { name: 'imbalance', parameters, instrument: 0, autoStart: true },
    execution: 'paper',
    sessionNumber: 1,
    originUs: scan.originUs,
    clientIdPrefix: 'r-',
    actions: {
      place: never,
      cancel: never,
      cancelAll: never,
      queryOrder: never,
      queryOpenOrders: never,
      crossed: () => assert.fail('crossed book'),
    },
    derived: {
      emit: (derived) => {
        derived.sequence = ++sequence;
      },
    },
  });
  const input = (event: EventSlot): void => {
    event.sequence = ++sequence;
    core.step(event);
  };
  const adapter = new BinanceSpotAdapter(
    { instruments: [instrument], tradeStream: scan.tradeStream, originUs: scan.originUs },
    {
      emit: input,
      requestSnapshot: () => undefined,
      send: () => undefined,
      reconnect: (reason) => assert.fail(reason),
    },
  );
  adapter.onConnected(0);
  await new Promise<void>((resolve, reject) => {
    const player = new RecordingPlayer({
      scan,
      speed,
      scheduler: processScheduler,
      target: {
        onMessage: (bytes, timeNs) => adapter.onMessage(bytes, timeNs),
        onSnapshot: (bytes, timeNs) => adapter.onSnapshot(0, bytes, timeNs),
        onTimer: (timeNs) => {
          adapter.onTimer(timeNs);
          input(slot.begin(RecordKind.timer, 0, timeNs));
        },
        onFinished: resolve,
        onError: reject,
      },
    });
    void player.start();
  });
  return core;
}

test('a recorded day gives the same decisions every time, at every speed', { skip }, async () => {
  const scan = await scanRecording(files);
  const runs = [];
  for (const speed of ['max', 'max', 'max', 400] as const) {
    const core = await replay(scan, speed, {});
    const { fills, orders, positions } = core.snapshotViews();
    runs.push({ hash: core.decisionHash(), counters: core.counters, fills, orders, positions });
  }
  for (const run of runs) assert.deepEqual(run, runs[0]);

  const { counters, fills, positions } = runs[0]!;
  // It trades several times in any half minute, within the default rails, and takes from the visible market only.
  const perHalfMinute = new Map<number, number>();
  for (const fill of fills) {
    const bin = Math.floor((fill.timeUs - scan.originUs) / 30e6);
    perHalfMinute.set(bin, (perHalfMinute.get(bin) ?? 0) + 1);
  }
  const bins = Math.floor(scan.durationNs / 30e9);
  for (let bin = 0; bin < bins; bin++) assert.ok((perHalfMinute.get(bin) ?? 0) >= 4, `half minute ${bin}`);
  assert.equal(counters.blockedByRisk, 0);
  assert.equal(counters.sent, counters.acked);
  let net = 0;
  let cash = 0;
  let fees = 0;
  for (const fill of fills) {
    const sign = fill.side === 'buy' ? 1 : -1;
    net += sign * fill.sizeLots;
    cash -= sign * fill.sizeLots * fill.priceTicks;
    fees += fill.fee;
  }
  const [position] = positions;
  assert.equal(position?.positionLots, net);
  const open = net * (position?.averagePriceTicks ?? 0);
  assert.ok(Math.abs((position?.realizedPnl ?? 0) - (cash + open) * 1e-8) < 1e-6);
  assert.ok(Math.abs((position?.fees ?? 0) - fees) < 1e-9);
});

test('other parameters decide otherwise: the hash tells', { skip }, async () => {
  const scan = await scanRecording(files.slice(0, 1));
  const [a, b] = [await replay(scan, 'max', {}), await replay(scan, 'max', { entryImbalance: 0.35 })];
  assert.notEqual(a.decisionHash(), b.decisionHash());
});

test('resting limit entries trade too, as makers', { skip }, async () => {
  const scan = await scanRecording(files.slice(0, 1));
  const core = await replay(scan, 'max', { crossSpread: false });
  const { fills, orders } = core.snapshotViews();
  assert.ok(
    fills.some((fill) => fill.maker),
    'some entries were filled at rest',
  );
  assert.ok(
    orders.some((order) => order.status === 'cancelled' && order.type === 'limit'),
    'stale entries were cancelled',
  );
});
