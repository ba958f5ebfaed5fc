import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, RecordKind } from '../../contract/record.ts';
import { formatStepsTrimmed, Side } from '../../contract/units.ts';
import { OrderBook } from '../../market/order-book.ts';
import { TradeStatistics } from '../../market/trade-statistics.ts';
import { UpbitAdapter } from '../../venue/upbit/upbit-adapter.ts';
import { upbitInstrument } from '../../venue/upbit/upbit-instrument.ts';
import { readCryptofeed } from './cryptofeed-reader.ts';
import { dataFolder, skipReason } from './recorded-day.test-support.ts';

/** The markets of the capture that had messages, and a price of each. */
const markets: [market: string, price: string][] = [
  ['KRW-LAMB', '127'],
  ['KRW-WAVES', '20370'],
  ['BTC-XTZ', '0.00013113'],
  ['BTC-ITAM', '0.0000012'],
  ['BTC-PAX', '0.000017'],
];

/** Numbers of a message as they are written; exponents spelled out. */
function texts(json: string, key: string): string[] {
  return [...json.matchAll(new RegExp(`"${key}":([0-9.E+-]+)`, 'g'))].map(([, text]) => plain(text as string));
}

function plain(text: string): string {
  const [mantissa, exponent] = text.split('E') as [string, string | undefined];
  let [whole, fraction = ''] = mantissa.split('.') as [string, string | undefined];
  const shift = -Number(exponent ?? 0);
  assert.ok(shift >= 0);
  const digits = whole.padStart(shift + 1, '0');
  fraction = digits.slice(digits.length - shift) + fraction;
  whole = digits.slice(0, digits.length - shift);
  return `${whole}.${fraction}`.replace(/\.?0+$/, '');
}

test('the recorded Upbit stream: 145 books and 304 trades, every level and trade as written, nothing refused', {
  skip: skipReason,
}, async () => {
  const instruments = markets.map(([market, price], i) => upbitInstrument(i, market, price));
  const books = instruments.map(() => new OrderBook());
  const statistics = instruments.map(() => new TradeStatistics());
  const states = instruments.map((): number[] => []);
  const trades: string[] = [];
  let crossed = 0;
  let records = 0;
  const adapter = new UpbitAdapter(
    { instruments, originUs: 0 },
    {
      emit: (slot) => {
        const book = books[slot.instrument] as OrderBook;
        if (slot.kind === RecordKind.snapshotBegin) book.clear();
        if (slot.kind === RecordKind.level) {
          book.set(slot.side, slot.priceTicks, slot.sizeLots);
          records++;
        } else if (slot.kind === RecordKind.snapshotEnd || slot.kind === RecordKind.diffEnd) {
          if (book.isCrossed()) crossed++;
        } else if (slot.kind === RecordKind.bookState) {
          states[slot.instrument]?.push(slot.id);
        } else if (slot.kind === RecordKind.trade) {
          const { tickSize, lotSize } = instruments[slot.instrument] as (typeof instruments)[0];
          statistics[slot.instrument]?.addTrade(slot.priceTicks, slot.sizeLots, slot.side, slot.id);
          const id = BigInt(slot.aux) * 100_000_000n + BigInt(slot.value);
          const side = slot.side === Side.buy ? 'BID' : 'ASK';
          const price = formatStepsTrimmed(slot.priceTicks, tickSize);
          trades.push(`${id} ${side} ${price} ${formatStepsTrimmed(slot.sizeLots, lotSize)} ${slot.exchangeTimeUs}`);
        }
      },
      requestSnapshot: () => undefined,
      send: () => undefined,
      reconnect: (reason) => assert.fail(reason),
    },
  );
  adapter.onConnected(0);
  const expectedTrades: string[] = [];
  let bookCount = 0;
  const prices = new Float64Array(40);
  const sizes = new Float64Array(40);
  const seen = new Set<number>();
  for await (const entry of readCryptofeed(`${dataFolder}upbit/UPBIT.ws.62.0`)) {
    if (entry.kind !== 'message') continue;
    adapter.onMessage(entry.bytes, entry.timeNs);
    const json = new TextDecoder().decode(entry.bytes);
    const index = markets.findIndex(([market]) => json.includes(`"cd":"${market}"`));
    assert.ok(index >= 0, json);
    const { tickSize, lotSize } = instruments[index] as (typeof instruments)[0];
    if (json.startsWith('{"ty":"trade"')) {
      const side = /"ab":"(\w+)"/.exec(json)?.[1];
      const time = Number(texts(json, 'ttms')[0]) * 1000;
      const id = /"sid":(\d+)/.exec(json)?.[1];
      expectedTrades.push(`${id} ${side} ${texts(json, 'tp')[0]} ${texts(json, 'tv')[0]} ${time}`);
      continue;
    }
    bookCount++;
    seen.add(index);
    for (const [side, price, size] of [
      [Side.sell, 'ap', 'as'],
      [Side.buy, 'bp', 'bs'],
    ] as const) {
      const count = (books[index] as OrderBook).copyTop(side, 40, prices, sizes);
      const expectedPrices = texts(json, price);
      assert.equal(count, expectedPrices.length);
      const own = Array.from({ length: count }, (_, i) => formatStepsTrimmed(prices[i] as number, tickSize));
      assert.deepEqual(own, expectedPrices);
      const ownSizes = Array.from({ length: count }, (_, i) => formatStepsTrimmed(sizes[i] as number, lotSize));
      assert.deepEqual(ownSizes, texts(json, size));
    }
  }
  assert.equal(bookCount, 145);
  assert.equal(expectedTrades.length, 304);
  assert.deepEqual(trades, expectedTrades);
  assert.equal(crossed, 0);
  assert.equal(adapter.inexactSizes, 0);
  let books145 = 0;
  let counted = 0;
  instruments.forEach((_, i) => {
    const counters = adapter.counters(i);
    assert.equal(counters.badMessages, 0, counters.badReason);
    assert.equal(counters.gaps, 0);
    assert.equal(counters.resyncs, 0);
    assert.equal(counters.discarded, 0);
    assert.deepEqual(states[i], seen.has(i) ? [BookState.syncing, BookState.live] : [BookState.syncing]);
    books145 += counters.depth;
    counted += statistics[i]?.count ?? 0;
  });
  assert.equal(books145, 145);
  // The six pairs that came out of order count too: the numbers rise with arrival.
  assert.equal(counted, 304);
  // As differences: far fewer than 30 levels a message.
  assert.ok(records < (145 * 30) / 2, `${records} levels`);
});
