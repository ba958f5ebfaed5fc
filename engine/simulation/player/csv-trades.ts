/** Which of Binance's public trade files a CSV is. */
export type CsvTradeFormat = 'aggTrades' | 'trades';

const COMMA = 44;
const DIGIT_0 = 48;
const MAX_FIELDS = 10;

/**
 * Rows of Binance's public `aggTrades` and `trades` files, as the JSON bytes that the live stream would have sent.
 *   aggTrades: id, price, quantity, first id, last id, time, buyer is maker[, best match]
 *   trades:    id, price, quantity, quote quantity, time, buyer is maker[, best match]
 * Times are ms, and us in spot files from 2025 on. A first row of column names is told apart by its first character.
 */
export class CsvTradeConverter {
  readonly #symbol: Uint8Array;
  readonly #out = new Uint8Array(1024);
  /** Start and end of each field of the row at hand. */
  readonly #from = new Int32Array(MAX_FIELDS);
  readonly #to = new Int32Array(MAX_FIELDS);
  #fields = 0;
  #format: CsvTradeFormat = 'trades';
  #length = 0;
  #bytes: Uint8Array = this.#out;
  #error = '';

  constructor(symbol: string) {
    this.#symbol = new TextEncoder().encode(symbol);
  }

  /** Why the last row was refused. */
  get error(): string {
    return this.#error;
  }
  get format(): CsvTradeFormat {
    return this.#format;
  }

  /** True when the row holds column names. */
  static isHeader(bytes: Uint8Array, from: number): boolean {
    const first = bytes[from] as number;
    return !(first >= DIGIT_0 && first <= DIGIT_0 + 9);
  }

  /** Reads the row `bytes[from..to)`; false (see {@link error}) when it is not a trade. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.#bytes = bytes;
    this.#split(bytes, from, to);
    if (this.#isBoolean(5)) this.#format = 'trades';
    else if (this.#isBoolean(6)) this.#format = 'aggTrades';
    else return this.#refuse('expected columns of aggTrades or trades, was another layout');
    if (!this.#isNumber(0, false)) return this.#refuse('id: expected digits');
    if (!this.#isNumber(1, true)) return this.#refuse('price: expected a decimal number');
    if (!this.#isNumber(2, true)) return this.#refuse('quantity: expected a decimal number');
    if (this.#format === 'aggTrades' && !(this.#isNumber(3, false) && this.#isNumber(4, false))) {
      return this.#refuse('first and last trade id: expected digits');
    }
    const time = this.#timeField();
    const digits = this.#width(time);
    if (!this.#isNumber(time, false) || (digits !== 13 && digits !== 16)) {
      return this.#refuse('time: expected 13 digits (ms) or 16 (us)');
    }
    return true;
  }

  /** Time of the row read, us since the epoch. */
  timeUs(): number {
    const field = this.#timeField();
    let value = 0;
    for (let at = this.#from[field] as number; at < (this.#to[field] as number); at++) {
      value = value * 10 + (this.#bytes[at] as number) - DIGIT_0;
    }
    return this.#width(field) === 13 ? value * 1000 : value;
  }

  /** Decimals of price (1) or quantity (2) without trailing zeros. */
  decimals(field: 1 | 2): number {
    let at = this.#from[field] as number;
    const to = this.#to[field] as number;
    while (at < to && this.#bytes[at] !== 46) at++;
    let end = to;
    while (end > at + 1 && this.#bytes[end - 1] === DIGIT_0) end--;
    return Math.max(0, end - at - 1);
  }

  /** The row read, as a stream message. Valid until the next call. */
  toJson(): Uint8Array {
    this.#length = 0;
    const aggregate = this.#format === 'aggTrades';
    this.#text(aggregate ? '{"e":"aggTrade","E":' : '{"e":"trade","E":');
    this.#field(this.#timeField());
    this.#text(',"s":"');
    this.#raw(this.#symbol, 0, this.#symbol.length);
    this.#text(aggregate ? '","a":' : '","t":');
    this.#field(0);
    this.#text(',"p":"');
    this.#field(1);
    this.#text('","q":"');
    this.#field(2);
    if (aggregate) {
      this.#text('","f":');
      this.#field(3);
      this.#text(',"l":');
      this.#field(4);
      this.#text(',"T":');
    } else {
      this.#text('","T":');
    }
    this.#field(this.#timeField());
    const maker = this.#bytes[this.#from[this.#makerField()] as number];
    this.#text(maker === 116 || maker === 84 ? ',"m":true}' : ',"m":false}');
    return this.#out.subarray(0, this.#length);
  }

  #split(bytes: Uint8Array, from: number, to: number): void {
    this.#fields = 0;
    let start = from;
    let end = to;
    if (end > start && bytes[end - 1] === 13) end--;
    for (let at = start; at <= end && this.#fields < MAX_FIELDS; at++) {
      if (at < end && bytes[at] !== COMMA) continue;
      this.#from[this.#fields] = start;
      this.#to[this.#fields] = at;
      this.#fields++;
      start = at + 1;
    }
  }

  #width(field: number): number {
    return (this.#to[field] as number) - (this.#from[field] as number);
  }

  #timeField(): number {
    return this.#format === 'trades' ? 4 : 5;
  }

  #makerField(): number {
    return this.#format === 'trades' ? 5 : 6;
  }

  #isBoolean(field: number): boolean {
    if (field >= this.#fields) return false;
    const width = this.#width(field);
    const first = (this.#bytes[this.#from[field] as number] as number) | 32;
    return (width === 4 && first === 116) || (width === 5 && first === 102);
  }

  #isNumber(field: number, decimal: boolean): boolean {
    const width = this.#width(field);
    if (width < 1 || width > 40) return false;
    let dots = 0;
    for (let at = this.#from[field] as number; at < (this.#to[field] as number); at++) {
      const c = this.#bytes[at] as number;
      if (c === 46) dots++;
      else if (c < DIGIT_0 || c > DIGIT_0 + 9) return false;
    }
    return dots === 0 || (decimal && dots === 1);
  }

  #refuse(reason: string): boolean {
    this.#error = reason;
    return false;
  }

  #text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#out[this.#length++] = text.charCodeAt(i);
  }

  #field(field: number): void {
    this.#raw(this.#bytes, this.#from[field] as number, this.#to[field] as number);
  }

  #raw(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#out[this.#length++] = bytes[at] as number;
  }
}

/** Symbol in the name of a public trade file: `BTCUSDT-aggTrades-2025-01-01.csv`; empty when it names none. */
export function symbolOfCsvName(name: string): string {
  return /^([A-Z0-9]{2,})-(aggTrades|trades)-/i.exec(name)?.[1]?.toUpperCase() ?? '';
}
