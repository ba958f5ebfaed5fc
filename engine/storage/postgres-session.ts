import { connect as connectSocket } from 'node:net';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { SCHEMA_NAME } from './schema.ts';

/** A Postgres URL, or host, port and so on. */
export type PostgresTarget = string | { host: string; port: number; user: string; password: string; database: string };

export interface PostgresSessionOptions {
  applicationName: string;
  /** A call that takes longer breaks the connection: a server that hangs is as good as one that is gone. */
  timeoutMs?: number;
  /** The server's own limit for one statement; 0 for none. */
  statementTimeoutMs?: number;
}

export type Row = Record<string, unknown>;

const CONNECT_TIMEOUT_MS = 5_000;

/** One connection. Any failure of the connection makes every later call fail: open a new session then. */
export class PostgresSession {
  readonly #client: pg.Client;
  readonly #timeoutMs: number;
  #broken: Error | undefined;

  private constructor(client: pg.Client, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    client.on('error', (error) => {
      this.#broken ??= error;
    });
    client.on('end', () => {
      this.#broken ??= new Error('the connection to Postgres was closed');
    });
  }

  static async open(target: PostgresTarget, options: PostgresSessionOptions): Promise<PostgresSession> {
    const where = typeof target === 'string' ? { connectionString: target } : target;
    const client = new pg.Client({
      ...where,
      application_name: options.applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    const session = new PostgresSession(client, options.timeoutMs ?? 30_000);
    try {
      await session.#limited(client.connect());
      await session.query(`SET search_path = ${SCHEMA_NAME}, pg_catalog`);
      await session.query(`SET statement_timeout = ${options.statementTimeoutMs ?? 0}`);
      await session.query('SET client_min_messages = warning');
    } catch (error) {
      session.destroy();
      throw error;
    }
    return session;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Rows as objects; several statements separated by `;` give the rows of none. */
  async query(text: string, values?: unknown[]): Promise<Row[]> {
    if (this.#broken !== undefined) throw this.#broken;
    const result = await this.#limited(this.#client.query<Row>(text, values));
    return result.rows ?? [];
  }

  /** Rows changed by one statement. */
  async execute(text: string, values?: unknown[]): Promise<number> {
    if (this.#broken !== undefined) throw this.#broken;
    const result = await this.#limited(this.#client.query(text, values));
    return result.rowCount ?? 0;
  }

  /** As `execute`, for a statement of every batch: the server parses and plans it once a connection. */
  async prepared(name: string, text: string, values: unknown[]): Promise<number> {
    if (this.#broken !== undefined) throw this.#broken;
    const result = await this.#limited(this.#client.query({ name, text, values }));
    return result.rowCount ?? 0;
  }

  async transaction<T>(body: () => Promise<T>): Promise<T> {
    await this.query('BEGIN');
    let result: T;
    try {
      result = await body();
    } catch (error) {
      if (!this.isBroken) {
        // A rollback that fails too means the connection is gone, and the server rolls back by itself.
        await this.query('ROLLBACK').catch((rollbackError: Error) => {
          this.#broken ??= rollbackError;
        });
      }
      throw error;
    }
    await this.query('COMMIT');
    return result;
  }

  /** Binary COPY of finished bytes (header and trailer included); resolves when the server has them all. */
  async copy(table: string, columns: readonly string[], bytes: Uint8Array): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const stream = this.#client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`));
    await this.#limited(
      new Promise<void>((resolve, reject) => {
        stream.once('error', reject);
        stream.once('finish', resolve);
        stream.end(bytes);
      }),
    );
  }

  /** Asks the server to abandon the running statement (it then fails with code 57014). */
  cancel(): void {
    const { processID, secretKey, host, port } = this.#client as pg.Client & { processID?: number; secretKey?: number };
    if (processID === undefined || secretKey === undefined) return;
    const message = Buffer.alloc(16);
    message.writeInt32BE(16, 0);
    message.writeInt32BE(80877102, 4);
    message.writeInt32BE(processID, 8);
    message.writeInt32BE(secretKey, 12);
    const socket = connectSocket({ host, port });
    // Best effort: statement_timeout ends the statement anyway.
    socket.on('error', () => socket.destroy());
    socket.end(message);
  }

  async close(): Promise<void> {
    if (this.isBroken) {
      this.destroy();
      return;
    }
    await this.#limited(this.#client.end()).catch(() => this.destroy());
  }

  destroy(): void {
    this.#broken ??= new Error('the connection to Postgres was closed');
    streamOf(this.#client)?.destroy();
  }

  async #limited<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`Postgres did not answer within ${this.#timeoutMs} ms`);
        this.#broken ??= error;
        reject(error);
        this.destroy();
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([work, limit]);
    } finally {
      clearTimeout(timer);
      // The loser of the race must not end as an unhandled rejection.
      work.catch(() => undefined);
    }
  }
}

/** The socket under a client, which has no public way to be cut off. */
function streamOf(client: pg.Client): { destroy(): void } | undefined {
  return (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;
}
