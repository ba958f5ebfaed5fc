import type { CandleColumns, CandleRange, TradeColumns, TradeRange } from '../../engine/contract/storage-messages.ts';
import type { CandleSource } from './candle-history.ts';
import { TRADES } from './chart-page.ts';

/** timeUs, id, price, size. */
export type Trade = [timeUs: number, id: number, priceTicks: number, sizeLots: number];

/**
 * A store that is a list of trades, and answers when told to, in the order of the questions. What was given up is never
 * answered, as by storage, which ends it at the server.
 */
export class FakeStore implements CandleSource {
  readonly #trades: readonly Trade[];
  readonly #candles = new Map<number, number[][]>();
  readonly #waiting: { signal: AbortSignal; answer: () => void; refuse: (error: Error) => void }[] = [];
  readonly asked: string[] = [];
  cancelled = 0;
  mostRows = 0;

  constructor(trades: readonly Trade[]) {
    this.#trades = trades;
  }

  get waiting(): number {
    return this.#waiting.filter(({ signal }) => !signal.aborted).length;
  }

  /** Rows that a chart of an interval should have, whole: `time id close volume`. */
  rows(intervalS: number): string[] {
    if (intervalS === TRADES) return this.#trades.map(([us, id, price, size]) => `${us} ${id} ${price} ${size}`);
    return this.#folded(intervalS).map((row) => `${(row[0] as number) * 1e6} 0 ${row[4]} ${row[5]}`);
  }

  candles(intervalS: number, { fromS, toS, limit, oldest }: CandleRange, signal: AbortSignal): Promise<CandleColumns> {
    this.asked.push(`${intervalS}s ${oldest ? 'on' : 'back'}`);
    return this.#answer(signal, () => {
      const all = this.#folded(intervalS).filter(([time]) => (time as number) >= fromS && (time as number) < toS);
      const rows = oldest ? all.slice(0, limit) : all.slice(-limit);
      this.mostRows = Math.max(this.mostRows, rows.length);
      return columnsOf(rows);
    });
  }

  trades({ beforeUs, beforeId, afterUs, afterId, limit }: TradeRange, signal: AbortSignal): Promise<TradeColumns> {
    this.asked.push(`trades ${afterUs === undefined ? 'back' : 'on'}`);
    return this.#answer(signal, () => {
      const all = this.#trades.filter(([us, id]) => {
        if (us > beforeUs || (us === beforeUs && (beforeId === undefined || id >= beforeId))) return false;
        if (afterUs === undefined) return true;
        return us > afterUs || (us === afterUs && (afterId === undefined || id > afterId));
      });
      const rows = afterUs === undefined ? all.slice(-limit) : all.slice(0, limit);
      return {
        timeUs: rows.map(([us]) => us),
        id: rows.map(([, id]) => id),
        priceTicks: rows.map(([, , price]) => price),
        sizeLots: rows.map(([, , , size]) => size),
        side: rows.map(([, id]) => 1 + (id % 2)),
      };
    });
  }

  #folded(intervalS: number): number[][] {
    let rows = this.#candles.get(intervalS);
    if (rows) return rows;
    rows = [];
    for (const [us, , price, size] of this.#trades) {
      const openS = Math.floor(us / 1e6 / intervalS) * intervalS;
      const last = rows.at(-1);
      if (last?.[0] !== openS) rows.push([openS, price, price, price, price, size, 0]);
      else {
        last[2] = Math.max(last[2] as number, price);
        last[3] = Math.min(last[3] as number, price);
        last[4] = price;
        last[5] = (last[5] as number) + size;
      }
    }
    this.#candles.set(intervalS, rows);
    return rows;
  }

  #answer<T>(signal: AbortSignal, make: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.cancelled++;
        reject(new Error('superseded'));
      };
      signal.addEventListener('abort', abort, { once: true });
      const answer = (): void => {
        signal.removeEventListener('abort', abort);
        resolve(make());
      };
      this.#waiting.push({ signal, answer, refuse: reject });
    });
  }

  /** Answers the next `count` questions, all there are by default; those that follow from the answers too. */
  async settle(count = Number.POSITIVE_INFINITY): Promise<void> {
    await turns();
    for (let i = 0; i < count && this.#waiting.length > 0; i++) {
      this.#waiting.shift()?.answer();
      await turns();
    }
  }

  async refuse(error: Error): Promise<void> {
    await turns();
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
    await turns();
  }
}

export async function turns(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

/** `count` trades from `fromS` on, in seconds that hold several or none, at times that many share. */
export function someTrades(fromS: number, count: number, firstId = 1): Trade[] {
  const trades: Trade[] = [];
  let us = fromS * 1e6;
  for (let i = 0; i < count; i++) {
    const id = firstId + i;
    if (id % 3 === 0) us += 100_000 * (1 + ((id * 7919) % 13));
    trades.push([us, id, 1000 + ((id * 31) % 97), 1 + (id % 7)]);
  }
  return trades;
}

/** Rows of open time and the six figures as storage sends them. */
export function columnsOf(rows: readonly (readonly number[])[]): CandleColumns {
  const column = (i: number) => rows.map((row) => row[i] as number);
  return {
    openTimeS: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volumeLots: column(5),
    buyVolumeLots: column(6),
  };
}
