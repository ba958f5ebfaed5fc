import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BookState, nameOf, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { OrderBook } from '../../market/order-book.ts';
import { instrumentOf } from '../proven-feed.test-support.ts';
import { SlowAdapter, type SlowLevel } from './slow-adapter.ts';
import { slowInstrument } from './slow-instruments.ts';

class Consumer {
  readonly book = new OrderBook(1024);
  readonly states: string[] = [];
  readonly trades: [side: Side, ticks: number, lots: number][] = [];
  readonly adapter: SlowAdapter;
  records = 0;

  constructor() {
    const instruments = [instrumentOf(0, 'BTC/USD', '0.5', '0.001')];
    this.adapter = new SlowAdapter(
      { instruments, originUs: 0 },
      {
        emit: (slot) => {
          this.records++;
          if (slot.kind === RecordKind.snapshotBegin) this.book.clear();
          if (slot.kind === RecordKind.level) this.book.set(slot.side, slot.priceTicks, slot.sizeLots);
          if (slot.kind === RecordKind.bookState) this.states.push(`${nameOf(BookState, slot.id)} ${slot.text}`.trim());
          if (slot.kind === RecordKind.trade) this.trades.push([slot.side, slot.priceTicks, slot.sizeLots]);
        },
      },
    );
  }
}

test('whole books become differences, and the book applied is the one told', () => {
  const level = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 50 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(level), fc.array(level)), { minLength: 1, maxLength: 12 }), (books) => {
      const consumer = new Consumer();
      books.forEach(([low, high], i) => {
        const bids = low.map(([t, s]): SlowLevel => [t / 2, s / 1000]);
        const asks = high.map(([t, s]): SlowLevel => [(t + 60) / 2, s / 1000]);
        consumer.adapter.onBook(0, { bids, asks, timestamp: i + 1 }, i);
        // The last of several levels at one price counts, as in a map.
        const sizes = (levels: typeof low, base: number): [number, number][] =>
          [...new Map(levels.filter(([, s]) => s > 0).map(([t, s]) => [t + base, s]))].sort((a, b) => a[0] - b[0]);
        const prices = new Float64Array(100);
        const lots = new Float64Array(100);
        for (const [side, levels, base] of [
          [Side.buy, low, 0],
          [Side.sell, high, 60],
        ] as const) {
          const count = consumer.book.copyTop(side, 100, prices, lots);
          const shown = [...prices.subarray(0, count)].map((p, k): [number, number] => [p, lots[k] as number]);
          assert.deepEqual(
            shown.sort((a, b) => a[0] - b[0]),
            sizes(levels, base),
          );
        }
      });
    }),
    { numRuns: 200 },
  );
});

test('states: syncing, live, crossed until the next book, stale, and gone with the subscription', () => {
  const { adapter, states } = new Consumer();
  const book = (bid: number, ask: number) => ({ bids: [[bid, 1] as const], asks: [[ask, 1] as const] });
  adapter.onSubscribed(0, 0);
  adapter.onBook(0, book(100, 100.5), 1e9);
  adapter.onBook(0, book(101, 101), 2e9);
  adapter.onBook(0, book(101, 101.5), 3e9);
  adapter.onBook(0, book(101.25, 102), 4e9);
  adapter.onBook(0, book(101, 101.5), 5e9);
  adapter.onTimer(21e9);
  adapter.onFailed(0, 'NetworkError', 22e9);
  adapter.removeInstrument(0, 23e9);
  adapter.onBook(0, book(101, 101.5), 24e9);
  assert.deepEqual(states, [
    'syncing waiting for the book',
    'live',
    'crossed best bid at or above best ask',
    'live',
    'gap bad book: a price or size of a book is no positive number of steps',
    'live',
    'stale no book for 16 s',
    'connecting NetworkError',
    'connecting not subscribed',
  ]);
});

test('trades: repeats once, bad ones counted', () => {
  const { adapter, trades } = new Consumer();
  const trade = { id: 'a', timestamp: 1000, price: 100.5, amount: 0.25, side: 'sell' };
  adapter.onTrades(0, [trade, { ...trade, id: 'b', side: 'buy' }], 1);
  adapter.onTrades(0, [trade, { ...trade, id: 'c', price: 100.1 }, { ...trade, id: 'd', amount: 0 }], 2);
  assert.deepEqual(trades, [
    [Side.sell, 201, 250],
    [Side.buy, 201, 250],
  ]);
  const { discarded, badMessages } = adapter.counters(0);
  assert.deepEqual([discarded, badMessages], [1, 2]);
});

test('instruments: steps of both precision modes as plain decimals, closed markets left out', () => {
  const market = { symbol: 'BTC/USD', base: 'BTC', quote: 'USD', precision: { price: 0.1, amount: 1e-8 } };
  const step = slowInstrument('ccxt:bitstamp', market, 'step');
  assert.deepEqual([step?.tickSize, step?.lotSize, step?.sizeDecimals], ['0.1', '0.00000001', 8]);
  const decimals = slowInstrument('ccxt:x', { ...market, precision: { price: 2, amount: 0 } }, 'decimals');
  assert.deepEqual([decimals?.tickSize, decimals?.lotSize], ['0.01', '1']);
  assert.equal(slowInstrument('ccxt:x', { ...market, active: false }, 'step'), undefined);
  assert.equal(slowInstrument('ccxt:x', { ...market, precision: {} }, 'step'), undefined);
});
