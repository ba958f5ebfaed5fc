import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BookState, nameOf, RecordKind } from '../../../contract/record.ts';
import { Side } from '../../../contract/units.ts';
import { OrderBook } from '../../../market/order-book.ts';
import { startSimulatedVenue } from '../../../simulation/start-simulated-venue.ts';
import type { SlowOrderBook } from '../../../venue/slow/slow-adapter.ts';
import { instrumentOf } from '../../../venue/proven-feed.test-support.ts';
import { LiveClock } from '../session-clock.ts';
import { SlowFeed } from './slow-feed.ts';
import { listSlowInstruments, openSlowExchange, type SlowExchange } from './slow-library.ts';

class Pump {
  readonly book = new OrderBook();
  readonly states: string[] = [];
  trades = 0;
  instruments = new Set<number>();
  readonly pump = {
    emit: (slot: Parameters<ConstructorParameters<typeof SlowFeed>[0]['pump']['emit']>[0]): void => {
      this.instruments.add(slot.instrument);
      if (slot.kind === RecordKind.snapshotBegin) this.book.clear();
      if (slot.kind === RecordKind.level) this.book.set(slot.side, slot.priceTicks, slot.sizeLots);
      if (slot.kind === RecordKind.bookState) this.states.push(`${nameOf(BookState, slot.id)} ${slot.text}`.trim());
      if (slot.kind === RecordKind.trade) this.trades++;
    },
    beginMessage: (): void => undefined,
    endMessage: (): void => undefined,
    flush: (): void => undefined,
  };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const endMs = Date.now() + 30_000; !holds(); await sleep(20)) {
    if (Date.now() > endMs) throw new Error(`Expected ${what} within 30 s`);
  }
}

test('an exchange of the library over its own streams, against the simulated venue: book and trades arrive', async () => {
  const venue = await startSimulatedVenue({ seed: 3, symbols: ['BTCUSDT'], apiKey: 'k', apiSecret: 's' });
  try {
    const address = { restUrl: venue.restUrl, streamUrl: venue.streamUrl.replace(/\/stream$/, '') };
    const exchange = await openSlowExchange('ccxt:binance', address);
    // The library would ask the futures' lists too, at hosts that are not there.
    Object.assign((exchange as unknown as { options: object }).options, { fetchMarkets: { types: ['spot'] } });
    const listed = await listSlowInstruments('ccxt:binance', exchange);
    const spec = listed.find((one) => one.symbol === 'BTC/USDT');
    assert.deepEqual([spec?.tickSize, spec?.lotSize, spec?.venue], ['0.1', '0.00001', 'ccxt:binance']);
    const seen = new Pump();
    const feed = new SlowFeed({
      venue: 'ccxt:binance',
      exchange,
      instruments: [{ ...spec!, index: 4 }],
      clock: new LiveClock(),
      pump: seen.pump,
    });
    feed.start();
    await until(() => feed.counters(4).applied > 5 && seen.trades > 0, 'books and trades');
    assert.deepEqual(seen.states, ['syncing waiting for the book', 'live']);
    assert.ok(seen.book.bestBidTicks > 0 && seen.book.bestBidTicks < seen.book.bestAskTicks);
    assert.deepEqual([...seen.instruments], [4]);
    feed.remove(4);
    assert.equal(seen.states.at(-1), 'connecting not subscribed');
    feed.dispose();
  } finally {
    await venue.close();
  }
});

test('polled where there are no streams; a failure is told, retried, and ends with the next book', async () => {
  let asked = 0;
  const book: SlowOrderBook = { bids: [[100, 1]], asks: [[100.5, 2]] };
  const exchange = {
    has: { fetchOrderBook: true },
    rateLimit: 10,
    fetchOrderBook: async () => {
      asked++;
      if (asked === 1) throw new Error('no answer');
      return book;
    },
    fetchTrades: async () => [{ id: '1', timestamp: 5, price: 100, amount: 1, side: 'buy' }],
  } as unknown as SlowExchange;
  const seen = new Pump();
  const feed = new SlowFeed({
    venue: 'ccxt:bitstamp',
    exchange,
    instruments: [instrumentOf(0, 'BTC/USD', '0.5', '0.001')],
    clock: new LiveClock(),
    pump: seen.pump,
    random: () => 0,
  });
  feed.start();
  await until(() => seen.states.at(-1) === 'live', 'a live book');
  feed.dispose();
  assert.deepEqual(seen.states, ['syncing waiting for the book', 'connecting Error: no answer', 'live']);
  assert.equal(seen.book.sizeAt(Side.sell, 201), 2000);
  assert.equal(seen.trades, 1);
});

test('an exchange that the library does not know is refused by name', async () => {
  await assert.rejects(
    openSlowExchange('ccxt:nowhere'),
    /expected ccxt: and one of its \d+ exchanges, was "ccxt:nowhere"/,
  );
});
