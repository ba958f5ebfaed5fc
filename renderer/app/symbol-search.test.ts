import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { VenueId } from '../../engine/contract/market-protocol.ts';
import type { SymbolSearchResult } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { matchInstruments, type SearchState, SymbolSearch, searchTerms } from './symbol-search.ts';

const venues: { id: VenueId; name: string }[] = [
  { id: 'binance-spot', name: 'Binance Spot' },
  { id: 'bybit', name: 'Bybit Linear' },
  { id: 'bybit-spot', name: 'Bybit Spot' },
  { id: 'upbit', name: '업비트' },
];

test('a venue in front narrows the search, by id or name; the longest name wins', () => {
  const terms = (typed: string) => searchTerms(typed, venues);
  assert.deepEqual(terms('btc'), { text: 'btc', venue: undefined });
  assert.deepEqual(terms('UPBIT  krw-btc'), { text: 'krw-btc', venue: 'upbit' });
  assert.deepEqual(terms('업비트 btc'), { text: 'btc', venue: 'upbit' });
  assert.deepEqual(terms('bybit spot eth'), { text: 'eth', venue: 'bybit-spot' });
  assert.deepEqual(terms('bybit eth'), { text: 'eth', venue: 'bybit' });
  assert.deepEqual(terms('bybit'), { text: '', venue: 'bybit' });
  assert.deepEqual(terms('bybi'), { text: 'bybi', venue: undefined });
});

const spec = (index: number, venue: string, symbol: string): InstrumentSpec => ({
  index,
  venue,
  symbol,
  baseAsset: symbol.slice(0, 3),
  quoteAsset: symbol.slice(3),
  tickSize: '0.1',
  lotSize: '0.001',
  priceDecimals: 1,
  sizeDecimals: 3,
  minNotional: 0,
  makerFee: 0,
  takerFee: 0,
});

test('subscribed instruments match by every word', () => {
  const all = [spec(0, 'binance-spot', 'BTCUSDT'), spec(1, 'upbit', 'BTCKRW'), spec(2, 'upbit', 'ETHKRW')];
  const find = (typed: string) =>
    matchInstruments(all, typed, (v) => (v === 'upbit' ? '업비트' : v)).map((s) => s.index);
  assert.deepEqual(
    [find(''), find('btc'), find('업비트 eth'), find('krw upbit'), find('doge')],
    [[0, 1, 2], [0, 1], [2], [1, 2], []],
  );
});

const empty: SymbolSearchResult = { matches: [], total: 0, unavailable: [] };

test('one question after a pause, and an answer that comes too late is not shown', async () => {
  const asked: { text: string; answer(total: number): void }[] = [];
  const states: SearchState[] = [];
  const search = new SymbolSearch(
    ({ text }) => new Promise((resolve) => asked.push({ text, answer: (total) => resolve({ ...empty, total }) })),
    (state) => states.push(state),
  );
  const type = (text: string) => search.query(text, { text, venue: undefined }, 1);
  type('b');
  type('bt');
  await sleep(20);
  assert.deepEqual(
    asked.map(({ text }) => text),
    ['bt'],
  );
  type('btc');
  await sleep(20);
  asked[1]?.answer(3);
  await turn();
  asked[0]?.answer(7);
  await turn();
  assert.deepEqual(states.at(-1), { text: 'btc', searching: false, result: { ...empty, total: 3 }, error: '' });
  type('x');
  assert.equal(states.at(-1)?.result?.total, 3, 'what was found stays on screen while the next answer is on its way');
  search.dispose();
  const count = states.length;
  await sleep(20);
  assert.deepEqual([asked.length, states.length], [2, count], 'closed, it asks and says nothing');
});

test('a refusal is told, and the next search is a new one', async () => {
  const states: SearchState[] = [];
  const search = new SymbolSearch(
    async ({ text }) => {
      if (text === 'bad') throw new Error('text: expected at most 40 characters, was 41');
      return empty;
    },
    (state) => states.push(state),
  );
  search.query('bad', { text: 'bad', venue: undefined }, 0);
  await sleep(15);
  assert.equal(states.at(-1)?.error, 'text: expected at most 40 characters, was 41');
  search.query('good', { text: 'good', venue: undefined }, 0);
  await sleep(15);
  assert.deepEqual([states.at(-1)?.error, states.at(-1)?.result], ['', empty]);
});
