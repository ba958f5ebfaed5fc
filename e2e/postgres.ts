import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { RecordKind } from '../engine/contract/record.ts';
import { Side } from '../engine/contract/units.ts';
import { EmbeddedPostgres, type PostgresAddress } from '../engine/storage/embedded-postgres.ts';
import { RECORD_TABLES, SCHEMA_NAME } from '../engine/storage/schema.ts';
import { expect } from './fixtures.ts';

/** Longest that a crashed database may take to come back. */
const DATABASE_START_MS = 20_000;

export interface StoredFill {
  sequence: number;
  side: 'buy' | 'sell';
  priceTicks: number;
  sizeLots: number;
  fee: number;
  orderNumber: number;
  venueTradeId: number;
}

/** Reads what storage committed, past the application: plain SQL. */
export class StoredRows {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  async #rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#client.query(sql, values)).rows as Record<string, unknown>[];
  }

  /** Rows of all record tables: one journal record is one row. */
  async rowCount(): Promise<number> {
    const counts = RECORD_TABLES.map((table) => `(SELECT count(*) FROM ${SCHEMA_NAME}.${table})`).join(' + ');
    return Number((await this.#rows(`SELECT ${counts} AS rows`))[0]?.['rows']);
  }

  /**
   * Committed position and rows up to it, by journal, in one snapshot of the database. Exactly once means that they are
   * equal and that no sequence occurs twice.
   */
  async positions(): Promise<{ committed: number; rows: number; distinct: number }[]> {
    const all = RECORD_TABLES.map((table) => `SELECT journal, sequence FROM ${SCHEMA_NAME}.${table}`).join(
      ' UNION ALL ',
    );
    const found = await this.#rows(
      `SELECT p.sequence AS committed, count(r.sequence) AS rows, count(DISTINCT r.sequence) AS distinct
       FROM ${SCHEMA_NAME}.journal_position p JOIN (${all}) r USING (journal)
       GROUP BY p.journal, p.sequence`,
    );
    return found.map((row) => ({
      committed: Number(row['committed']),
      rows: Number(row['rows']),
      distinct: Number(row['distinct']),
    }));
  }

  /** Fills of a symbol in the order they were journalled. */
  async fills(symbol = 'BTCUSDT'): Promise<StoredFill[]> {
    const found = await this.#rows(
      `SELECT f.* FROM ${SCHEMA_NAME}.fills f JOIN ${SCHEMA_NAME}.series s USING (series)
       WHERE s.symbol = $1 ORDER BY f.journal, f.sequence`,
      [symbol],
    );
    return found.map((row) => ({
      sequence: Number(row['sequence']),
      side: Number(row['side']) === Side.buy ? 'buy' : 'sell',
      priceTicks: Number(row['price_ticks']),
      sizeLots: Number(row['size_lots']),
      fee: Number(row['fee']),
      orderNumber: Number(row['order_number']),
      venueTradeId: Number(row['venue_trade_id']),
    }));
  }

  /** Orders the engine decided to send, as `side priceTicks`, in the order of the decisions. */
  async submittedOrders(): Promise<string[]> {
    const found = await this.#rows(
      `SELECT side, price_ticks FROM ${SCHEMA_NAME}.orders_log WHERE kind = $1 ORDER BY journal, sequence`,
      [RecordKind.orderSubmitted],
    );
    return found.map((row) => `${Number(row['side']) === Side.buy ? 'buy' : 'sell'} ${Number(row['price_ticks'])}`);
  }

  async units(symbol: string): Promise<{ tickSize: string; lotSize: string }> {
    const sql = `SELECT tick_size, lot_size FROM ${SCHEMA_NAME}.series WHERE symbol = $1 LIMIT 1`;
    const row = (await this.#rows(sql, [symbol]))[0];
    return { tickSize: String(row?.['tick_size']), lotSize: String(row?.['lot_size']) };
  }
}

/** Connects to the database of a running app. */
export async function withRunningStore<T>(dataDir: string, use: (stored: StoredRows) => Promise<T>): Promise<T> {
  // After a crash of storage its database is started anew, at another port, while the process is ready already.
  const untilMs = Date.now() + DATABASE_START_MS;
  for (;;) {
    const address = JSON.parse(readFileSync(join(dataDir, 'postgres', 'connection.json'), 'utf8')) as PostgresAddress;
    try {
      return await connected(address, use);
    } catch (error) {
      if (!isStarting(error) || Date.now() > untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Nobody listens yet, or the server says that it is still starting (57P03). */
function isStarting(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ECONNREFUSED' || code === '57P03';
}

/** Starts the embedded server over the data folder of an app that has ended, and stops it again. */
export async function withStoredRows<T>(dataDir: string, use: (stored: StoredRows) => Promise<T>): Promise<T> {
  const server = new EmbeddedPostgres(dataDir);
  const address = await server.start();
  try {
    return await connected(address, use);
  } finally {
    await server.stop();
  }
}

async function connected<T>(address: PostgresAddress, use: (stored: StoredRows) => Promise<T>): Promise<T> {
  const client = new pg.Client(address);
  // A server that is stopped under the connection must not end the test run.
  client.on('error', (error) => console.error(`Postgres connection: ${error.message}`));
  await client.connect();
  try {
    return await use(new StoredRows(client));
  } finally {
    await client.end();
  }
}

export function readStoredFills(dataDir: string, symbol = 'BTCUSDT'): Promise<StoredFill[]> {
  return withRunningStore(dataDir, (stored) => stored.fills(symbol));
}

/** Every journal record up to the committed position is exactly one row, and the position moves on. */
export async function expectExactlyOnce(dataDir: string): Promise<void> {
  const read = (): ReturnType<StoredRows['positions']> => withRunningStore(dataDir, (stored) => stored.positions());
  const first = await read();
  expect(first.length, 'journals in the store').toBeGreaterThan(0);
  for (const position of first) {
    expect(position.rows, 'rows up to the committed position').toBe(position.committed);
    expect(position.distinct, 'different sequences').toBe(position.committed);
  }
  const committed = Math.max(...first.map((position) => position.committed));
  await expect
    .poll(async () => Math.max(...(await read()).map((position) => position.committed)), {
      message: 'storage goes on committing',
      timeout: 20_000,
    })
    .toBeGreaterThan(committed);
}
