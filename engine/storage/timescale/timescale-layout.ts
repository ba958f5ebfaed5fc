import type { StoreSettings } from '../../contract/store-settings.ts';
import { CANDLE_RESOLUTIONS } from '../candle-resolutions.ts';
import { droppedBeforeS, noteDropped } from '../dropped-ticks.ts';
import type { PostgresSession } from '../postgres-session.ts';
import { DECIMAL_VIEWS, PARTITIONED_TABLES, SCHEMA_NAME } from '../schema.ts';
import type { StoreLayout } from '../store-layout.ts';
import { plainTables, type Timescale } from './find-timescale.ts';
import { candleStatements, hypertableStatements, policyStatements, refreshStatements } from './timescale-sql.ts';

/** A server with TimescaleDB: hypertables, candles from continuous aggregates, policies for what is old. */
export class TimescaleLayout implements StoreLayout {
  readonly kind = 'timescale';
  readonly candlesByTailer = false;
  readonly candleTime = {
    column: 'open_time',
    fromSeconds: (parameter: string) => `to_timestamp(${parameter}::bigint)`,
  };
  readonly #timescale: Timescale;
  readonly #settings: StoreSettings;

  constructor(timescale: Timescale, settings: StoreSettings) {
    this.#timescale = timescale;
    this.#settings = settings;
  }

  /** Makes the tables that are laid out plainly TimescaleDB's, with what they hold; all or nothing. */
  async convert(db: PostgresSession): Promise<void> {
    await db.transaction(async () => {
      const plain = await plainTables(db);
      for (const table of PARTITIONED_TABLES) {
        if (!plain.has(table)) continue;
        for (const statement of hypertableStatements(table, this.#timescale)) await db.query(statement);
        const view = DECIMAL_VIEWS[table];
        if (view !== undefined) await db.query(view);
      }
      for (const resolution of CANDLE_RESOLUTIONS) {
        if (!plain.has(resolution.table)) continue;
        for (const statement of candleStatements(resolution, this.#timescale)) await db.query(statement);
      }
    });
    await this.refreshCandles(db);
  }

  async applySettings(db: PostgresSession): Promise<void> {
    await db.transaction(async () => {
      const nowS = Date.now() / 1000;
      const days = [this.#settings.keepTicksDays, await this.#daysKeptSoFar(db)].filter((kept) => kept > 0);
      for (const kept of days) await noteDropped(db, nowS - kept * 86_400);
      for (const statement of policyStatements(this.#settings, await keptHours(db), this.#timescale)) {
        await db.query(statement);
      }
    });
  }

  /** Of the policy that is there; 0 for none. */
  async #daysKeptSoFar(db: PostgresSession): Promise<number> {
    const rows = await db.query(
      `SELECT extract(epoch FROM min((config ->> 'drop_after')::interval))::float8 / 86400 AS days
        FROM timescaledb_information.jobs WHERE hypertable_schema = $1 AND proc_name = 'policy_retention'`,
      [SCHEMA_NAME],
    );
    return Number(rows[0]?.['days'] ?? 0);
  }

  async ensureDays(): Promise<void> {
    // A hypertable makes its chunks by itself.
  }

  async maintain(): Promise<string[]> {
    // The server's own policies do.
    return [];
  }

  async recountCandles(): Promise<void> {
    // What was removed is noted by the server, and counted anew by the next refresh.
  }

  async refreshCandles(db: PostgresSession): Promise<void> {
    for (const statement of refreshStatements(await keptHours(db), this.#timescale)) await db.query(statement);
  }
}

async function keptHours(db: PostgresSession): Promise<number | undefined> {
  const droppedS = await droppedBeforeS(db);
  return droppedS === undefined ? undefined : Math.floor((Date.now() / 1000 - droppedS) / 3600);
}
