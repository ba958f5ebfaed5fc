import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { TradingConfig } from '../../contract/process.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import type { TradingRequest } from '../../contract/trading-messages.ts';
import { Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { type SimulatedVenue, startSimulatedVenue } from '../../simulation/start-simulated-venue.ts';
import { RefusedError } from './errors.ts';
import { openTradingSession, type TradingSession } from './trading-session.ts';

const credentials = { apiKey: 'test-key', apiSecret: 'test-secret' };
const folder = mkdtempSync(join(tmpdir(), 'christmas-session-'));
let venue: SimulatedVenue;

before(async () => {
  venue = await startSimulatedVenue({ seed: 3, symbols: ['BTCUSDT', 'ETHUSDT'], ...credentials });
});
after(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(t: TestContext, name: string): Promise<TradingSession> {
  const config: TradingConfig = {
    process: 'trading',
    dataDir: folder,
    journalDir: join(folder, name),
    source: {
      kind: 'sim',
      restUrl: venue.restUrl,
      streamUrl: venue.streamUrl,
      apiUrl: venue.apiUrl,
      ...credentials,
      symbols: ['BTCUSDT', 'ETHUSDT'],
    },
    rails: defaultRiskRails,
    strategy: { name: 'imbalance', parameters: {}, autoStart: false, symbol: 'BTCUSDT' },
    waitStrategy: 'block',
  };
  const session = await openTradingSession(config, { post: () => undefined, loopDelayP99Ms: () => 0 });
  // A failed assertion must not leave sockets and timers that keep the run alive.
  t.after(() => session.dispose());
  session.start();
  await until('the book is live', () => session.core.bookStates[0] === 2);
  // Orders are taken once the venue has told which ones are open.
  await until('order entry is up', () => session.source.orderEntry === 'up' && tryPlace(session) > 0);
  return session;
}

/** A small order far below the market; 0 while it is refused. */
function tryPlace(session: TradingSession): number {
  const bid = session.core.books[0]!.bestBidTicks;
  try {
    return place(session, bid - 2000);
  } catch (error) {
    assert.match((error as Error).message, /order entry/i);
    return 0;
  }
}

function place(session: TradingSession, priceTicks: number, side: 'buy' | 'sell' = 'buy', sizeLots = 1000): number {
  const request: TradingRequest = { kind: 'place', instrument: 0, side, priceTicks, sizeLots, type: 'limit' };
  return (session.view.handle(request) as { orderNumber: number }).orderNumber;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`not within 10 s: ${what}`);
}

function statusOf(session: TradingSession, orderNumber: number): string {
  return (
    session.core.snapshotViews().orders.find((order) => order.orderNumber === orderNumber)?.status ?? 'unknown order'
  );
}

async function close(session: TradingSession): Promise<void> {
  await session.end();
  session.dispose();
}

test('an order rests at the venue, is found again by the next session, and is cancelled there', async (t) => {
  const first = await open(t, 'rest');
  const orderNumber = first.core.workingOrders[0]!.orderNumber;
  await until('working', () => statusOf(first, orderNumber) === 'working');
  await until('resting', () => venue.exchange.openOrders('BTCUSDT').length === 1);
  // A crash: nothing is cancelled, nothing is sealed.
  first.dispose();

  const second = await open(t, 'rest');
  await until('found again', () => statusOf(second, orderNumber) === 'working');
  await until('the old one and the probe of this session', () => venue.exchange.openOrders('BTCUSDT').length === 2);
  second.view.handle({ kind: 'cancel', orderNumber });
  await until('cancelled', () => statusOf(second, orderNumber) === 'cancelled');
  second.view.handle({ kind: 'cancelAll', instrument: 0 });
  await until('nothing open', () => venue.exchange.openOrders('BTCUSDT').length === 0);
  assert.equal(second.core.counters.adopted, 0, 'our own orders are no strangers');
  await close(second);
});

test('fills move the position once, survive a crash, and fees are those of the venue', async (t) => {
  const first = await open(t, 'fills');
  const ask = first.core.books[0]!.bestAskTicks;
  const orderNumber = place(first, ask + 500);
  await until('filled', () => statusOf(first, orderNumber) === 'filled');
  const position = first.core.positionView(0);
  assert.equal(position.positionLots, 1000);
  const atVenue = venue.exchange
    .fills('BTCUSDT')
    .filter((fill) =>
      venue.exchange.find('BTCUSDT', fill.orderId, undefined)?.clientOrderId.endsWith(`-${orderNumber}`),
    );
  assert.ok(atVenue.length > 0);
  assert.ok(position.fees > 0);
  first.dispose();

  const second = await open(t, 'fills');
  assert.deepEqual(
    { ...second.core.positionView(0), unrealizedPnl: 0 },
    { ...position, unrealizedPnl: 0 },
    'the journal rebuilds position, cost and fees',
  );
  assert.equal(
    second.core.snapshotViews().fills.filter((fill) => fill.orderNumber === orderNumber).length,
    atVenue.length,
  );

  second.view.handle({ kind: 'kill' });
  await until('flat, confirmed', () => second.core.killView().state === 'flatConfirmed');
  assert.equal(second.core.positionView(0).positionLots, 0);
  assert.equal(venue.exchange.openOrders('BTCUSDT').length, 0);
  assert.throws(() => place(second, ask - 1000), /kill/i);
  second.view.handle({ kind: 'killReset' });
  await close(second);
});

test('an order whose answer was lost is looked up and adopted as it is, never sent twice', async (t) => {
  const session = await open(t, 'lost');
  session.view.handle({ kind: 'cancelAll', instrument: 0 });
  await until('nothing open', () => venue.exchange.openOrders('BTCUSDT').length === 0);
  venue.faults.arm({ fault: 'lostAnswer' });
  const orderNumber = place(session, session.core.books[0]!.bestBidTicks - 3000);
  await until('at the venue', () => venue.exchange.openOrders('BTCUSDT').length === 1);
  venue.cutApi();
  await until('working again', () => statusOf(session, orderNumber) === 'working');
  assert.equal(venue.exchange.openOrders('BTCUSDT').length, 1);
  session.view.handle({ kind: 'cancelAll', instrument: 0 });
  await until('nothing open', () => venue.exchange.openOrders('BTCUSDT').length === 0);
  await close(session);
});

test('a gap in the stream refuses orders until that book is synchronised anew', async (t) => {
  const session = await open(t, 'gap');
  venue.faults.arm({ fault: 'gap', count: 2 });
  venue.faults.arm({ fault: 'failedSnapshot', count: 3 });
  await until('gap seen', () => session.core.bookStates[0] !== 2);
  assert.throws(() => place(session, 6_000_000), /book/i);
  await until('live again', () => session.core.bookStates[0] === 2 && session.core.bookStates[1] === 2);
  const book = session.core.books[0]!;
  const market = venue.exchange.market('BTCUSDT');
  assert.ok(book.sizeAt(Side.buy, book.bestBidTicks) > 0 && market !== undefined);
  session.view.handle({ kind: 'cancelAll', instrument: 0 });
  await close(session);
});

test('whatever a page sends is refused in words, leaves the journal whole and the session as it was', async (t) => {
  const session = await open(t, 'hostile');
  session.view.handle({ kind: 'cancelAll', instrument: 0 });
  await until('nothing open', () => venue.exchange.openOrders('BTCUSDT').length === 0);
  const order = { kind: 'place', instrument: 0, side: 'buy', priceTicks: 6_000_000, sizeLots: 1, type: 'limit' };
  const odd: unknown[] = [
    null,
    undefined,
    -1,
    0.5,
    Number.NaN,
    1e300,
    '0',
    'length',
    'map',
    [0],
    {},
    { toString: 1 },
    true,
  ];
  const requests: unknown[] = [...odd, { kind: 'nothing' }, { kind: 'rails' }, { kind: 'strategyParameters' }];
  for (const value of odd) {
    for (const field of ['instrument', 'side', 'priceTicks', 'sizeLots', 'type']) {
      requests.push({ ...order, [field]: value });
    }
    requests.push(
      { kind: 'cancel', orderNumber: value },
      { kind: 'cancelAll', instrument: value },
      { kind: 'strategyStart', instrument: value, name: 'imbalance', parameters: {} },
      { kind: 'strategyStart', instrument: 0, name: value, parameters: {} },
      { kind: 'strategyStart', instrument: 0, name: 'imbalance', parameters: { levels: value ?? 'none' } },
      { kind: 'strategyParameters', parameters: { levels: value ?? 'none' } },
      { kind: 'rails', rails: value },
      { kind: 'rails', rails: { ...defaultRiskRails, maxOrdersPerSecond: value } },
      { kind: 'replaySpeed', speed: value },
    );
  }
  const before = session.core.counters.sent;
  const rails = { ...session.core.rails };
  for (const request of requests) {
    assert.throws(
      () => session.view.handle(request as TradingRequest),
      (error) => error instanceof RefusedError && error.message.length < 300,
      JSON.stringify(request),
    );
  }
  assert.equal(session.core.counters.sent, before);
  assert.deepEqual(session.core.rails, rails);
  assert.equal(session.core.strategyView().state, 'stopped');
  const last = session.journal.lastSequence;
  const reader = new JournalReader(session.config.journalDir);
  const slot = new EventSlot();
  while (reader.nextSequence <= last) assert.ok(reader.read(slot), `record ${reader.nextSequence} of ${last}`);
  reader.close();
  await close(session);
});
