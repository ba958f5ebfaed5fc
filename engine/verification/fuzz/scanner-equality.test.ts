import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeVenues, type DecodeVenue } from '../../bench/decode-with-json.ts';
import { loadDecodeCorpus, venuesWith } from '../../bench/decode-corpus.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { skipReason } from '../../simulation/player/recorded-day.test-support.ts';
import { SeededRandom } from '../../simulation/seeded-random.ts';
import { marketCorpora } from './market-corpus.ts';
import { InputMutator } from './input-mutator.ts';
import { type ScannerPair, scannerPairs } from './scanner-pairs.test-support.ts';

const MUTATED = 30_000;
const encoder = new TextEncoder();

/** What the scanner takes must be what the judge makes of it. True when it was taken. */
function expectEqual(pair: ScannerPair, bytes: Uint8Array): boolean {
  const scanned = pair.scan(bytes);
  if (scanned === undefined) return false;
  const judged = pair.judge(bytes);
  // Control bytes and broken UTF-8 inside texts that nobody reads are the one liberty that scanners take.
  if (judged instanceof Error && /JSON|encoded data|UTF-8/i.test(judged.message)) return true;
  assert.deepEqual(scanned, judged, new TextDecoder('latin1').decode(bytes.subarray(0, 600)));
  return true;
}

for (const venue of decodeVenues) {
  const makePair = scannerPairs[venue];

  test(`${venue}: every recorded book and trade is taken by the scanner, and read as the judge reads it`, {
    skip: skipReason,
  }, async () => {
    for (const kind of ['depth', 'trade'] as const) {
      if (!venuesWith(kind).includes(venue)) continue;
      const { messages, instruments } = await loadDecodeCorpus(venue, kind);
      const pair = makePair(instruments);
      assert.ok(messages.length >= 8, `was ${messages.length} messages`);
      for (const message of messages) assert.ok(expectEqual(pair, message), message.toString('latin1').slice(0, 300));
    }
  });

  test(`R28: ${venue}: damaged messages: what the scanner takes the judge reads alike`, () => {
    const { symbol, tickSize, lotSize, opening, others } = marketCorpora[venue];
    const spec = instrumentOf(venue, symbol, tickSize, lotSize);
    const pair = makePair([spec]);
    const corpus = [...opening, ...others].map((text) => encoder.encode(text));
    assert.ok(corpus.filter((bytes) => expectEqual(pair, bytes)).length >= 3, 'expected books and trades taken');
    const mutator = new InputMutator(new SeededRandom(1, `scanner ${venue}`), corpus);
    let taken = 0;
    for (let i = 0; i < MUTATED; i++) if (expectEqual(pair, mutator.next().slice())) taken++;
    assert.ok(taken > MUTATED / 50, `expected some to be taken, was ${taken}`);
    // One byte at a time, which the mutator rarely hits where it matters.
    for (const bytes of corpus) {
      for (let at = 0; at < bytes.length; at++) {
        const before = bytes[at] as number;
        for (const byte of [0x30, 0x39, 0x2e, 0x22, 0x2c, 0x2d, 0x65, 0x5b, 0x5d, 0x7d, 0x20, before ^ 1, before ^ 4]) {
          bytes[at] = byte;
          expectEqual(pair, bytes);
        }
        bytes[at] = before;
      }
    }
  });
}

function instrumentOf(venue: DecodeVenue, symbol: string, tickSize: string, lotSize: string): InstrumentSpec {
  return {
    index: 0,
    venue,
    symbol,
    baseAsset: '',
    quoteAsset: '',
    tickSize,
    lotSize,
    priceDecimals: 0,
    sizeDecimals: 0,
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
  };
}
