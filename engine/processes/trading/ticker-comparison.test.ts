import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Side } from '../../contract/units.ts';
import { OrderBook } from '../../market/order-book.ts';
import { TickerComparison } from './ticker-comparison.ts';

interface Row {
  id: number;
  bid: number;
  lots: number;
}

function bookOf({ bid, lots }: Row): OrderBook {
  const book = new OrderBook();
  book.set(Side.buy, bid, lots);
  book.set(Side.sell, bid + 1, lots);
  return book;
}

function quote(comparison: TickerComparison, { id, bid, lots }: Row): void {
  comparison.onQuote(Side.buy, bid, lots, id);
  comparison.onQuote(Side.sell, bid + 1, lots, id);
}

/** By the definition, with everything at hand: each update against the newest ticker up to its id. */
function expected(updates: readonly Row[], quotes: readonly Row[]): { tickerAgrees: number; tickerDiffers: number } {
  let [tickerAgrees, tickerDiffers] = [0, 0];
  for (const update of updates) {
    const newest = quotes.filter(({ id }) => id <= update.id).at(-1);
    if (newest === undefined) continue;
    if (newest.bid === update.bid && newest.lots === update.lots) tickerAgrees++;
    else tickerDiffers++;
  }
  return { tickerAgrees, tickerDiffers };
}

test('updates and tickers in any interleaving: each update counts against the newest ticker up to its id', () => {
  const rows = fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 3 }),
      bid: fc.integer({ min: 5, max: 6 }),
      lots: fc.integer({ min: 1, max: 2 }),
    }),
    { maxLength: 60 },
  );
  const numbered = (list: { step: number; bid: number; lots: number }[]): Row[] => {
    let id = 10;
    return list.map(({ step, bid, lots }) => {
      id += step;
      return { id, bid, lots };
    });
  };
  let compared = 0;
  fc.assert(
    fc.property(rows, rows, fc.array(fc.boolean(), { maxLength: 120 }), (updateRows, quoteRows, order) => {
      const [updates, quotes] = [numbered(updateRows), numbered(quoteRows)];
      const comparison = new TickerComparison();
      let [u, q] = [0, 0];
      for (const takeUpdate of [...order, ...new Array<boolean>(120).fill(true)]) {
        if ((takeUpdate && u < updates.length) || q === quotes.length) {
          const update = updates[u++];
          if (update !== undefined) comparison.onUpdate(update.id, bookOf(update));
        } else quote(comparison, quotes[q++] as Row);
        const soFar = comparison.result();
        assert.deepEqual(soFar, expected(updates.slice(0, u), quotes.slice(0, q)));
      }
      compared += updates.length;
    }),
    { numRuns: 60 },
  );
  assert.ok(compared > 100);
});

test('tickers far ahead are looked back to, within the ring', () => {
  const comparison = new TickerComparison();
  for (let id = 1; id <= 5_000; id++) quote(comparison, { id, bid: id, lots: 1 });
  comparison.onUpdate(100, bookOf({ id: 100, bid: 100, lots: 1 }));
  comparison.onUpdate(101, bookOf({ id: 101, bid: 99, lots: 1 }));
  assert.deepEqual(comparison.result(), { tickerAgrees: 1, tickerDiffers: 1 });
  // Out of the ring: nothing to compare with.
  for (let id = 5_001; id <= 20_000; id++) quote(comparison, { id, bid: id, lots: 1 });
  comparison.onUpdate(200, bookOf({ id: 200, bid: 200, lots: 1 }));
  assert.deepEqual(comparison.result(), { tickerAgrees: 1, tickerDiffers: 1 });
});
