import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { ControlEvent, TradingConfig, TradingSource } from '../../contract/process.ts';
import { BookState, RecordFlag, RecordKind } from '../../contract/record.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import type { SymbolSearchResult, TradingRequest } from '../../contract/trading-messages.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { TradingCore } from '../../execution/trading-core.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { type SimulatedVenue, startSimulatedVenue } from '../../simulation/start-simulated-venue.ts';
import { openTradingSession, type TradingSession } from './trading-session.ts';

const credentials = { apiKey: 'test-key', apiSecret: 'test-secret' };
const folder = mkdtempSync(join(tmpdir(), 'christmas-feeds-'));
let venue: SimulatedVenue;
let events: ControlEvent[] = [];

before(async () => {
  venue = await startSimulatedVenue({ seed: 11, symbols: ['BTCUSDT', 'ETHUSDT'], ...credentials });
});
after(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

function simSource(patch: Partial<Extract<TradingSource, { kind: 'sim' }>>): TradingSource {
  const { restUrl, streamUrl, apiUrl, addresses } = venue;
  return { kind: 'sim', restUrl, streamUrl, apiUrl, ...credentials, symbols: ['BTCUSDT'], addresses, ...patch };
}

async function open(t: TestContext, name: string, source: TradingSource): Promise<TradingSession> {
  const config: TradingConfig = {
    process: 'trading',
    dataDir: folder,
    journalDir: join(folder, name),
    source,
    rails: defaultRiskRails,
    strategy: { name: 'none', parameters: {}, autoStart: false },
    waitStrategy: 'block',
  };
  events = [];
  const session = await openTradingSession(config, { post: (event) => events.push(event), loopDelayP99Ms: () => 0 });
  t.after(() => session.dispose());
  session.start();
  return session;
}

async function until(what: string, condition: () => boolean, detail = () => ''): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`not within 20 s: ${what} ${detail()}`);
}

async function allLive(session: TradingSession): Promise<void> {
  const watched = () => session.instruments.filter(({ index }) => !session.source.symbols?.isRemoved(index));
  await until(
    'every book is live',
    () => watched().every(({ index }) => session.core.bookStates[index] === BookState.live),
    () =>
      watched()
        .map(({ index, venue: id, symbol }) => `${id} ${symbol}: ${JSON.stringify(session.view.feed(index))}`)
        .join('\n'),
  );
}

const ask = (session: TradingSession, request: TradingRequest): Promise<unknown> =>
  Promise.resolve().then(() => session.view.handle(request));

test('several venues beside a traded one: watched, not traded; symbols come and go without touching the others', async (t) => {
  const session = await open(
    t,
    'beside',
    simSource({
      feeds: [
        { venue: 'bybit', symbols: ['BTCUSDT'] },
        { venue: 'upbit', symbols: ['KRW-BTC'] },
        { venue: 'binance-usdm', symbols: ['BTCUSDT'] },
      ],
    }),
  );
  const named = () => session.instruments.map(({ venue: id, symbol }) => `${id} ${symbol}`);
  assert.deepEqual(named(), ['binance-spot BTCUSDT', 'bybit BTCUSDT', 'upbit KRW-BTC', 'binance-usdm BTCUSDT']);
  await allLive(session);
  assert.equal(session.view.hello().mode, 'sim');
  assert.match(session.view.hello().instruments[1]?.watchOnly ?? '', /orders to binance-spot alone/);
  const order = { kind: 'place', side: 'buy', priceTicks: 1000, sizeLots: 1, type: 'limit' } as const;
  await assert.rejects(ask(session, { ...order, instrument: 1 }), /orders to binance-spot alone/);

  const before = session.instruments.map(({ index }) => ({ ...session.source.counters(index) }));
  const added = (await ask(session, { kind: 'addSymbol', venue: 'bybit', symbol: 'ETHUSDT' })) as {
    instrument: number;
  };
  assert.deepEqual(added, { instrument: 4 });
  assert.deepEqual(await ask(session, { kind: 'addSymbol', venue: 'bybit', symbol: 'ETHUSDT' }), { instrument: 4 });
  await allLive(session);
  assert.deepEqual(await ask(session, { kind: 'addSymbol', venue: 'binance-spot', symbol: 'ETHUSDT' }), {
    instrument: 5,
  });
  await allLive(session);
  await until(
    'trades of the new one are counted',
    () => session.pump.eventCounts[4]! > 20 && session.pump.eventCounts[5]! > 20,
  );
  // The new symbol of the traded venue takes orders.
  await until('order entry is up', () => session.source.orderEntry === 'up');
  const bid = session.core.books[5]!.bestBidTicks;
  const placed = (await ask(session, { ...order, instrument: 5, priceTicks: bid - 500, sizeLots: 100 })) as {
    orderNumber: number;
  };
  await until('at the venue', () => venue.exchange.openOrders('ETHUSDT').length === 1);
  await assert.rejects(
    ask(session, { kind: 'removeSymbol', instrument: 5 }),
    /ETHUSDT has 1 working order: cancel first/,
  );
  await ask(session, { kind: 'cancel', orderNumber: placed.orderNumber });
  await until('cancelled', () => session.core.workingOrders.length === 0);

  await ask(session, { kind: 'removeSymbol', instrument: 4 });
  await ask(session, { kind: 'removeSymbol', instrument: 4 });
  assert.equal(session.view.feed(4).removed, true);
  await until('its book is no longer followed', () => session.core.bookStates[4] === BookState.connecting);
  assert.equal(session.view.feed(4).stateReason, 'not subscribed');
  const last = events.filter((event) => event.type === 'subscriptions').at(-1);
  assert.deepEqual(last, {
    type: 'subscriptions',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    feeds: [
      { venue: 'bybit', symbols: ['BTCUSDT'] },
      { venue: 'upbit', symbols: ['KRW-BTC'] },
      { venue: 'binance-usdm', symbols: ['BTCUSDT'] },
    ],
  });
  // It comes back under its number.
  assert.deepEqual(await ask(session, { kind: 'addSymbol', venue: 'bybit', symbol: 'ETHUSDT' }), { instrument: 4 });
  await allLive(session);
  for (const { index } of session.instruments.slice(0, 4)) {
    const { gaps, resyncs, badMessages, state } = session.source.counters(index);
    assert.deepEqual([gaps, resyncs, badMessages, state], [0, 0, 0, BookState.live], JSON.stringify(before[index]));
  }
  await assert.rejects(
    ask(session, { kind: 'addSymbol', venue: 'bybit', symbol: 'NOSUCHUSDT' }),
    /symbol: expected one that bybit trades, was NOSUCHUSDT/,
  );
  await assert.rejects(
    ask(session, { kind: 'addSymbol', venue: 'ccxt:bitstamp', symbol: 'BTC/USD' }),
    /venue: expected one that this session can reach, was ccxt:bitstamp/,
  );

  const found = (await ask(session, { kind: 'searchSymbols', text: 'ethusdt', limit: 10 })) as SymbolSearchResult;
  assert.deepEqual(found.unavailable, []);
  const bybit = found.matches.find((match) => match.venue === 'bybit');
  assert.deepEqual([bybit?.symbol, bybit?.instrument], ['ETHUSDT', 4]);
  assert.ok(found.total >= found.matches.length && found.matches.length > 1);
  await session.end();
  sameDecisions(join(folder, 'beside'), session);
});

/** The journal alone leads another core through the same steps, late instruments included. */
function sameDecisions(journalDir: string, session: TradingSession): void {
  const reader = new JournalReader(journalDir);
  const slot = new EventSlot();
  const listed: InstrumentSpec[] = [];
  const late: InstrumentSpec[] = [];
  let core: TradingCore | undefined;
  while (reader.read(slot)) {
    if (slot.kind === RecordKind.instrument)
      (core === undefined ? listed : late).push(JSON.parse(slot.text) as InstrumentSpec);
    if (slot.has(RecordFlag.derived) || slot.kind === RecordKind.sessionStart) continue;
    if (slot.kind === RecordKind.instrument && core === undefined) continue;
    core ??= new TradingCore({
      instruments: listed,
      rails: session.config.rails,
      strategy: { name: 'none', parameters: {}, instrument: 0, autoStart: false },
      execution: 'venue',
      sessionNumber: 1,
      originUs: session.clock.originUs,
      clientIdPrefix: 'x-',
      actions: new Proxy({}, { get: () => () => undefined }) as never,
      derived: { emit: () => undefined },
    });
    core.step(slot);
  }
  reader.close();
  assert.deepEqual([listed.length, late.length], [4, 2]);
  assert.equal(core?.decisionHash(), session.core.decisionHash());
  assert.deepEqual(
    core?.instruments.map(({ index }) => core.books[index]!.bestBidTicks),
    session.instruments.map(({ index }) => session.core.books[index]!.bestBidTicks),
  );
}

test('live venues at other addresses: filled on paper, one that is away at the start joins later, the last stays', async (t) => {
  const away = { restUrl: 'http://127.0.0.1:9', streamUrl: 'ws://127.0.0.1:9' };
  const { addresses } = venue;
  const session = await open(t, 'live', {
    kind: 'live',
    feeds: [
      { venue: 'binance-spot', symbols: ['BTCUSDT'], address: addresses['binance-spot']! },
      { venue: 'upbit', symbols: ['KRW-BTC'], address: away },
    ],
    addresses: { ...addresses, upbit: away },
  });
  assert.deepEqual(
    session.instruments.map(({ symbol }) => symbol),
    ['BTCUSDT'],
  );
  assert.equal(session.view.hello().mode, 'paper');
  assert.equal(session.source.orderEntry, 'paper');
  await allLive(session);
  await assert.rejects(ask(session, { kind: 'removeSymbol', instrument: 0 }), /only symbol of the session/);
  const ask0 = session.core.books[0]!.bestAskTicks;
  await ask(session, { kind: 'place', instrument: 0, side: 'buy', priceTicks: ask0 + 50, sizeLots: 1000, type: 'ioc' });
  await until('filled', () => session.core.positionView(0).positionLots === 1000);
  await ask(session, { kind: 'addSymbol', venue: 'okx', symbol: 'BTC-USDT' });
  await allLive(session);
  await assert.rejects(
    ask(session, { kind: 'removeSymbol', instrument: 0 }),
    /BTCUSDT has an open position: close it first/,
  );
  // What is not there yet is wanted all the same.
  const last = events.filter((event) => event.type === 'subscriptions').at(-1);
  assert.deepEqual(last, {
    type: 'subscriptions',
    feeds: [
      { venue: 'binance-spot', symbols: ['BTCUSDT'] },
      { venue: 'okx', symbols: ['BTC-USDT'] },
      { venue: 'upbit', symbols: ['KRW-BTC'] },
    ],
  });
  const found = (await ask(session, { kind: 'searchSymbols', text: 'btc' })) as SymbolSearchResult;
  assert.deepEqual(
    found.unavailable.map((one) => one.venue),
    ['upbit'],
  );
  assert.match(found.unavailable[0]?.reason ?? '', /127\.0\.0\.1:9/);
  await session.end();
});

test('a symbol that its venue does not list ends the start in one line', async (t) => {
  await assert.rejects(
    open(t, 'unknown', simSource({ feeds: [{ venue: 'kraken', symbols: ['NOPE/USD'] }] })),
    /symbol: expected one that kraken trades, was NOPE\/USD/,
  );
});
