import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import {
  MARKET_HEADER_FIELDS,
  MarketField,
  MarketFrameWriter,
  marketFrameBody,
  WORKING_FIELDS,
} from '../../engine/contract/market-frame.ts';
import { defaultRiskRails } from '../../engine/contract/risk-rails.ts';
import type {
  KillStateName,
  OrderView,
  StrategyStateName,
  TradingHello,
  TradingRequest,
  TradingSnapshot,
  TradingStats,
} from '../../engine/contract/trading-messages.ts';
import { globalNumber, railsShare } from '../../engine/contract/trading-shards.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { FakeEngine } from './fake-engine.test-support.ts';
import type { TradingLinkEvents } from './trading-link.ts';
import { TradingShards } from './trading-shards.ts';

type Message = Parameters<TradingLinkEvents['onMessage']>[0];

function specs(...symbols: string[]): InstrumentSpec[] {
  return symbols.map((symbol, index) => ({ index, symbol, venue: 'binance-spot' }) as InstrumentSpec);
}

function helloOf(shard: number, symbols: string[], session = 1): TradingHello {
  return {
    type: 'hello',
    protocol: 1,
    session,
    mode: 'sim',
    source: { kind: 'sim', description: 'sim' },
    instruments: specs(...symbols),
    strategies: [],
    rails: railsShare(defaultRiskRails, shard, 2),
  };
}

const order = (orderNumber: number, instrument: number): OrderView => ({ orderNumber, instrument }) as OrderView;

function snapshotOf(
  orders: OrderView[],
  patch: { kill?: KillStateName; strategy?: StrategyStateName } = {},
): TradingSnapshot {
  return {
    type: 'snapshot',
    orders,
    fills: [],
    positions: [{ instrument: 0 } as TradingSnapshot['positions'][0]],
    alerts: [],
    strategy: { name: 'imbalance', instrument: 0, state: patch.strategy ?? 'stopped', reason: '', parameters: {} },
    kill: { state: patch.kill ?? 'idle', detail: '', elapsedMs: 0 },
    bookStates: [{ instrument: 0, state: 'live', reason: '' }],
    integrity: [],
    candles: [],
  };
}

/** Two processes with two symbols and one, and a page that looks at the symbol of this index. */
async function open(t: TestContext) {
  const engines = { trading: [] as FakeEngine[], 'trading-1': [] as FakeEngine[] };
  const told = { hellos: [] as TradingHello[], messages: [] as Message[], gone: [] as string[], pongs: 0, clocks: 0 };
  let wanted = 0;
  const shards = new TradingShards(
    async (name) => {
      const engine = new FakeEngine();
      engines[name as 'trading'].push(engine);
      return engine.port;
    },
    {
      onHello: (hello) => {
        told.hellos.push(hello);
        return wanted;
      },
      onMessage: (message) => told.messages.push(message),
      onPong: () => told.pongs++,
      onMarketFrame: () => undefined,
      onDisconnect: (reason) => told.gone.push(reason),
      onBadFrame: (error) => assert.match(error.message, /The page is closing/),
    },
    () => told.clocks++,
  );
  t.after(() => shards.stop());
  shards.setCount(2);
  shards.start();
  await turn();
  const newest = (name: 'trading' | 'trading-1'): FakeEngine => engines[name].at(-1) as FakeEngine;
  return {
    shards,
    told,
    newest,
    look: (instrument: number): void => {
      wanted = instrument;
    },
    /** Requests of a process since the last call, answered. */
    asked(name: 'trading' | 'trading-1', result?: unknown): TradingRequest[] {
      const requests = newest(name).requests();
      newest(name).sent.length = 0;
      return requests.map((message) => {
        assert.ok(message.type === 'request');
        newest(name).say({ type: 'reply', requestId: message.requestId, ok: true, result });
        return message.request;
      });
    },
    ofType<K extends Message['type']>(type: K): Extract<Message, { type: K }>[] {
      return told.messages.filter((message) => message.type === type) as Extract<Message, { type: K }>[];
    },
  };
}

async function begin(t: TestContext) {
  const page = await open(t);
  page.newest('trading').say(helloOf(0, ['BTCUSDT', 'SOLUSDT']));
  page.newest('trading-1').say(helloOf(1, ['ETHUSDT'], 5));
  page.asked('trading');
  page.asked('trading-1');
  return page;
}

test('one hello and one snapshot of all, in the order of the settings; what comes meanwhile is not lost', async (t) => {
  const page = await open(t);
  page.newest('trading-1').say(helloOf(1, ['ETHUSDT'], 5));
  assert.deepEqual(page.told.hellos, []);
  page.look(1);
  page.newest('trading').say(helloOf(0, ['BTCUSDT', 'SOLUSDT']));
  const [hello] = page.told.hellos as [TradingHello];
  assert.deepEqual(
    hello.instruments.map(({ index, symbol }) => [index, symbol]),
    [
      [0, 'BTCUSDT'],
      [1, 'ETHUSDT'],
      [2, 'SOLUSDT'],
    ],
  );
  assert.deepEqual(hello.rails, defaultRiskRails);
  assert.equal(hello.session, 6);
  assert.deepEqual(page.asked('trading').at(-1), { kind: 'subscribe', instrument: 0 });
  assert.deepEqual(page.asked('trading-1').at(-1), { kind: 'subscribe', instrument: 0 });

  page.newest('trading').say(snapshotOf([order(1_000_001, 1)], { strategy: 'running' }));
  // Behind the snapshot of its process: after that of all. Before: at once.
  page.newest('trading').say({ type: 'order', order: order(1_000_002, 0) });
  page.newest('trading-1').say({ type: 'alert', alert: { sequence: 7, level: 'info', text: 'x', timeUs: 1 } });
  assert.deepEqual(
    page.told.messages.map(({ type }) => type),
    ['alert'],
  );
  page.newest('trading-1').say(snapshotOf([order(1_000_001, 0)], { kill: 'alarm' }));
  assert.deepEqual(
    page.told.messages.map(({ type }) => type),
    ['alert', 'snapshot', 'order'],
  );
  const [snapshot] = page.ofType('snapshot');
  assert.deepEqual(
    snapshot?.orders.map(({ orderNumber, instrument }) => [orderNumber, instrument]),
    [
      [1_000_001, 2],
      [globalNumber(1, 1_000_001), 1],
    ],
  );
  assert.deepEqual(
    snapshot?.positions.map(({ instrument }) => instrument),
    [0, 1],
  );
  assert.deepEqual(
    [snapshot?.kill.state, snapshot?.strategy.state, snapshot?.strategy.instrument],
    ['alarm', 'running', 0],
  );
});

test('requests go to the process that has the instrument or the order, the kill switch and the rails to all', async (t) => {
  const page = await begin(t);
  const { shards } = page;
  const placing = shards.request({
    kind: 'place',
    instrument: 1,
    side: 'buy',
    priceTicks: 1,
    sizeLots: 1,
    type: 'limit',
  });
  await turn();
  assert.deepEqual(page.asked('trading'), []);
  assert.equal((page.asked('trading-1', { orderNumber: 5_000_001 })[0] as { instrument: number }).instrument, 0);
  const orderNumber = globalNumber(1, 5_000_001);
  assert.deepEqual(await placing, { orderNumber });
  void shards.request({ kind: 'cancel', orderNumber });
  void shards.request({ kind: 'cancelAll', instrument: 2 });
  void shards.request({ kind: 'addSymbol', venue: 'bybit', symbol: 'XRPUSDT' });
  await turn();
  assert.deepEqual(page.asked('trading'), [{ kind: 'cancelAll', instrument: 1 }]);
  assert.deepEqual(page.asked('trading-1', { instrument: 1 }), [
    { kind: 'cancel', orderNumber: 5_000_001 },
    { kind: 'addSymbol', venue: 'bybit', symbol: 'XRPUSDT' },
  ]);
  void shards.request({ kind: 'kill' });
  void shards.request({ kind: 'rails', rails: { ...defaultRiskRails, maxDailyLoss: 300 } });
  await turn();
  for (const name of ['trading', 'trading-1'] as const) {
    const [kill, rails] = page.asked(name);
    assert.equal(kill?.kind, 'kill');
    assert.ok(rails?.kind === 'rails' && rails.rails.maxDailyLoss === 150);
  }
  page.newest('trading').say({ type: 'kill', kill: { state: 'flatConfirmed', detail: 'flat', elapsedMs: 1 } });
  page.newest('trading-1').say({ type: 'kill', kill: { state: 'closing', detail: 'closing', elapsedMs: 2 } });
  page.newest('trading-1').say({ type: 'kill', kill: { state: 'flatConfirmed', detail: 'flat', elapsedMs: 3 } });
  assert.deepEqual(
    page.ofType('kill').map(({ kill }) => kill.state),
    ['flatConfirmed', 'closing', 'flatConfirmed'],
  );
  await assert.rejects(shards.request({ kind: 'cancelAll', instrument: 9 }), /instrument: expected 0\.\.\d, was 9/);
});

test('another symbol is another process: frames, credit and clock follow, everything is told again', async (t) => {
  const page = await begin(t);
  const { shards, told } = page;
  const frame = (instrument: number, workingNumber: number): Uint8Array => {
    const writer = new MarketFrameWriter();
    writer.body.fill(0, 0, MARKET_HEADER_FIELDS);
    writer.body[MarketField.instrument] = instrument;
    writer.body[MarketField.workingCount] = 1;
    writer.body[MARKET_HEADER_FIELDS] = workingNumber;
    return writer.finish(3, 1, MARKET_HEADER_FIELDS + WORKING_FIELDS).slice();
  };
  page.newest('trading-1').deliver(frame(0, 7));
  assert.equal(shards.takeFrame(), undefined, 'nobody looks at it');
  const subscribing = shards.request({ kind: 'subscribe', instrument: 1 });
  await turn();
  assert.deepEqual(page.asked('trading'), [{ kind: 'subscribe', instrument: 0 }]);
  assert.deepEqual(page.asked('trading-1'), [{ kind: 'subscribe', instrument: 0 }]);
  await subscribing;
  assert.equal(told.clocks, 1);
  told.messages.length = 0;
  page.newest('trading').say(snapshotOf([]));
  page.newest('trading-1').say(snapshotOf([order(1, 0)]));
  assert.equal(page.ofType('snapshot').length, 1);
  page.newest('trading-1').deliver(frame(0, 7));
  page.newest('trading').deliver(frame(1, 8));
  const taken = shards.takeFrame() as Uint8Array;
  const body = marketFrameBody(taken);
  assert.deepEqual([body[MarketField.instrument], body[MARKET_HEADER_FIELDS]], [1, globalNumber(1, 7)]);
  assert.equal(shards.takeFrame(), undefined);
  shards.sendCredit(3, 1);
  assert.deepEqual([page.newest('trading').credits, page.newest('trading-1').credits], [[], [3]]);
  page.newest('trading').say({ type: 'pong', clientTimeMs: 1, engineTimeNs: 1 });
  assert.equal(told.pongs, 0);

  const stats = (records: number, symbols: number): TradingStats =>
    ({
      type: 'stats',
      feed: Array.from({ length: symbols }, () => ({ depth: records })),
      loopDelayP99Ms: records,
      eventsPerSecond: records,
      journal: { records, bytes: 1 },
      latencyNs: { read: { count: records } },
      orderEntry: records === 10 ? 'down' : 'up',
      waitStrategy: 'block',
    }) as unknown as TradingStats;
  page.newest('trading-1').say(stats(1, 1));
  assert.deepEqual(page.ofType('stats'), [], 'not before all have said theirs');
  page.newest('trading').say(stats(10, 2));
  page.newest('trading-1').say(stats(2, 1));
  const [merged] = page.ofType('stats');
  assert.deepEqual(
    [merged?.feed.map(({ depth }) => depth), merged?.journal.records, merged?.loopDelayP99Ms, merged?.orderEntry],
    [[10, 2, 10], 12, 10, 'down'],
  );
  assert.equal(merged?.latencyNs['read']?.count, 2, 'latencies of the process in view');
});

test('while one is away the whole is; when it is back all is told anew', async (t) => {
  const page = await begin(t);
  page.newest('trading').say(snapshotOf([]));
  page.newest('trading-1').say(snapshotOf([]));
  page.newest('trading-1').die('exit 137');
  assert.deepEqual(page.told.gone, ['trading-1: exit 137']);
  page.shards.retryNow();
  await new Promise((resolve) => setTimeout(resolve, 200));
  page.told.messages.length = 0;
  page.newest('trading-1').say(helloOf(1, ['ETHUSDT'], 6));
  assert.equal(page.told.hellos.length, 2);
  assert.notEqual(page.told.hellos[1]?.session, page.told.hellos[0]?.session);
  assert.deepEqual(page.asked('trading').at(-1), { kind: 'subscribe', instrument: 0 });
  page.newest('trading-1').say(snapshotOf([order(6, 0)]));
  assert.deepEqual(page.ofType('snapshot'), []);
  page.newest('trading').say(snapshotOf([order(1, 0)]));
  assert.deepEqual(
    page.ofType('snapshot')[0]?.orders.map(({ orderNumber }) => orderNumber),
    [1, globalNumber(1, 6)],
  );
});

test('symbols: a strategy runs on one process at a time, a search says what all of them watch', async (t) => {
  const page = await begin(t);
  page.newest('trading').say(snapshotOf([]));
  page.newest('trading-1').say(snapshotOf([], { strategy: 'running' }));
  await assert.rejects(
    page.shards.request({ kind: 'strategyStart', instrument: 0, name: 'imbalance', parameters: {} }),
    /expected stopped, was running \(imbalance\)/,
  );
  void page.shards.request({ kind: 'strategyParameters', parameters: { levels: 3 } });
  const searching = page.shards.request({ kind: 'searchSymbols', text: 'USDT' });
  await turn();
  assert.deepEqual(page.asked('trading-1').at(-1), { kind: 'strategyParameters', parameters: { levels: 3 } });
  const match = (symbol: string) => ({ venue: 'binance-spot', symbol, instrument: symbol === 'BTCUSDT' ? 0 : -1 });
  page.asked('trading', { matches: ['BTCUSDT', 'ETHUSDT', 'XRPUSDT'].map(match), total: 3, unavailable: [] });
  const { matches } = (await searching) as { matches: { instrument: number }[] };
  assert.deepEqual(
    matches.map(({ instrument }) => instrument),
    [0, 1, -1],
  );
  page.newest('trading-1').say({ type: 'instruments', instruments: specs('ETHUSDT', 'ADAUSDT') });
  assert.deepEqual(
    page.ofType('instruments')[0]?.instruments.map(({ index, symbol }) => [index, symbol]),
    [
      [0, 'BTCUSDT'],
      [1, 'ETHUSDT'],
      [2, 'SOLUSDT'],
      [3, 'ADAUSDT'],
    ],
  );
});

test('a single process is passed through as it is', async (t) => {
  const engine = new FakeEngine();
  const messages: Message[] = [];
  const shards = new TradingShards(async () => engine.port, {
    onHello: () => 0,
    onMessage: (message) => messages.push(message),
    onPong: () => undefined,
    onMarketFrame: () => undefined,
    onDisconnect: () => undefined,
    onBadFrame: (error) => assert.match(error.message, /The page is closing/),
  });
  t.after(() => shards.stop());
  shards.start();
  await turn();
  const snapshot = snapshotOf([order(4, 0)]);
  engine.say(helloOf(0, ['BTCUSDT']));
  engine.say(snapshot);
  assert.deepEqual(messages, [snapshot]);
});
