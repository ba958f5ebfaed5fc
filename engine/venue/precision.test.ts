import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalsOf, formatSteps, type InstrumentSpec } from '../contract/units.ts';
import { FieldScanner } from './binance-spot/field-scanner.ts';
import { MarketMessage, MessageKind } from './binance-spot/market-message.ts';
import { BybitDecoder } from './bybit/bybit-decoder.ts';
import { BybitMessageKind } from './bybit/bybit-message.ts';
import { InstrumentTable } from './instrument-table.ts';
import { KrakenDialect } from './kraken/kraken-dialect.ts';
import { MarketBatch } from './market-batch.ts';
import { OkxDialect } from './okx/okx-dialect.ts';
import type { FeedDialect } from './proven-feed-adapter.ts';
import { UpbitDecoder } from './upbit/upbit-decoder.ts';
import { UpbitMessageKind } from './upbit/upbit-message.ts';

const utf8 = new TextEncoder();
const bytes = (json: string): Uint8Array => utf8.encode(json);

function specOf(tickSize: string, lotSize: string): InstrumentSpec {
  return {
    index: 0,
    venue: 'x',
    symbol: 'KRW-BTC',
    baseAsset: '',
    quoteAsset: '',
    tickSize,
    lotSize,
    priceDecimals: decimalsOf(tickSize),
    sizeDecimals: decimalsOf(lotSize),
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
  };
}

/** What a venue's decoder makes of one level, or of one trade: ticks and lots. */
type Decode = (spec: InstrumentSpec, price: string, size: string) => [ticks: number, lots: number];

function binance(json: (price: string, size: string) => string): Decode {
  return (spec, price, size) => {
    const m = new MarketMessage();
    const scanner = new FieldScanner(new InstrumentTable([spec]), m);
    scanner.scan(bytes(json(price, size)));
    assert.equal(m.inexactSizes, 0);
    if (m.kind === MessageKind.trade) return [m.priceTicks, m.sizeLots];
    assert.equal(m.kind, MessageKind.depth, m.reason);
    return [m.bids.priceTicks(0), m.bids.sizeLots(0)];
  };
}

function dialect(create: () => FeedDialect, json: (price: string, size: string) => string): Decode {
  return (spec, price, size) => {
    const venue = create();
    venue.add(spec);
    const batch = new MarketBatch();
    venue.decode(bytes(json(price, size)), batch);
    if (batch.tradeCount > 0) return [batch.tradeTicks[0] as number, batch.tradeLots[0] as number];
    return [batch.book.ticks[0] as number, batch.book.lots[0] as number];
  };
}

const decoders: Record<string, Decode> = {
  'binance depth': binance(
    (p, q) => `{"e":"depthUpdate","E":1,"s":"KRW-BTC","U":1,"u":1,"b":[["${p}","${q}"]],"a":[]}`,
  ),
  // The way an unusual message goes: by JSON.parse.
  'binance depth with white space': binance(
    (p, q) => `{"e": "depthUpdate","E":1,"s":"KRW-BTC","U":1,"u":1,"b":[["${p}","${q}"]],"a":[]}`,
  ),
  'binance trade': binance(
    (p, q) => `{"e":"trade","E":1,"s":"KRW-BTC","t":5,"p":"${p}","q":"${q}","T":2,"m":true,"M":true}`,
  ),
  'bybit book': (spec, price, size) => {
    const decoder = new BybitDecoder(new InstrumentTable([spec]));
    const level = `[["${price}","${size}"]]`;
    decoder.decode(
      bytes(
        `{"topic":"orderbook.50.KRW-BTC","type":"delta","ts":1,"data":{"s":"KRW-BTC","b":${level},"a":[],"u":1,"seq":1}}`,
      ),
    );
    assert.equal(decoder.kind, BybitMessageKind.delta, decoder.reason);
    return [decoder.bids.priceTicks(0), decoder.bids.sizeLots(0)];
  },
  'bybit trade': (spec, price, size) => {
    const decoder = new BybitDecoder(new InstrumentTable([spec]));
    decoder.decode(
      bytes(
        `{"topic":"publicTrade.KRW-BTC","type":"snapshot","ts":1,"data":[{"T":1,"s":"KRW-BTC","S":"Buy","v":"${size}","p":"${price}","i":"a-1"}]}`,
      ),
    );
    assert.equal(decoder.nextTrade(), 1, decoder.reason);
    return [decoder.tradePriceTicks, decoder.tradeSizeLots];
  },
  'upbit book': (spec, price, size) => {
    const decoder = new UpbitDecoder(new InstrumentTable([spec]));
    decoder.start(
      bytes(
        `{"ty":"orderbook","cd":"KRW-BTC","tms":1,"tas":0,"tbs":${size},"obu":[{"ap":0,"bp":${price},"as":0,"bs":${size}}]}`,
      ),
    );
    assert.ok(decoder.next());
    assert.equal(decoder.kind, UpbitMessageKind.book, decoder.reason);
    assert.equal(decoder.totalsDiffer, false);
    return [decoder.bids.priceTicks(0), decoder.bids.sizeLots(0)];
  },
  'upbit trade': (spec, price, size) => {
    const decoder = new UpbitDecoder(new InstrumentTable([spec]));
    decoder.start(
      bytes(
        `{"ty":"trade","cd":"KRW-BTC","tms":1,"ttms":1,"tp":${price},"tv":${size},"ab":"BID","sid":1,"st":"REALTIME"}`,
      ),
    );
    assert.ok(decoder.next());
    assert.equal(decoder.kind, UpbitMessageKind.trade, decoder.reason);
    return [decoder.tradePriceTicks, decoder.tradeSizeLots];
  },
  'okx book': dialect(
    () => new OkxDialect(),
    (p, q) =>
      `{"arg":{"channel":"books","instId":"KRW-BTC"},"action":"update","data":[{"asks":[],"bids":[["${p}","${q}","0","1"]],"ts":"1","checksum":1}]}`,
  ),
  'okx trade': dialect(
    () => new OkxDialect(),
    (p, q) =>
      `{"arg":{"channel":"trades","instId":"KRW-BTC"},"data":[{"instId":"KRW-BTC","tradeId":"1","px":"${p}","sz":"${q}","side":"buy","ts":"1"}]}`,
  ),
  'kraken book': dialect(
    () => new KrakenDialect(1000, false),
    (p, q) => `[1,{"b":[["${p}","${q}","1618678133.365913"]],"c":"1"},"book-1000","KRW-BTC"]`,
  ),
  'kraken trade': dialect(
    () => new KrakenDialect(1000, false),
    (p, q) => `[1,[["${p}","${q}","1618678133.365913","b","l",""]],"trade","KRW-BTC"]`,
  ),
};

/** From one step to the most that 2^53 units allow; half of them near either end. */
const steps = fc.oneof(
  fc.integer({ min: 1, max: 1e9 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 2 ** 52 - 1000, max: 2 ** 52 }),
);
const tick = fc.constantFrom('1000', '1', '0.5', '0.01', '0.0001', '0.00000001');
const lot = fc.constantFrom('1', '0.001', '0.00000001');
const MAX = 2n ** 53n;

/** Units of the step's smallest decimal stay below 2^53: what a decoder promises to read. */
function fits(count: number, step: string): boolean {
  return BigInt(count) * BigInt(Math.round(Number(step) * 10 ** decimalsOf(step))) < MAX;
}

for (const [name, decode] of Object.entries(decoders)) {
  test(`${name}: prices to 1e9 and sizes of 1e-8 come through exactly, and print as they came`, () => {
    fc.assert(
      fc.property(steps, steps, tick, lot, (ticks, lots, tickSize, lotSize) => {
        fc.pre(fits(ticks, tickSize) && fits(lots, lotSize));
        const price = formatSteps(ticks, tickSize);
        const size = formatSteps(lots, lotSize);
        const decoded = decode(specOf(tickSize, lotSize), price, size);
        assert.deepEqual(decoded, [ticks, lots], `${price} ${size}`);
        assert.deepEqual([formatSteps(decoded[0], tickSize), formatSteps(decoded[1], lotSize)], [price, size]);
      }),
      { numRuns: 300 },
    );
    // A bitcoin at a thousand million won, and the smallest part of one.
    assert.deepEqual(decode(specOf('1000', '0.00000001'), '1000000000', '0.00000001'), [1_000_000, 1]);
    assert.deepEqual(
      decode(specOf('1', '0.00000001'), '1234567891', '12345678.12345678'),
      [1_234_567_891, 1_234_567_812_345_678],
    );
  });
}

const largeId = fc.bigInt({ min: 2n ** 53n, max: 10n ** 19n });

test('ids above 2^53: Upbit keeps all digits', () => {
  const decoder = new UpbitDecoder(new InstrumentTable([specOf('1', '0.00000001')]));
  fc.assert(
    fc.property(largeId, (id) => {
      decoder.start(
        bytes(`{"ty":"trade","cd":"KRW-BTC","tms":1,"ttms":1,"tp":5,"tv":1,"ab":"BID","sid":${id},"st":"REALTIME"}`),
      );
      assert.ok(decoder.next());
      assert.equal(decoder.kind, UpbitMessageKind.trade, decoder.reason);
      assert.equal(BigInt(decoder.tradeIdHigh) * 100_000_000n + BigInt(decoder.tradeIdLow), id);
    }),
  );
});

test('ids above 2^53 that a record cannot hold are refused by name, never rounded', () => {
  const m = new MarketMessage();
  const scanner = new FieldScanner(new InstrumentTable([specOf('1', '1')]), m);
  fc.assert(
    fc.property(largeId, (id) => {
      scanner.scan(bytes(`{"e":"trade","E":1,"s":"KRW-BTC","t":${id},"p":"1","q":"1","T":2,"m":true,"M":true}`));
      assert.equal(m.kind, MessageKind.bad);
      assert.match(m.reason, /^t: expected a non-negative integer, was \d+/);
      scanner.scan(bytes(`{"e":"depthUpdate","E":1,"s":"KRW-BTC","U":1,"u":${id},"b":[],"a":[]}`));
      assert.equal(m.kind, MessageKind.bad);
      assert.equal(m.wasDepth, true);
      const okx = new OkxDialect();
      okx.add(specOf('1', '1'));
      const trade = `{"instId":"KRW-BTC","tradeId":"${id}","px":"1","sz":"1","side":"buy","ts":"1"}`;
      const message = `{"arg":{"channel":"trades","instId":"KRW-BTC"},"data":[${trade}]}`;
      assert.throws(() => okx.decode(bytes(message), new MarketBatch()), /tradeId: expected a whole number as text/);
    }),
  );
  scanner.scan(bytes(`{"e":"trade","E":1,"s":"KRW-BTC","t":${2 ** 53 - 1},"p":"1","q":"1","T":2,"m":true,"M":true}`));
  assert.equal(m.tradeId, 2 ** 53 - 1);
});
