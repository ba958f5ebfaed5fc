import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { type FramePort, readFrameHeader } from '../../engine/contract/frame.ts';
import { MARKET_HEADER_FIELDS, MarketFrameWriter } from '../../engine/contract/market-frame.ts';
import { defaultRiskRails } from '../../engine/contract/risk-rails.ts';
import type { TradingHello } from '../../engine/contract/trading-messages.ts';
import { FakeEngine } from './fake-engine.test-support.ts';
import { ReconnectingPort, reconnectDelayMs } from './reconnecting-port.ts';
import { RequestTable } from './request-table.ts';
import { TradingLink, type TradingLinkEvents } from './trading-link.ts';

const hello: TradingHello = {
  type: 'hello',
  protocol: 1,
  session: 3,
  mode: 'sim',
  source: { kind: 'sim', description: '' },
  instruments: [],
  strategies: [],
  rails: defaultRiskRails,
};

function eventsInto(log: string[], instrument = 1): TradingLinkEvents {
  return {
    onHello: (message) => {
      log.push(`hello ${message.session}`);
      return instrument;
    },
    onMessage: (message) => log.push(message.type),
    onPong: () => log.push('pong'),
    onMarketFrame: (queued) => log.push(`market ${queued}`),
    onDisconnect: (reason) => log.push(`gone ${reason}`),
    onBadFrame: (error) => log.push(`bad ${error.message}`),
  };
}

test('subscribes after each hello, also after a crash, and ends what was under way', async () => {
  const engines: FakeEngine[] = [];
  const log: string[] = [];
  const link = new TradingLink(async () => {
    const engine = new FakeEngine();
    engines.push(engine);
    return engine.port;
  }, eventsInto(log));
  link.start();
  await turn();
  const first = engines[0] as FakeEngine;
  first.say(hello);
  assert.deepEqual(first.requests()[0], {
    type: 'request',
    requestId: 1,
    request: { kind: 'subscribe', instrument: 1 },
  });
  first.say({ type: 'reply', requestId: 1, ok: true });
  const placing = link.request({ kind: 'cancel', orderNumber: 9 });
  first.die('exit 137');
  await assert.rejects(placing, /went away before it answered/);
  await assert.rejects(link.request({ kind: 'kill' }), /not connected/);
  link.retryNow();
  await new Promise((resolve) => setTimeout(resolve, 150));
  const second = engines[1] as FakeEngine;
  second.say({ ...hello, session: 4 });
  assert.deepEqual(
    second.requests().map((message) => message.request),
    [{ kind: 'subscribe', instrument: 1 }],
  );
  assert.deepEqual(log, ['hello 3', 'gone exit 137', 'hello 4']);
  link.stop();
});

test('market frames wait to be drawn, messages do not, a foreign frame is reported and survived', async () => {
  const engine = new FakeEngine();
  const log: string[] = [];
  const link = new TradingLink(async () => engine.port, eventsInto(log));
  link.start();
  await turn();
  const writer = new MarketFrameWriter();
  writer.body.fill(0, 0, MARKET_HEADER_FIELDS);
  engine.deliver(writer.finish(41, 1, MARKET_HEADER_FIELDS).slice());
  engine.deliver(new Uint8Array(40));
  engine.say({ type: 'alert', alert: {} });
  assert.deepEqual(log, ['market 1', 'bad Expected frame magic 19800, was 0', 'alert']);
  const frame = link.takeFrame();
  assert.equal(frame && readFrameHeader(frame).sequence, 41);
  assert.equal(link.takeFrame(), undefined);
  link.sendCredit(41, 16);
  assert.deepEqual(engine.credits, [41]);
  link.stop();
});

test('an engine error reaches whoever asked', async () => {
  const table = new RequestTable(1_000);
  const ids: number[] = [];
  const refused = table.start((id) => ids.push(id) > 0, 'nobody there');
  const taken = table.start((id) => ids.push(id) > 0, 'nobody there');
  table.settle({ requestId: ids[0] as number, ok: false, error: 'priceCollar: expected within 100 bps' });
  table.settle({ requestId: ids[1] as number, ok: true, result: 5 });
  table.settle({ requestId: 99, ok: true });
  await assert.rejects(refused, /priceCollar/);
  assert.equal(await taken, 5);
  await assert.rejects(
    table.start(() => false, 'nobody there'),
    /nobody there/,
  );
  assert.equal(table.size, 0);
});

test('a port that does not open is tried again, and pauses grow to a limit', async () => {
  let attempts = 0;
  const closed: string[] = [];
  const port = new ReconnectingPort(
    async () => {
      attempts++;
      throw new Error('not ready');
    },
    { onOpen: () => assert.fail('never opens'), onFrame: () => undefined, onClose: (reason) => closed.push(reason) },
  );
  port.start();
  await new Promise((resolve) => setTimeout(resolve, 250));
  port.stop();
  assert.ok(attempts >= 2, `${attempts} attempts`);
  const before = attempts;
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.equal(attempts, before, 'stopped');
  assert.equal(closed[0], 'not ready');
  const delays = [0, 1, 2, 3, 4, 5, 20].map((attempt) => reconnectDelayMs(attempt, 0));
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 2000, 2000]);
  assert.equal(reconnectDelayMs(0, 1), 75);
});

test('a port that neither opens nor fails is given up in time; one that comes too late is closed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const openings: ((port: FramePort) => void)[] = [];
  const log: string[] = [];
  const port = new ReconnectingPort(() => new Promise((resolve) => openings.push(resolve)), {
    onOpen: () => log.push('open'),
    onFrame: () => undefined,
    onClose: (reason) => log.push(reason),
  });
  port.start();
  t.mock.timers.tick(5_000);
  await turn();
  assert.deepEqual(log, ['No connection within 5 s']);
  t.mock.timers.tick(100);
  assert.equal(openings.length, 2);
  let isLateClosed = false;
  openings[0]?.({ ...new FakeEngine().port, close: () => (isLateClosed = true) } as FramePort);
  openings[1]?.(new FakeEngine().port);
  await turn();
  assert.equal(isLateClosed, true);
  assert.deepEqual(log, ['No connection within 5 s', 'open']);
  port.stop();
});
