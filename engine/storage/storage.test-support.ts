import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EventSlot } from '../core/event-slot.ts';
import { RecordFlag, RecordKind } from '../contract/record.ts';
import type { InstrumentSpec } from '../contract/units.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { JournalRecovery } from '../journal/journal-recovery.ts';
import { JournalWriter, type JournalWriterOptions } from '../journal/journal-writer.ts';
import { CANDLE_RESOLUTIONS } from './candle-resolutions.ts';
import { Field, TABLE_LAYOUTS, tableOf } from './record-tables.ts';
import { RECORD_TABLES, SCHEMA_NAME } from './schema.ts';

/**
 * A data folder for one test. Anyone may enter it, so that Postgres needs no capability. Removed when the test process
 * ends: hooks of a test run in the order they were made, and a server must be stopped before its folder goes.
 */
export function temporaryDataDir(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'christmas-storage-'));
  fs.chmodSync(dir, 0o755);
  process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  process.setMaxListeners(process.getMaxListeners() + 1);
  return dir;
}

export function instrumentOf(index: number, symbol: string): InstrumentSpec {
  return testInstrument({ index, venue: 'sim', symbol, baseAsset: symbol.slice(0, 3), takerFee: 0.0004 });
}

export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
/** 2024-08-08 23:59:50 UTC: the records cross midnight after ten seconds. */
export const ORIGIN_US = Date.UTC(2024, 7, 8, 23, 59, 50) * 1000;

export const CHECKPOINT_TEXT = JSON.stringify({ version: 1, orders: Array.from({ length: 2_000 }, (_, i) => `é${i}`) });

/** Writes a journal that looks like a session's; every value is a function of the record's number. */
export class SampleSession {
  readonly writer: JournalWriter;
  readonly recovery: JournalRecovery;
  readonly #slot = new EventSlot();
  #n: number;
  readonly #symbols: readonly string[];
  readonly #originUs: number;

  constructor(
    dir: string,
    options: JournalWriterOptions & { source?: string; kind?: string; originUs?: number; symbols?: string[] } = {},
  ) {
    const { writer, recovery } = JournalWriter.open(dir, options);
    this.writer = writer;
    this.recovery = recovery;
    this.#n = recovery.lastSequence;
    const slot = this.#slot.begin(RecordKind.sessionStart, 0, 0);
    slot.id = recovery.session;
    this.#originUs = options.originUs ?? ORIGIN_US;
    slot.value = this.#originUs;
    slot.setText(
      JSON.stringify({ source: options.source ?? 'sim', kind: options.kind ?? 'sim', journalId: recovery.journalId }),
    );
    writer.append(slot);
    this.#symbols = options.symbols ?? SYMBOLS;
    this.#symbols.forEach((symbol, index) => {
      writer.append(
        this.#slot.begin(RecordKind.instrument, index, 0).setText(JSON.stringify(instrumentOf(index, symbol))),
      );
    });
    // Long: hundreds of text chunks, each a row of its own.
    slot.begin(RecordKind.checkpoint, 0, 0).flags = RecordFlag.derived;
    slot.id = 1;
    writer.append(slot.setText(CHECKPOINT_TEXT));
    writer.flush();
  }

  /** Appends `count` events (some are several records) and flushes. */
  append(count: number): void {
    for (let i = 0; i < count; i++) this.#appendOne(++this.#n);
    this.writer.flush();
  }

  end(): void {
    this.writer.append(this.#slot.begin(RecordKind.sessionEnd, 0, this.#n * 1e6));
    this.writer.close();
  }

  #appendOne(n: number): void {
    const slot = this.#slot;
    const instrument = n % this.#symbols.length;
    const timeNs = n * 3_700_000;
    const fill = (kind: number): EventSlot => {
      slot.begin(kind, instrument, timeNs);
      // Every 50th comes late, by more than a second.
      slot.exchangeTimeUs = this.#originUs + timeNs / 1000 - (n % 50 === 0 ? 1_700_000 : 1_000);
      slot.priceTicks = 6_000_000 + ((n * 7919) % 1013) - 500;
      slot.sizeLots = 1 + ((n * 31) % 997);
      slot.side = n % 3 === 0 ? 2 : 1;
      slot.id = n;
      return slot;
    };
    const write = (): number => this.writer.append(slot);
    switch (n % 10) {
      case 0:
        fill(RecordKind.diffBegin).aux = n + 2;
        write();
        for (let level = 0; level < 3; level++) {
          fill(RecordKind.level).priceTicks -= level;
          write();
        }
        fill(RecordKind.diffEnd);
        write();
        break;
      case 1:
      case 2:
      case 3:
      case 4:
        fill(RecordKind.trade);
        write();
        break;
      case 5:
        fill(RecordKind.quote);
        write();
        break;
      case 6:
        fill(RecordKind.orderFill).value = 0.25 + n;
        slot.aux = n * 3;
        slot.flags = n % 20 === 6 ? RecordFlag.snapshotOrMaker : 0;
        write();
        break;
      case 7:
        fill(RecordKind.orderRejected).setText(`reason ${n}: ${'no money '.repeat(n % 13)}\0end`);
        write();
        break;
      case 8:
        if (n % 50 === 8) fill(RecordKind.bookState).setText(`state ${n}`).id = n % 7;
        else if (n % 100 === 28)
          fill(RecordKind.bookTop).setText(n === 28 ? '{' : JSON.stringify({ bids: [[n, 1]], asks: [] }));
        else if (n % 100 === 48) fill(RecordKind.latencySummary).setText(latencyText(n));
        else if (n % 100 === 68) fill(RecordKind.strategyState).setText(`why ${n}`).id = n % 3;
        else fill(RecordKind.timer);
        write();
        break;
      default:
        fill(RecordKind.orderSubmitted);
        write();
    }
  }
}

function latencyText(n: number): string {
  return JSON.stringify({
    read: { count: n, p50: 1, p99: 2, p999: 3, max: 4.5 },
    ack: { count: 0, p50: 0, p99: 0, p999: 0, max: 0 },
  });
}

/** Waits until `check` gives a value other than undefined or false. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  timeoutMs = 60_000,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value as Exclude<T, false | undefined>;
    if (Date.now() > deadline) throw new Error(`Expected ${what} within ${timeoutMs} ms`);
    await sleep(20);
  }
}

/** A client to the embedded server of a data folder. */
export async function connectEmbedded(dataDir: string): Promise<pg.Client> {
  const address = JSON.parse(fs.readFileSync(path.join(dataDir, 'postgres', 'connection.json'), 'utf8'));
  const client = new pg.Client(address);
  // The server may be killed under it; the next query then fails by itself.
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET search_path = ${SCHEMA_NAME}`);
  return client;
}

/** What `series_rows` says, and what the tables hold: equal at any moment. */
export async function seriesRows(client: pg.Client): Promise<{ told: unknown[]; counted: unknown[] }> {
  const told = await client.query(
    `SELECT journal, session, series, table_name, rows::int, first_us::float8, last_us::float8 FROM series_rows
      ORDER BY journal, session, series, table_name`,
  );
  const selects = RECORD_TABLES.filter((table) => table !== 'journal_texts').map(
    (table) =>
      `SELECT journal, session, series, '${table}' AS table_name, coalesce(exchange_time, time) AS t FROM ${table}`,
  );
  const counted = await client.query(
    `SELECT journal, session, series, table_name, count(*)::int AS rows, (extract(epoch FROM min(t)) * 1000000)::float8
        AS first_us, (extract(epoch FROM max(t)) * 1000000)::float8 AS last_us
      FROM (${selects.join(' UNION ALL ')}) x WHERE series IS NOT NULL GROUP BY 1, 2, 3, 4
      ORDER BY journal, session, series, table_name`,
  );
  return { told: told.rows, counted: counted.rows };
}

export interface StoredFigures {
  /** count(*) of each record table. */
  counted: Record<string, number>;
  total: number;
  distinct: number;
  minSequence: number;
  maxSequence: number;
  /** journal_rows, summed. */
  counters: Record<string, number>;
  position: number;
}

export async function storedFigures(client: pg.Client): Promise<StoredFigures> {
  const counted: Record<string, number> = {};
  const all = RECORD_TABLES.map((table) => `SELECT '${table}' AS t, journal, sequence FROM ${table}`).join(
    ' UNION ALL ',
  );
  for (const row of (await client.query(`SELECT t, count(*)::int AS n FROM (${all}) x GROUP BY t`)).rows) {
    counted[row.t] = row.n;
  }
  const sums = (
    await client.query(
      `SELECT count(*)::int AS n, count(DISTINCT (journal, sequence))::int AS d, min(sequence)::int AS lo,
        max(sequence)::int AS hi FROM (${all}) x`,
    )
  ).rows[0];
  const counters: Record<string, number> = {};
  for (const row of (await client.query('SELECT table_name, sum(rows)::int AS n FROM journal_rows GROUP BY 1')).rows) {
    counters[row.table_name] = row.n;
  }
  const position = (await client.query('SELECT max(sequence)::int AS s FROM journal_position')).rows[0].s;
  return {
    counted,
    total: sums.n,
    distinct: sums.d,
    minSequence: sums.lo,
    maxSequence: sums.hi,
    counters,
    position,
  };
}

/** Candles recomputed plainly from the journal: rows as in candles_*, keyed `symbol:openTimeS`. */
export function naiveCandles(dir: string, seconds: number): Map<string, number[]> {
  const trades: { key: string; id: number; price: number; size: number; side: number }[] = [];
  const reader = new JournalReader(dir);
  const slot = new EventSlot();
  while (reader.read(slot)) {
    if (slot.kind !== RecordKind.trade) continue;
    const openTimeS = Math.floor(slot.exchangeTimeUs / 1e6 / seconds) * seconds;
    trades.push({
      key: `${SYMBOLS[slot.instrument]}:${openTimeS}`,
      id: slot.id,
      price: slot.priceTicks,
      size: slot.sizeLots,
      side: slot.side,
    });
  }
  reader.close();
  trades.sort((a, b) => a.id - b.id);
  const candles = new Map<string, number[]>();
  for (const key of new Set(trades.map((trade) => trade.key))) {
    const own = trades.filter((trade) => trade.key === key);
    const prices = own.map((trade) => trade.price);
    const sum = (rows: typeof own): number => rows.reduce((total, trade) => total + trade.size, 0);
    candles.set(key, [
      prices[0] as number,
      Math.max(...prices),
      Math.min(...prices),
      prices.at(-1) as number,
      sum(own),
      sum(own.filter((trade) => trade.side === 1)),
      own.length,
    ]);
  }
  return candles;
}

/** The same from the store. */
export async function storedCandles(client: pg.Client, table: string): Promise<Map<string, number[]>> {
  const rows = (
    await client.query(
      `SELECT symbol, open_time_s, open, high, low, close, volume_lots, buy_volume_lots, trades
        FROM ${table} JOIN series USING (series)`,
    )
  ).rows;
  return new Map(
    rows.map((row) => [
      `${row.symbol}:${row.open_time_s}`,
      ['open', 'high', 'low', 'close', 'volume_lots', 'buy_volume_lots', 'trades'].map((key) => Number(row[key])),
    ]),
  );
}

/** Fields that are compared one by one; time and series follow from others. */
const COMPARED: readonly Field[] = [
  Field.instrument,
  Field.side,
  Field.priceTicks,
  Field.sizeLots,
  Field.kind,
  Field.id,
];

/** Every row of every table holds what its record says, in the order of the journal: not one more, not one less. */
export async function assertRowsAreRecords(client: pg.Client, journalDir: string): Promise<void> {
  const expected = new Map<string, string[]>(RECORD_TABLES.map((table) => [table, []]));
  const reader = new JournalReader(journalDir);
  const slot = new EventSlot();
  const fieldOf = (field: Field): number => {
    switch (field) {
      case Field.instrument:
        return slot.instrument;
      case Field.side:
        return slot.side;
      case Field.priceTicks:
        return slot.priceTicks;
      case Field.sizeLots:
        return slot.sizeLots;
      case Field.kind:
        return slot.kind;
      default:
        return slot.id;
    }
  };
  while (reader.read(slot)) {
    const table = tableOf(slot.kind);
    const fields = COMPARED.filter((field) => TABLE_LAYOUTS[table].fields.includes(field));
    expected.get(table)?.push([slot.sequence, ...fields.map(fieldOf)].join('|'));
    for (let i = 1; i < reader.recordsInLast; i++) {
      expected.get('journal_texts')?.push([slot.sequence + i, slot.sequence].join('|'));
    }
  }
  reader.close();
  for (const table of RECORD_TABLES) {
    const { columns, fields } = TABLE_LAYOUTS[table];
    const compared = [Field.sequence, ...COMPARED, Field.ownerSequence]
      .map((field) => columns[fields.indexOf(field)])
      .filter((column) => column !== undefined);
    const { rows } = await client.query(
      `SELECT concat_ws('|', ${compared.join(', ')}) AS row FROM ${table} ORDER BY sequence`,
    );
    const wanted = expected.get(table) ?? [];
    const differs = wanted.findIndex((row, i) => row !== rows[i]?.row);
    assert.deepEqual([rows[differs]?.row, rows.length], [wanted[differs], wanted.length], `${table} at row ${differs}`);
  }
}

/** Every length that candles are kept in, against those recomputed from the journal. */
export async function assertCandles(client: pg.Client, journalDir: string): Promise<void> {
  for (const { table, seconds } of CANDLE_RESOLUTIONS) {
    assert.deepEqual(sorted(await storedCandles(client, table)), sorted(naiveCandles(journalDir, seconds)), table);
  }
}

export function sorted<T>(map: Map<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
