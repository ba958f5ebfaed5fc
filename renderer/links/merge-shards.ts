/** What several trading processes say, as one: numbers told apart by process, lists joined, states by what matters most. */
import { MarketField, marketFrameBody, marketFrameLayout, WORKING_FIELDS } from '../../engine/contract/market-frame.ts';
import { FRAME_HEADER_BYTES } from '../../engine/contract/frame.ts';
import type {
  AlertView,
  FeedStats,
  FillView,
  KillStateName,
  KillView,
  OrderView,
  StrategyView,
  TradingSnapshot,
  TradingStats,
} from '../../engine/contract/trading-messages.ts';
import { globalNumber } from '../../engine/contract/trading-shards.ts';

/** Index of an instrument of a process among those of all. */
export type GlobalIndex = (shard: number, instrument: number) => number;

export function globalOrder(shard: number, order: OrderView, at: GlobalIndex): OrderView {
  return {
    ...order,
    orderNumber: globalNumber(shard, order.orderNumber),
    instrument: at(shard, order.instrument),
  };
}

export function globalFill(shard: number, fill: FillView, at: GlobalIndex): FillView {
  return {
    ...fill,
    sequence: globalNumber(shard, fill.sequence),
    orderNumber: globalNumber(shard, fill.orderNumber),
    instrument: at(shard, fill.instrument),
  };
}

export function globalAlert(shard: number, alert: AlertView): AlertView {
  return { ...alert, sequence: globalNumber(shard, alert.sequence) };
}

/** Writes the numbers of all into a frame of one process. */
export function globalFrame(shard: number, frame: Uint8Array, at: GlobalIndex): void {
  const body = marketFrameBody(frame);
  const view = new DataView(frame.buffer, frame.byteOffset + FRAME_HEADER_BYTES);
  view.setFloat64(MarketField.instrument * 8, at(shard, body[MarketField.instrument] as number), true);
  if (shard === 0) return;
  const { working } = marketFrameLayout(body);
  const count = body[MarketField.workingCount] as number;
  for (let i = 0; i < count; i++) {
    const field = working + i * WORKING_FIELDS;
    view.setFloat64(field * 8, globalNumber(shard, body[field] as number), true);
  }
}

const killRanks: Record<KillStateName, number> = {
  idle: 0,
  flatConfirmed: 1,
  confirming: 2,
  closing: 3,
  cancelling: 4,
  alarm: 5,
};

/** The worst of them: flat is confirmed when none is still at it. */
export function mergedKill(kills: readonly KillView[]): KillView {
  const worst = kills.reduce((a, b) => (killRanks[b.state] > killRanks[a.state] ? b : a));
  return { ...worst, elapsedMs: Math.max(...kills.map((kill) => kill.elapsedMs)) };
}

const strategyRanks: Record<StrategyView['state'], number> = { stopped: 0, halted: 1, running: 2 };

/** Which process's strategy is shown: one that runs, else one that was halted, else the one shown before. */
export function shownStrategy(strategies: readonly StrategyView[], before: number): number {
  let shown = before in strategies ? before : 0;
  strategies.forEach((strategy, shard) => {
    if (strategyRanks[strategy.state] > strategyRanks[(strategies[shown] as StrategyView).state]) shown = shard;
  });
  return shown;
}

/** @param strategy the view that is shown, with its global instrument */
export function mergedSnapshot(
  snapshots: readonly TradingSnapshot[],
  strategy: StrategyView,
  at: GlobalIndex,
): TradingSnapshot {
  const joined = <T>(pick: (snapshot: TradingSnapshot, shard: number) => T[]): T[] => snapshots.flatMap(pick);
  const placed = <T extends { instrument: number }>(shard: number, views: readonly T[]): T[] =>
    views.map((view) => ({ ...view, instrument: at(shard, view.instrument) }));
  return {
    type: 'snapshot',
    orders: joined(({ orders }, shard) => orders.map((order) => globalOrder(shard, order, at))),
    fills: joined(({ fills }, shard) => fills.map((fill) => globalFill(shard, fill, at))).sort(byTime),
    positions: joined(({ positions }, shard) => placed(shard, positions)),
    alerts: joined(({ alerts }, shard) => alerts.map((alert) => globalAlert(shard, alert))).sort(byTime),
    strategy,
    kill: mergedKill(snapshots.map(({ kill }) => kill)),
    bookStates: joined(({ bookStates }, shard) => placed(shard, bookStates)),
    integrity: joined(({ integrity }, shard) => placed(shard, integrity ?? [])).sort(byTime),
    candles: joined(({ candles }, shard) => placed(shard, candles)),
  };
}

function byTime(a: { timeUs: number }, b: { timeUs: number }): number {
  return a.timeUs - b.timeUs;
}

/** Sums and worst cases of all; latencies, wait strategy and scheduling are those of the process in view. */
export function mergedStats(stats: readonly TradingStats[], inView: number, at: GlobalIndex): TradingStats {
  const shown = stats[inView] ?? (stats[0] as TradingStats);
  const feed: FeedStats[] = [];
  stats.forEach((one, shard) => {
    one.feed.forEach((row, instrument) => {
      feed[at(shard, instrument)] = row;
    });
  });
  const sum = (pick: (one: TradingStats) => number): number => stats.reduce((total, one) => total + pick(one), 0);
  return {
    ...shown,
    feed,
    loopDelayP99Ms: Math.max(...stats.map((one) => one.loopDelayP99Ms)),
    eventsPerSecond: sum((one) => one.eventsPerSecond),
    journal: { records: sum((one) => one.journal.records), bytes: sum((one) => one.journal.bytes) },
    orderEntry: stats.some((one) => one.orderEntry === 'down') ? 'down' : shown.orderEntry,
  };
}
