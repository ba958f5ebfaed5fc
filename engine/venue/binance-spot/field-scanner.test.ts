import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldScanner } from './field-scanner.ts';
import { InstrumentTable } from '../instrument-table.ts';
import { decodeWithJson } from './json-decoder.ts';
import { MarketMessage, MessageKind } from './market-message.ts';
import { instrument } from './venue.test-support.ts';

const table = new InstrumentTable([
  instrument(0, 'BTCUSDT', '0.01', '0.00001'),
  instrument(1, 'NKNUSDT', '0.0001', '1'),
  instrument(2, 'KRWBTC', '0.05', '0.25'),
]);
const utf8 = new TextEncoder();

/** Everything of a message that its kind gives a meaning. */
function view(m: MarketMessage): object {
  const { kind, instrument: index, eventTimeUs } = m;
  if (kind === MessageKind.ignored || kind === MessageKind.shutdown) return { kind };
  if (kind === MessageKind.bad) return { kind, reason: m.reason };
  if (kind === MessageKind.trade) {
    const { tradeId, priceTicks, sizeLots, buyerIsMaker, tradeTimeUs, inexactSizes } = m;
    return { kind, index, eventTimeUs, tradeId, priceTicks, sizeLots, buyerIsMaker, tradeTimeUs, inexactSizes };
  }
  if (kind === MessageKind.bookTicker) {
    const { lastUpdateId, bidTicks, bidLots, askTicks, askLots } = m;
    return { kind, index, lastUpdateId, bidTicks, bidLots, askTicks, askLots };
  }
  const { firstUpdateId, lastUpdateId } = m;
  const bids = Array.from(m.bids.pairs.subarray(0, 2 * m.bids.count));
  const asks = Array.from(m.asks.pairs.subarray(0, 2 * m.asks.count));
  return { kind, index, eventTimeUs, firstUpdateId, lastUpdateId, bids, asks, inexactSizes: m.inexactSizes };
}

function scan(bytes: Uint8Array): { scanned: object; fallbacks: number } {
  const message = new MarketMessage();
  const scanner = new FieldScanner(table, message);
  scanner.scan(bytes);
  return { scanned: view(message), fallbacks: scanner.fallbacks };
}

function slowly(bytes: Uint8Array): object {
  const message = new MarketMessage();
  decodeWithJson(bytes, table, message, -1);
  return view(message);
}

const decimal = (places: number) =>
  fc.tuple(fc.nat(99_999_999), fc.nat(10 ** places - 1), fc.nat(8)).map(([whole, part, zeros]) => {
    const fraction = places === 0 ? '' : String(part).padStart(places, '0');
    const text = `${fraction}${'0'.repeat(zeros)}`;
    return text === '' ? String(whole) : `${whole}.${text}`;
  });
/** Mostly right, sometimes between two steps or no decimal at all. */
const text = fc.oneof(
  { weight: 20, arbitrary: decimal(2) },
  { weight: 3, arbitrary: decimal(7) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '.5', '5.', '-1.00', '1e5', '00.10', ' 1', '1.0.0', '99999999999999999999', '0'),
  },
);
const symbol = fc.constantFrom('BTCUSDT', 'BTCUSDT', 'NKNUSDT', 'KRWBTC', 'ETHUSDT');
const time = fc.oneof(fc.integer({ min: 1.5e12, max: 2e12 }), fc.integer({ min: 1.5e15, max: 2e15 }));
const id = fc.oneof(fc.nat(2 ** 31), fc.integer({ min: 2 ** 32, max: 2 ** 53 - 1 }));
const levels = fc.array(fc.tuple(text, text), { maxLength: 6 });

const event = fc.oneof(
  fc.record({ e: fc.constant('depthUpdate'), E: time, s: symbol, U: id, u: id, b: levels, a: levels }),
  fc.record({
    e: fc.constant('trade'),
    E: time,
    s: symbol,
    t: id,
    p: text,
    q: text,
    T: time,
    m: fc.boolean(),
    M: fc.boolean(),
  }),
  fc.record({
    e: fc.constant('aggTrade'),
    E: time,
    s: symbol,
    a: id,
    p: text,
    q: text,
    f: id,
    l: id,
    T: time,
    m: fc.boolean(),
    M: fc.boolean(),
  }),
  fc.record({ u: id, s: symbol, b: text, B: text, a: text, A: text }),
  fc.record({ e: fc.constant('kline'), E: time, s: symbol, k: fc.record({ t: time, o: text }) }),
  fc.record({ result: fc.constant(null), id: fc.nat(99) }),
  fc.record({ code: fc.nat(9), msg: fc.string() }),
);
const wrapped = event.map((data) => ({ stream: 'btcusdt@depth@100ms', data }) as object);
const spaces = fc.constantFrom(undefined, 1, '\t');
const payload = fc.tuple(fc.oneof(event, wrapped), spaces).map(([json, indent]) => JSON.stringify(json, null, indent));

test('the scanner says what JSON.parse says, on every well-formed message', () => {
  fc.assert(
    fc.property(payload, (json) => {
      const bytes = utf8.encode(json);
      assert.deepEqual(scan(bytes).scanned, slowly(bytes));
    }),
    { numRuns: 1500 },
  );
});

test('R28: damaged messages: nothing is thrown, and what the scanner accepts JSON.parse accepts alike', () => {
  const damage = fc.record({ at: fc.nat(400), byte: fc.nat(255), cut: fc.boolean() });
  fc.assert(
    fc.property(payload, fc.array(damage, { minLength: 1, maxLength: 3 }), (json, damages) => {
      let bytes = utf8.encode(json);
      for (const { at, byte, cut } of damages) {
        if (cut) bytes = bytes.slice(0, at % (bytes.length + 1));
        else if (bytes.length > 0) bytes[at % bytes.length] = byte;
      }
      const { scanned, fallbacks } = scan(bytes);
      if (fallbacks === 0) {
        // Control bytes and broken UTF-8 inside texts that nobody reads are the one liberty the scanner takes.
        const slow = slowly(bytes) as { kind: number; reason?: string };
        if (slow.kind !== MessageKind.bad || !/JSON|encoded data|UTF-8/i.test(slow.reason ?? '')) {
          assert.deepEqual(scanned, slow);
        }
      }
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal((scan(bytes).scanned as { kind: number }).kind, MessageKind.bad);
    }),
  );
});

test('messages as the venue sends them never take the slow path', () => {
  const messages = [
    '{"e":"depthUpdate","E":1672515782136,"s":"BTCUSDT","U":157,"u":160,"b":[["0.02","10"]],"a":[["61602.0200000","0.00100000"]]}',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":1,"b":[],"a":[]}}',
    '{"u":1,"e":"bookTicker","s":"BTCUSDT","ps":"BTCUSD","b":"1.7","B":"35","a":"1.8","A":"1645","T":2,"E":3}',
    '{"u":400900217,"s":"BTCUSDT","b":"25.35000000","B":"31.21000000","a":"25.36000000","A":"40.66000000"}',
    '{"e":"trade","E":1672515782136,"s":"BTCUSDT","t":12345,"p":"0.01","q":"100","T":1672515782136,"m":true,"M":true}',
    '{"e":"trade","E":1,"s":"BTCUSDT","t":5,"p":"0.01","q":"1","b":88,"a":50,"T":2,"m":false,"M":true}',
    '{"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":26129,"p":"0.01","q":"4.70443515","f":27781,"l":27781,"T":1,"m":true,"M":true}'.replace(
      '4.70443515',
      '4.70443',
    ),
  ];
  for (const message of messages) {
    const { scanned, fallbacks } = scan(utf8.encode(message));
    assert.equal(fallbacks, 0, message);
    assert.notEqual((scanned as { kind: number }).kind, MessageKind.bad, message);
  }
});

test('a price between two ticks is an error with its value; a size between two lots is rounded and counted', () => {
  const depth = (price: string, size: string) =>
    utf8.encode(`{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["${price}","${size}"]],"a":[]}`);
  assert.deepEqual(scan(depth('61602.015', '1')).scanned, {
    kind: MessageKind.bad,
    reason: 'b[0] price: Expected a multiple of 0.01, was "61602.015"',
  });
  const rounded = (size: string) => scan(depth('61602.01', size)).scanned as { bids: number[]; inexactSizes: number };
  assert.deepEqual(rounded('25.42618900').bids, [6160201, 2542619]);
  assert.deepEqual(rounded('0.00000001').bids, [6160201, 1]);
  assert.equal(rounded('0.00000001').inexactSizes, 1);
  assert.equal(rounded('0.00001000').inexactSizes, 0);
});

test('reasons name field and value, and refusals of the venue come through', () => {
  const reason = (json: string) => (scan(utf8.encode(json)).scanned as { reason: string }).reason;
  assert.match(reason('{"e":"trade","s":"ETHUSDT"}'), /s: expected a subscribed symbol, was "ETHUSDT"/);
  assert.match(reason('{"e":"trade","s":"BTCUSDT","t":"x"}'), /t: expected a non-negative integer, was "x"/);
  assert.match(
    reason('{"e":"depthUpdate","s":"BTCUSDT","U":9,"u":8,"b":[],"a":[]}'),
    /u: expected at least U 9, was 8/,
  );
  assert.match(reason('{"code":2,"msg":"Invalid request"}'), /refused a request: .*Invalid request/);
  assert.equal(
    (scan(utf8.encode('{"e":"serverShutdown","E":1}')).scanned as { kind: number }).kind,
    MessageKind.shutdown,
  );
});

test('a snapshot is read by bytes; an error body says what the venue said', () => {
  const message = new MarketMessage();
  const scanner = new FieldScanner(table, message);
  const levelsOf = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => [`${(from + i) / 100}`, `0.0000${1 + (i % 9)}`]);
  const body = { lastUpdateId: 1027024, bids: levelsOf(3000, 100), asks: levelsOf(5000, 900_000) };
  scanner.scanSnapshot(utf8.encode(JSON.stringify(body)), 0);
  assert.equal(scanner.fallbacks, 0);
  assert.deepEqual(
    [message.kind, message.lastUpdateId, message.bids.count, message.asks.count],
    [MessageKind.snapshot, 1027024, 3000, 5000],
  );
  assert.deepEqual(Array.from(message.asks.pairs.subarray(9998, 10_000)), [904_999, 5]);
  scanner.scanSnapshot(utf8.encode('{"code":-1003,"msg":"Too many requests"}'), 0);
  assert.equal(message.kind, MessageKind.bad);
  assert.match(message.reason, /answered -1003: Too many requests/);
});
