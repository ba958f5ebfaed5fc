import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InstrumentTable } from '../instrument-table.ts';
import { FieldScanner } from './field-scanner.ts';
import { decodeWithJson } from './json-decoder.ts';
import { MarketMessage, MessageKind } from './market-message.ts';
import { instrument } from './venue.test-support.ts';

const table = new InstrumentTable([
  instrument(0, 'BTCUSDT', '0.01', '0.00001'),
  instrument(1, 'NKNUSDT', '0.1', '1'),
  instrument(2, 'KRWBTC', '0.05', '0.25'),
  instrument(3, 'FINE', '0.0000001', '0.0000000001'),
]);
const utf8 = new TextEncoder();

const number = fc.oneof(
  fc.constantFrom('1.00000000', '61837.63000000', '0.00009000', '61837.63', '61837.60', '0.007', '1572', '12345678901'),
  fc.constantFrom('123456789.00', '1234567890.1', '0.123456789', '1.234567890', '99999999.99999999', '007.10', '1.5'),
  fc.constantFrom('', '.5', '5.', '1.0.0', '12345678.1234567x', '1e5', '-1.00000000', '0.0000001', '0.0000000001'),
  fc
    .tuple(fc.nat(99_999_999), fc.nat(999_999_999), fc.nat(9))
    .map(([whole, part, places]) => `${whole}.${String(part).slice(0, places)}`),
);
const symbol = fc.constantFrom('BTCUSDT', 'NKNUSDT', 'KRWBTC', 'FINE');
const id = fc.oneof(
  fc.nat(999),
  fc.integer({ min: 1e7, max: 1e9 }),
  fc.integer({ min: 1e11, max: 2 ** 53 - 1 }),
  fc.constantFrom(1e15, 2 ** 53, 1.5, -1, 1e21, 123456789.5),
);
const levels = fc.array(fc.tuple(number, number), { maxLength: 4 });
const payload = fc
  .tuple(
    symbol,
    fc.oneof(
      fc.record({ e: fc.constant('depthUpdate'), E: id, T: id, s: symbol, U: id, u: id, pu: id, b: levels, a: levels }),
      fc.record({ e: fc.constant('trade'), E: id, s: symbol, t: id, p: number, q: number, T: id, m: fc.boolean() }),
      fc.record({
        ...{ e: fc.constant('trade'), E: id, s: symbol, t: id, p: number, q: number },
        ...{ X: fc.constantFrom('MARKET', 'NA'), m: fc.boolean(), n: fc.oneof(id, fc.boolean(), fc.constant('12')) },
      }),
      fc.record({ e: fc.constant('bookTicker'), u: id, s: symbol, b: number, B: number, a: number, A: number, E: id }),
      fc.record({ u: id, s: symbol, b: number, B: number, a: number, A: number }),
    ),
  )
  .map(([s, data]) => {
    const json = { stream: `${s.toLowerCase()}@${'e' in data ? data.e : 'bookTicker'}`, data: { ...data, s } };
    return JSON.stringify(json);
  });
const damage = fc.option(fc.record({ at: fc.nat(300), byte: fc.nat(127), cut: fc.boolean() }), { freq: 8 });

function view({ bids, asks, wasDepth, buyerIsMaker, ...rest }: MarketMessage): object {
  const { kind } = rest;
  if (kind === MessageKind.ignored) return { kind };
  if (kind === MessageKind.bad) return { kind, wasDepth, reason: rest.reason };
  const levelsOf = ({ pairs, count }: MarketMessage['bids']) => Array.from(pairs.subarray(0, 2 * count));
  // What JSON.parse is not asked for: who made the other messages than trades.
  return {
    ...rest,
    ...(kind === MessageKind.trade ? { buyerIsMaker } : {}),
    bids: levelsOf(bids),
    asks: levelsOf(asks),
  };
}

test('one scanner over many messages, some damaged: whatever the ones before were like, it reads as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(payload, damage), { minLength: 2, maxLength: 12 }), (messages) => {
      const fast = new MarketMessage();
      const scanner = new FieldScanner(table, fast);
      // Twice: the second time each expects the order of members that messages of its kind had.
      for (const [json, harm] of [...messages, ...messages]) {
        let bytes = utf8.encode(json);
        if (harm?.cut === true) bytes = bytes.slice(0, harm.at % bytes.length);
        else if (harm !== null) bytes[harm.at % bytes.length] = harm.byte;
        const before = scanner.fallbacks;
        scanner.scan(bytes);
        if (scanner.fallbacks !== before) continue;
        const slow = new MarketMessage();
        decodeWithJson(bytes, table, slow, -1);
        // Control bytes inside names that nobody reads are the one liberty the scanners take.
        if (slow.kind === MessageKind.bad && /JSON/.test(slow.reason)) continue;
        assert.deepEqual(view(fast), view(slow), json);
      }
    }),
    { numRuns: 1500 },
  );
});
