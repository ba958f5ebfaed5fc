import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BookState, RecordKind } from '../../contract/record.ts';
import { formatSteps, type InstrumentSpec, Side } from '../../contract/units.ts';
import { OrderBook } from '../../market/order-book.ts';
import { BybitAdapter } from '../../venue/bybit/bybit-adapter.ts';
import { dataFolder, skipReason } from './recorded-day.test-support.ts';
import { openZip } from './zip-reader.ts';

const xrp: InstrumentSpec = {
  index: 0,
  venue: 'bybit',
  symbol: 'XRPUSDT',
  baseAsset: 'XRP',
  quoteAsset: 'USDT',
  tickSize: '0.0001',
  lotSize: '1',
  priceDecimals: 4,
  sizeDecimals: 0,
  minNotional: 0,
  makerFee: 0.0002,
  takerFee: 0.00055,
};

interface Recorded {
  type: string;
  cts: number;
  data: { b: [string, string][]; a: [string, string][]; u: number };
}

test('the recorded Bybit v5 book: 49 of 49 deltas follow on, nothing crossed, every level as a plain Map says', {
  skip: skipReason,
}, () => {
  const archive = openZip(readFileSync(`${dataFolder}bybit/xrpusdt-ob500.data.zip`));
  const lines = new TextDecoder().decode(archive[0]?.read()).trimEnd().split('\n');
  assert.equal(lines.length, 50);
  const book = new OrderBook();
  const truth = { buy: new Map<string, string>(), sell: new Map<string, string>() };
  const states: number[] = [];
  let crossed = 0;
  let ends = 0;
  let updateId = 0;
  const requests: string[] = [];
  const adapter = new BybitAdapter(
    { instruments: [xrp], originUs: 1733011200000000, bookDepth: 'any' },
    {
      emit: (slot) => {
        if (slot.kind === RecordKind.snapshotBegin) book.clear();
        else if (slot.kind === RecordKind.level) book.set(slot.side, slot.priceTicks, slot.sizeLots);
        else if (slot.kind === RecordKind.bookState) states.push(slot.id);
        else if (slot.kind === RecordKind.snapshotEnd || slot.kind === RecordKind.diffEnd) {
          ends++;
          updateId = slot.id;
          if (book.isCrossed()) crossed++;
        }
      },
      requestSnapshot: () => assert.fail(),
      send: (text) => requests.push(text),
      reconnect: (reason) => assert.fail(reason),
    },
  );
  const utf8 = new TextEncoder();
  adapter.onConnected(0);
  const prices = new Float64Array(1000);
  const sizes = new Float64Array(1000);
  lines.forEach((line, i) => {
    adapter.onMessage(utf8.encode(line), i * 1e8);
    adapter.onTimer(i * 1e8);
    // The oracle: strings in Maps.
    const message = JSON.parse(line) as Recorded;
    for (const [name, rows] of [
      ['buy', message.data.b],
      ['sell', message.data.a],
    ] as const) {
      if (message.type === 'snapshot') truth[name].clear();
      for (const [price, size] of rows) {
        if (size === '0') truth[name].delete(price);
        else truth[name].set(price, size);
      }
      const side = name === 'buy' ? Side.buy : Side.sell;
      const sorted = [...truth[name]].sort((a, b) => (Number(a[0]) - Number(b[0])) * (name === 'buy' ? -1 : 1));
      const count = book.copyTop(side, 1000, prices, sizes);
      const levels = Array.from({ length: count }, (_, n) => [
        formatSteps(prices[n] as number, xrp.tickSize),
        formatSteps(sizes[n] as number, xrp.lotSize),
      ]);
      assert.deepEqual(levels, sorted, `line ${i + 1}`);
    }
    assert.equal(updateId, message.data.u);
  });
  const counters = adapter.counters(0);
  assert.equal(counters.depth, 50);
  assert.equal(counters.applied, 49);
  assert.equal(counters.gaps, 0);
  assert.equal(counters.resyncs, 0);
  assert.equal(counters.badMessages, 0);
  assert.equal(counters.discarded, 0);
  assert.equal(ends, 50);
  assert.equal(crossed, 0);
  assert.equal(adapter.inexactSizes, 0);
  assert.deepEqual(requests, []);
  assert.deepEqual(states, [BookState.syncing, BookState.live]);
});
