import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decimalsOf, type InstrumentSpec } from '../contract/units.ts';
import { readCryptofeed } from '../simulation/player/cryptofeed-reader.ts';
import { readRecording } from '../simulation/player/recording-reader.ts';
import { JSON_OFFSET } from '../simulation/player/stream-line.ts';
import { openZip } from '../simulation/player/zip-reader.ts';
import { type DecodeKind, type DecodeVenue, decodeVenues, jsonDecoders } from './decode-with-json.ts';

/** Recorded data lies beside the project. */
const dataFolder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

export interface DecodeCorpus {
  /** Distinct recorded payloads, each in a buffer of its own as a socket hands them over. */
  messages: Buffer[];
  instruments: InstrumentSpec[];
}

/** Distinct messages kept: more than any cache of a branch predictor learns by heart. */
const maxMessages = 5_000;

/** A payload is of the wanted kind when it contains this text; of a venue without a recording of it there is none. */
const marks: Record<DecodeVenue, Partial<Record<DecodeKind, string>>> = {
  'binance-spot': { depth: '"depthUpdate"', trade: '"e":"trade"' },
  'binance-usdm': { depth: '"depthUpdate"', trade: '"e":"trade"' },
  bybit: { depth: '"delta"' },
  upbit: { depth: '"ty":"orderbook"', trade: '"ty":"trade"' },
  okx: { depth: '"action":"update"', trade: '"channel":"trades"' },
  kraken: { depth: '"c":"', trade: ',"trade",' },
};
const files: Record<DecodeVenue, string[]> = {
  'binance-spot': ['binance/l2-recordings/spot_btcusdt_20240808.gz', 'binance/l2-recordings/spot_btcusdt_20240809.gz'],
  'binance-usdm': ['binance/l2-recordings/usdm_btcusdt_20240808.gz'],
  bybit: ['bybit/xrpusdt-ob500.data.zip'],
  upbit: ['upbit/UPBIT.ws.62.0'],
  okx: ['okx/OKX.ws.1.0'],
  kraken: ['kraken/KRAKEN.ws.50.0', 'kraken/KRAKEN.ws.48.0'],
};

/** Venues with recorded messages of a kind. */
export function venuesWith(kind: DecodeKind): DecodeVenue[] {
  return decodeVenues.filter((venue) => marks[venue][kind] !== undefined);
}

/** @throws RangeError when nothing of the kind is recorded, RecordingError when a file is missing. */
export async function loadDecodeCorpus(venue: DecodeVenue, kind: DecodeKind): Promise<DecodeCorpus> {
  const mark = marks[venue][kind];
  if (mark === undefined) throw new RangeError(`Expected a recording of ${kind} messages of ${venue}, was none`);
  const messages: Buffer[] = [];
  for await (const payload of payloadsOf(venue)) {
    if (messages.length === maxMessages) break;
    // A buffer of its own: Buffer.from would carve small ones out of a shared pool.
    if (payload.includes(mark) && !payload.includes('"event"')) messages.push(Buffer.concat([payload]));
  }
  return { messages, instruments: instrumentsOf(messages, venue, kind) };
}

async function* payloadsOf(venue: DecodeVenue): AsyncGenerator<Buffer> {
  const paths = files[venue].map((file) => dataFolder + file);
  if (venue === 'bybit') {
    const data = openZip(readFileSync(paths[0] as string))[0]?.read() ?? new Uint8Array(0);
    yield* linesOf(Buffer.from(data), 0);
  } else if (venue.startsWith('binance')) {
    for await (const { bytes } of readRecording(paths)) yield* linesOf(bytes, JSON_OFFSET);
  } else {
    for await (const { kind, bytes } of readCryptofeed(paths)) if (kind === 'message') yield Buffer.from(bytes);
  }
}

function* linesOf(bytes: Buffer, offset: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from);
    let to = end < 0 ? bytes.length : end;
    // Some files end their lines as Windows does: that is the file's, not the venue's.
    if (bytes[to - 1] === 13) to--;
    if (to > from + offset) yield bytes.subarray(from + offset, to);
    from = (end < 0 ? bytes.length : end) + 1;
  }
}

/** One instrument a symbol, with the finest step its recorded numbers show. */
function instrumentsOf(messages: readonly Buffer[], venue: DecodeVenue, kind: DecodeKind): InstrumentSpec[] {
  const decoder = jsonDecoders[venue];
  const numbers = new Float64Array(1 << 16);
  const decimals = new Map<string, [price: number, size: number]>();
  for (const message of messages) {
    const json: unknown = JSON.parse(message.toString('latin1'));
    const finest = decimals.get(decoder.symbol(json)) ?? [0, 0];
    const count = decoder[kind](json, numbers);
    for (let i = 0; i < count; i++) {
      finest[i % 2] = Math.max(finest[i % 2] as number, decimalsOf((numbers[i] as number).toFixed(8)));
    }
    decimals.set(decoder.symbol(json), finest);
  }
  return [...decimals].map(([symbol, [priceDecimals, sizeDecimals]], index) => ({
    index,
    venue,
    symbol,
    baseAsset: '',
    quoteAsset: '',
    tickSize: stepOf(priceDecimals),
    lotSize: stepOf(sizeDecimals),
    priceDecimals,
    sizeDecimals,
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
  }));
}

function stepOf(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}
