/** One run of one decoder: `decode.bench.ts <depth|trade> <venue> <ours|json>`; prints a BenchSample. */
import { createHash } from 'node:crypto';
import { allocatedBytesPerEvent, collectGarbage } from './allocated-bytes.ts';
import type { BenchSample } from './bench-result.ts';
import { busyNs } from './busy-clock.ts';
import { type DecodeCorpus, loadDecodeCorpus } from './decode-corpus.ts';
import { makeEngineDecoder } from './decode-with-engine.ts';
import { type DecodeKind, decodeKinds, type DecodeVenue, decodeVenues, jsonDecoders } from './decode-with-json.ts';

/** Long enough for a clock that moves every few milliseconds. */
const measureNs = 400e6;
const warmUpNs = 300e6;
const allocationMessages = 2_000;
const messagesPerReading = 2_000;

interface Decoder {
  /** Decodes messages [from, to) of the corpus, one after another; gives something of the last. */
  run(from: number, to: number): number;
  /** Untimed: ticks and lots of one message. */
  steps(message: Buffer): number[];
}

function ours({ messages, instruments }: DecodeCorpus, venue: DecodeVenue): Decoder {
  const decoder = makeEngineDecoder(venue, instruments);
  const out = new Float64Array(1 << 16);
  return {
    run(from, to) {
      let good = 0;
      for (let i = from; i < to; i++) if (decoder.decode(messages[i] as Buffer)) good++;
      if (good !== to - from) throw new Error(`Expected ${to - from} messages decoded, was ${good}`);
      return good;
    },
    steps(message) {
      decoder.decode(message);
      return Array.from(out.subarray(0, decoder.numbers(out)));
    },
  };
}

function json({ messages, instruments }: DecodeCorpus, venue: DecodeVenue, kind: DecodeKind): Decoder {
  const decoder = jsonDecoders[venue];
  const decode = decoder[kind];
  const out = new Float64Array(1 << 16);
  return {
    run(from, to) {
      for (let i = from; i < to; i++) decode(JSON.parse((messages[i] as Buffer).toString('latin1')), out);
      return out[0] as number;
    },
    steps(message) {
      const parsed: unknown = JSON.parse(message.toString('latin1'));
      const spec = instruments.find(({ symbol }) => symbol === decoder.symbol(parsed));
      const scales = [10 ** (spec?.priceDecimals ?? 0), 10 ** (spec?.sizeDecimals ?? 0)] as const;
      const numbers = out.subarray(0, decode(parsed, out));
      return Array.from(numbers, (value, i) => Math.round(value * scales[i % 2 === 0 ? 0 : 1]));
    },
  };
}

/** Runs whole rounds over the corpus for at least `forNs` of this thread's time; ns a message. */
function nsPerMessage(decoder: Decoder, messages: number, forNs: number): number {
  // Asking for the time takes as long as some messages: a venue of which few are recorded must not pay for it each round.
  const roundsPerReading = Math.ceil(messagesPerReading / messages);
  const startNs = busyNs();
  let elapsedNs = 0;
  let rounds = 0;
  while (elapsedNs < forNs) {
    for (let i = 0; i < roundsPerReading; i++) decoder.run(0, messages);
    rounds += roundsPerReading;
    elapsedNs = busyNs() - startNs;
  }
  return elapsedNs / (rounds * messages);
}

async function run(kind: DecodeKind, venue: DecodeVenue, who: string): Promise<BenchSample> {
  const corpus = await loadDecodeCorpus(venue, kind);
  const { messages } = corpus;
  const decoder = who === 'ours' ? ours(corpus, venue) : json(corpus, venue, kind);
  const hash = createHash('sha256');
  for (const message of messages) hash.update(`${decoder.steps(message).join()}\n`);
  nsPerMessage(decoder, messages.length, warmUpNs);
  collectGarbage();
  const timeNs = nsPerMessage(decoder, messages.length, measureNs);
  const rounds = Math.ceil(allocationMessages / messages.length);
  const bytesPerEvent = allocatedBytesPerEvent(rounds * messages.length, () => {
    for (let round = 0; round < rounds; round++) decoder.run(0, messages.length);
  });
  const size = messages.reduce((sum, message) => sum + message.length, 0) / messages.length;
  return {
    figures: { rate: 1e3 / timeNs, size },
    checksums: { 'ticks and lots of all messages': hash.digest('hex') },
    bytesPerEvent,
  };
}

const [kind, venue, who] = process.argv.slice(2) as [DecodeKind, DecodeVenue, string];
if (!decodeKinds.includes(kind)) throw new RangeError(`Expected one of ${decodeKinds.join(', ')}, was ${kind}`);
if (!decodeVenues.includes(venue)) throw new RangeError(`Expected one of ${decodeVenues.join(', ')}, was ${venue}`);
if (who !== 'ours' && who !== 'json') throw new RangeError(`Expected ours or json, was ${who}`);
console.log(JSON.stringify(await run(kind, venue, who)));
