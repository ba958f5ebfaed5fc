import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Side } from '../contract/units.ts';
import type { FlowRegime } from './flow-regime.ts';
import { FLOW_REGIMES } from './order-flow.ts';
import { type ExchangeSink, SimulatedExchange } from './simulated-exchange.ts';

const START_MS = 1_700_000_000_000;

interface Session {
  /** One row per 100 ms. */
  mids: number[];
  spreads: number[];
  imbalances: number[];
  regimes: string[];
  updates: number[];
  /** One row per taker order. */
  takerTimesMs: number[];
  takerSides: Side[];
  levels: [bids: number, asks: number];
  digest: string;
}

/** Runs one symbol for some seconds of its own time and samples it every 100 ms. */
function run(seed: number, seconds: number, symbol = 'BTCUSDT', regime?: FlowRegime, stepMs = 100): Session {
  const hash = createHash('sha256');
  const session: Session = {
    mids: [],
    spreads: [],
    imbalances: [],
    regimes: [],
    updates: [],
    takerTimesMs: [],
    takerSides: [],
    levels: [0, 0],
    digest: '',
  };
  const sink: ExchangeSink = {
    onTrade: (_market, trade) => hash.update(JSON.stringify(trade)),
    onAggregateTrade: (_market, trade) => {
      session.takerTimesMs.push(trade.timeMs);
      session.takerSides.push(trade.takerSide);
    },
    onQuote: (market) => hash.update(`${market.updateId} ${JSON.stringify(market.quote)}`),
    onDepth: (market, { intervalMs, firstUpdateId, bidTicks, askTicks }) => {
      hash.update(`${intervalMs} ${firstUpdateId} ${market.updateId} ${bidTicks.join()} ${askTicks.join()}`);
    },
    onExecution: () => assert.fail('Expected no order of the account'),
    onBalances: () => undefined,
    flush: () => undefined,
  };
  const exchange = new SimulatedExchange({ seed, symbols: [symbol], startMs: START_MS, regime }, sink);
  const market = exchange.market(symbol);
  let lastUpdateId = market.updateId;
  for (let ms = stepMs; ms <= seconds * 1000; ms += stepMs) {
    exchange.advance(START_MS + ms);
    if (ms % 100 !== 0) continue;
    const { bestBidTicks: bid, bestAskTicks: ask } = market;
    assert.ok(bid > 0 && ask > bid, `Expected a two-sided uncrossed book, was ${bid} / ${ask} at ${ms} ms`);
    const bidLots = market.topLots(Side.buy, 5);
    const askLots = market.topLots(Side.sell, 5);
    session.mids.push((bid + ask) / 2);
    session.spreads.push(ask - bid);
    session.imbalances.push((bidLots - askLots) / (bidLots + askLots));
    session.regimes.push(market.flow?.regime.name ?? '');
    session.updates.push(market.updateId - lastUpdateId);
    lastUpdateId = market.updateId;
  }
  session.levels = [market.engine.levelCount(Side.buy), market.engine.levelCount(Side.sell)];
  session.digest = hash.digest('hex');
  return session;
}

function quantile(values: number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] as number;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(x: number[], y: number[]): number {
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  x.forEach((value, i) => {
    const dx = value - mx;
    const dy = (y[i] as number) - my;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  return xy / Math.sqrt(xx * yy);
}

/** Variance over mean of counts per second: 1 for independent arrivals, more when they come in clusters. */
function fano(timesMs: number[], seconds: number): number {
  const counts = new Array<number>(seconds).fill(0);
  for (const time of timesMs) {
    const second = Math.min(seconds - 1, Math.floor((time - START_MS) / 1000));
    counts[second] = (counts[second] as number) + 1;
  }
  const average = mean(counts);
  return mean(counts.map((count) => (count - average) ** 2)) / average;
}

const SEEDS = [1, 2, 3];

describe('OrderFlow', () => {
  it('gives the same events for the same seed, however the time is cut, and others for another seed', () => {
    const first = run(7, 20, 'BTCUSDT', undefined, 100);
    assert.equal(run(7, 20, 'BTCUSDT', undefined, 100).digest, first.digest);
    assert.equal(run(7, 20, 'BTCUSDT', undefined, 1).digest, first.digest);
    assert.notEqual(run(8, 20).digest, first.digest);
    assert.notEqual(run(7, 20, 'ETHUSDT').digest, first.digest);
  });

  it('keeps a quiet market tight, deep and slow', () => {
    for (const seed of SEEDS) {
      const quiet = run(seed, 120, 'BTCUSDT', FLOW_REGIMES.quiet);
      const perSecond = mean(quiet.updates) * 10;
      assert.ok(perSecond >= 20 && perSecond <= 60, `Expected 20 to 60 updates a second, was ${perSecond}`);
      assert.ok(quantile(quiet.spreads, 0.5) <= 2, `Expected a median spread of at most 2 ticks`);
      assert.ok(quantile(quiet.spreads, 0.95) <= 6, `Expected spreads up to 6, was ${quantile(quiet.spreads, 0.95)}`);
      assert.ok(Math.min(...quiet.levels) >= 200, `Expected several hundred levels, was ${quiet.levels}`);
    }
  });

  it('has regimes that differ: bursts are fast, thin books wide, trends go somewhere', () => {
    const quiet = run(5, 60, 'BTCUSDT', FLOW_REGIMES.quiet);
    const burst = run(5, 60, 'BTCUSDT', FLOW_REGIMES.burst);
    const thin = run(5, 60, 'BTCUSDT', FLOW_REGIMES.thin);
    const trend = run(5, 60, 'BTCUSDT', FLOW_REGIMES.trend);
    const perSecond = mean(burst.updates) * 10;
    assert.ok(perSecond >= 200 && perSecond <= 900, `Expected several hundred updates a second, was ${perSecond}`);
    assert.ok(mean(thin.spreads) > mean(quiet.spreads) * 1.3);
    assert.ok(Math.max(...thin.levels) < Math.min(...quiet.levels));
    const range = (session: Session): number => Math.max(...session.mids) - Math.min(...session.mids);
    assert.ok(range(trend) > range(quiet) * 3, `Expected a trend, was ${range(trend)} against ${range(quiet)} ticks`);
  });

  it('moves through all regimes by itself', () => {
    const seen = new Set(run(7, 240).regimes);
    assert.deepEqual([...seen].sort(), ['burst', 'quiet', 'thin', 'trend']);
  });

  it('clusters trades and trades on both sides', () => {
    for (const seed of SEEDS) {
      const quiet = run(seed, 120, 'BTCUSDT', FLOW_REGIMES.quiet);
      const clustering = fano(quiet.takerTimesMs, 120);
      assert.ok(
        clustering > 1.6,
        `Expected self-exciting trades within one regime, was a Fano factor of ${clustering}`,
      );
      const mixed = run(seed, 180);
      const buys = mixed.takerSides.filter((side) => side === Side.buy).length / mixed.takerSides.length;
      assert.ok(buys > 0.2 && buys < 0.8, `Expected both sides to take, was ${buys} buys`);
    }
  });

  it('lets the imbalance of the book say something about the next second', () => {
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
      const now: number[] = [];
      const next: number[] = [];
      for (const seed of SEEDS) {
        const { mids, imbalances } = run(seed, 120, symbol);
        for (let i = 0; i + 10 < mids.length; i++) {
          now.push(imbalances[i] as number);
          next.push((mids[i + 10] as number) - (mids[i] as number));
        }
      }
      const related = correlation(now, next);
      assert.ok(related > 0.12 && related < 0.8, `Expected a realistic relation at ${symbol}, was ${related}`);
      const strong = now.filter((value) => Math.abs(value) > 0.4).length / now.length;
      assert.ok(strong > 0.05, `Expected strong imbalances often enough to trade, was ${strong} of the time`);
    }
  });

  it('gives an imbalance strategy something to do within half a minute', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { mids, imbalances } = run(seed, 30);
      let entries = 0;
      let notBefore = 5;
      mids.forEach((mid, i) => {
        if (i < notBefore) return;
        // Leaning to one side, and half a second's move of three ticks to the same side; then out after three seconds.
        const imbalance = imbalances[i] as number;
        const momentumTicks = mid - (mids[i - 5] as number);
        if (Math.abs(imbalance) < 0.3 || Math.sign(imbalance) * momentumTicks < 3) return;
        entries++;
        notBefore = i + 35;
      });
      assert.ok(entries >= 2, `Expected several entries with seed ${seed}, was ${entries}`);
    }
  });

  it('keeps what is visible close to the mid', () => {
    const sink = { ...silentSink() };
    const exchange = new SimulatedExchange({ seed: 4, symbols: ['BTCUSDT'], startMs: START_MS }, sink);
    for (let ms = 0; ms <= 30_000; ms += 500) exchange.advance(START_MS + ms);
    const market = exchange.market('BTCUSDT');
    const out = new Float64Array(50);
    for (const side of [Side.buy, Side.sell]) {
      const count = market.engine.copyLevels(side, out, 25);
      assert.equal(count, 25);
      const distance = Math.abs((out[48] as number) - (out[0] as number));
      assert.ok(distance < 100, `Expected 25 levels within 100 ticks, was ${distance}`);
    }
  });
});

function silentSink(): ExchangeSink {
  const nothing = (): void => undefined;
  return {
    onTrade: nothing,
    onAggregateTrade: nothing,
    onQuote: nothing,
    onDepth: nothing,
    onExecution: nothing,
    onBalances: nothing,
    flush: nothing,
  };
}
