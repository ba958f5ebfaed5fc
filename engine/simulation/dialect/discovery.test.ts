import assert from 'node:assert/strict';
import { it } from 'node:test';
import { marketProtocols, type MarketProtocol } from '../../contract/market-protocol.ts';
import { toSteps } from '../../contract/units.ts';
import { discoveries } from '../../venue/instrument-discovery.ts';
import type { InstrumentList } from '../../venue/instrument-list.ts';
import { protocols } from '../../venue/protocols.ts';
import { AdapterRun, bytesOf } from '../../verification/adapter-run.test-support.ts';
import { createFeedVenue, type FeedVenue } from '../feed-venue.ts';

const START_MS = 1_760_000_000_000;

/** As the session does it: every document, page by page. */
function discover(venue: FeedVenue): InstrumentList {
  const { documents, nextPath, read } = discoveries[venue.protocol];
  const bodies: Uint8Array[] = [];
  for (const document of documents) {
    let next = document.path;
    while (next !== '') {
      const [path = '', query = ''] = next.split('?', 2);
      const answer = venue.rest({ method: 'GET', path, query, header: () => undefined });
      assert.equal(answer.status, 200, next);
      const body = bytesOf(answer.body);
      bodies.push(body);
      next = nextPath?.(next, body) ?? '';
    }
  }
  return read(bodies, { makerFee: 0, takerFee: 0 });
}

/** Keys of the venue's books by symbol. */
const BOOK_KEYS: Readonly<Record<MarketProtocol, (symbol: string) => string>> = {
  'binance-spot': (symbol) => symbol,
  'binance-usdm': (symbol) => symbol,
  'binance-coinm': (symbol) => symbol,
  bybit: (symbol) => `orderbook.200.${symbol}`,
  'bybit-spot': (symbol) => `orderbook.200.${symbol}`,
  upbit: (symbol) => `${symbol}.30`,
  okx: (symbol) => `books:${symbol}`,
  kraken: (symbol) => `book-1000:${symbol}`,
};

for (const protocol of marketProtocols) {
  it(`${protocol} lists what it trades, and the adapter follows its cheapest and its dearest market by that list`, () => {
    const venue = createFeedVenue({ protocol, seed: 1, startMs: START_MS });
    const { listed, skipped, skipReason } = discover(venue);
    assert.equal(skipped, 0, skipReason);
    assert.deepEqual(
      listed.map(({ spec }) => spec.symbol).sort(),
      venue.markets.specs.map(({ symbol }) => symbol).sort(),
    );
    const prices = listed.map(({ spec }) => {
      const own = venue.markets.specs.find(({ symbol }) => symbol === spec.symbol);
      assert.ok(own);
      assert.ok(toSteps(own.tickSize, spec.tickSize) >= 1 && toSteps(own.lotSize, spec.lotSize) >= 1, spec.symbol);
      return own.startPriceTicks * Number(own.tickSize);
    });
    const chosen = [Math.min(...prices), Math.max(...prices)].map((price, index) => {
      const spec = listed[prices.indexOf(price)]?.spec;
      assert.ok(spec);
      return { ...spec, index };
    });
    const symbols = chosen.map(({ symbol }) => symbol);
    const options = { tradeStream: 'trade', originUs: START_MS * 1000, depth: true } as const;
    const run = new AdapterRun(protocol, symbols, {}, (_instruments, io) =>
      protocols[protocol].createAdapter({ instruments: chosen, ...options }, io),
    );
    run.pass(300);
    const from = run.trueTrades.length - run.trades.length;
    run.pass(1000, () => run.compare(BOOK_KEYS[protocol]), 20);
    assert.ok(run.comparisons > 70, `Expected live books, was ${run.comparisons}`);
    for (const symbol of symbols) run.assertTrades(symbol, Math.max(0, from));
    for (const i of [0, 1]) {
      const { gaps, badMessages, badReason } = run.adapter.counters(i);
      assert.deepEqual([gaps, badMessages, badReason], [0, 0, '']);
    }
  });
}
