import { formatSteps } from '../../contract/units.ts';

export const tickSize = '0.01';
export const lotSize = '0.00001';
const midTicks = 6_000_000;
/** Half the spread: what is bought and sold again at once loses more than any stop. */
const touchTicks = 10;
const staticLevels = 200;
/** As on a recorded day of spot BTCUSDT: 68 % tickers, 24 % trades, 8 % depth of some 38 levels. */
const depthLevelsASide = 19;
const blockMessages = 1_200;
const kindsOf25 = [...'DQQTQQQTQQTQDQQTQQQTQQTQQ'];
/** Ids count all messages: every one says which it is. 12 digits at any count that a run can reach. */
export const firstId = 100_000_000_000;
const idDigits = 12;
const timeDigits = 13;
const idPattern = '#'.repeat(idDigits);
const firstIdPattern = '%'.repeat(idDigits);
const timePattern = '@'.repeat(timeDigits);

type Level = [price: string, size: string];

function price(ticks: number): string {
  return `${formatSteps(ticks, tickSize)}000000`;
}
function size(lots: number): string {
  return `${formatSteps(lots, lotSize)}000`;
}

/** Best prices of every symbol, in ticks; they never move. */
export const bestTicks = { bid: midTicks - touchTicks, ask: midTicks + touchTicks } as const;

/** Where one message of the block lies, and what changes in it each time it is sent. Offsets from its first byte. */
interface Part {
  start: number;
  end: number;
  symbol: number;
  isDepth: boolean;
  /** -1 where there is none. */
  firstIdAt: number;
  idAt: number;
  timesAt: number[];
}

/**
 * Binance spot's combined stream as bytes on the wire: a block of WebSocket frames made once, of which only ids and times
 * are written anew. Costs the sender a copy and some thirty digits a message.
 */
export class StormFeed {
  readonly #symbols: readonly string[];
  readonly #block: Buffer;
  readonly #parts: Part[] = [];
  /** Id of the newest depth update by symbol. */
  readonly #lastDepthIds: Float64Array;
  #sent = 0;

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#lastDepthIds = new Float64Array(symbols.length).fill(firstId - 1);
    const frames: Buffer[] = [];
    let at = 0;
    const counts = { D: 0, Q: 0, T: 0 };
    for (let i = 0; i < blockMessages; i++) {
      const kind = kindsOf25[i % kindsOf25.length] as 'D' | 'Q' | 'T';
      const nth = counts[kind]++;
      const symbol = nth % symbols.length;
      const frame = textFrame(this.#message(kind, symbol, Math.floor(nth / symbols.length)));
      this.#parts.push({ start: at, end: at + frame.byteLength, symbol, isDepth: kind === 'D', ...fieldsOf(frame) });
      frames.push(frame);
      at += frame.byteLength;
    }
    this.#block = Buffer.concat(frames);
  }

  /** Messages made so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Bytes of one message, on average. */
  get meanBytes(): number {
    return this.#block.byteLength / blockMessages;
  }

  /** The next `count` messages, as one piece that belongs to the caller. */
  next(count: number, timeMs: number): Buffer {
    const parts: Buffer[] = [];
    while (count > 0) {
      const from = this.#sent % blockMessages;
      const till = Math.min(blockMessages, from + count);
      parts.push(this.#slice(from, till, timeMs));
      count -= till - from;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  /** The book of a symbol as REST gives it, as of the newest depth update. */
  snapshot(symbol: string): string {
    const index = this.#symbols.indexOf(symbol);
    if (index < 0) throw new RangeError(`symbol: expected one of ${this.#symbols.join(', ')}, was ${symbol}`);
    const side = (sign: 1 | -1): Level[] => [
      [price(midTicks + sign * touchTicks), size(1_000_000)],
      ...Array.from({ length: staticLevels }, (_, i): Level => [deepPrice(sign, i), size(500_000)]),
    ];
    return JSON.stringify({ lastUpdateId: this.#lastDepthIds[index], bids: side(-1), asks: side(1) });
  }

  #slice(from: number, till: number, timeMs: number): Buffer {
    const start = (this.#parts[from] as Part).start;
    const out = Buffer.from(this.#block.subarray(start, (this.#parts[till - 1] as Part).end));
    for (let i = from; i < till; i++) {
      const part = this.#parts[i] as Part;
      const at = part.start - start;
      const id = firstId + this.#sent++;
      if (part.isDepth) {
        writeDigits(out, at + part.firstIdAt, (this.#lastDepthIds[part.symbol] as number) + 1, idDigits);
        this.#lastDepthIds[part.symbol] = id;
      }
      writeDigits(out, at + part.idAt, id, idDigits);
      for (const timeAt of part.timesAt) writeDigits(out, at + timeAt, timeMs, timeDigits);
    }
    return out;
  }

  #message(kind: 'D' | 'Q' | 'T', symbol: number, nth: number): string {
    const name = this.#symbols[symbol] as string;
    const stream = (suffix: string): string => `{"stream":"${name.toLowerCase()}@${suffix}","data":`;
    if (kind === 'Q') {
      const lots = size(1_000_000 + (nth % 500));
      return `${stream('bookTicker')}{"u":${idPattern},"s":"${name}","b":"${price(bestTicks.bid)}","B":"${lots}","a":"${price(bestTicks.ask)}","A":"${lots}"}}`;
    }
    if (kind === 'T') {
      const sells = nth % 2 === 0;
      return `${stream('trade')}{"e":"trade","E":${timePattern},"s":"${name}","t":${idPattern},"p":"${price(sells ? bestTicks.bid : bestTicks.ask)}","q":"${size(1 + (nth % 977))}","T":${timePattern},"m":${sells},"M":true}}`;
    }
    return `${stream('depth@100ms')}{"e":"depthUpdate","E":${timePattern},"s":"${name}","U":${firstIdPattern},"u":${idPattern},"b":${JSON.stringify(levels(-1, nth))},"a":${JSON.stringify(levels(1, nth))}}}`;
  }
}

/** The first symbol's book leans to the other side with every update: there is always a reason to trade. */
function levels(sign: 1 | -1, nth: number): Level[] {
  const heavy = (nth % 2 === 0) === sign < 0;
  const changed: Level[] = [[price(midTicks + sign * touchTicks), size(heavy ? 50_000_000 : 1_000_000)]];
  for (let i = 1; i < depthLevelsASide; i++) {
    const level = (nth * depthLevelsASide + i * 7) % staticLevels;
    changed.push([deepPrice(sign, level), size(500_000 + ((nth * 31 + i) % 1_000))]);
  }
  return changed;
}

function deepPrice(sign: 1 | -1, level: number): string {
  return price(midTicks + sign * (touchTicks + 1 + level));
}

/** One unmasked text frame, as a server sends it. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text, 'utf8');
  const length = payload.byteLength;
  if (length > 65_535) throw new RangeError(`Expected at most 65535 bytes, was ${length}`);
  const header = length > 125 ? Buffer.from([0x81, 126, length >> 8, length & 255]) : Buffer.from([0x81, length]);
  return Buffer.concat([header, payload]);
}

function fieldsOf(frame: Buffer): Pick<Part, 'firstIdAt' | 'idAt' | 'timesAt'> {
  const timesAt: number[] = [];
  for (let at = frame.indexOf(timePattern); at >= 0; at = frame.indexOf(timePattern, at + 1)) timesAt.push(at);
  return { firstIdAt: frame.indexOf(firstIdPattern), idAt: frame.indexOf(idPattern), timesAt };
}

/** Writes a whole number below 10^14 in exactly so many digits. */
function writeDigits(into: Uint8Array, at: number, value: number, digits: number): void {
  // In two halves, so that the divisions are those of small integers.
  const high = Math.floor(value / 1e7);
  let rest = (value - high * 1e7) | 0;
  let end = at + digits - 1;
  for (let i = 0; i < 7; i++) {
    const tenth = (rest / 10) | 0;
    into[end--] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  rest = high | 0;
  while (end >= at) {
    const tenth = (rest / 10) | 0;
    into[end--] = 48 + rest - tenth * 10;
    rest = tenth;
  }
}
