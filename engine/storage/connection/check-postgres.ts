import type { ConnectionLack, ConnectionReport } from '../../contract/connection-report.ts';
import { PostgresSession, type PostgresTarget } from '../postgres-session.ts';
import { SCHEMA_NAME } from '../schema.ts';
import { findTimescale } from '../timescale/find-timescale.ts';
import { CHECK_TIMEOUT_MS, checkConnection } from './check-connection.ts';

/** Oldest that is still maintained by its makers for what the store asks of it. */
const OLDEST_VERSION_NUMBER = 130_000;

/** Checks it on a connection of its own; nothing is written. `target` may have to wait for the embedded server. */
export function checkPostgres(
  target: () => Promise<PostgresTarget>,
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<ConnectionReport> {
  let session: PostgresSession | undefined;
  let isOver = false;
  return checkConnection(
    async () => {
      const db = await PostgresSession.open(await target(), { applicationName: 'christmas check', timeoutMs });
      session = db;
      if (isOver) db.destroy();
      return {
        roundTrip: () => db.query('SELECT 1'),
        async examine() {
          const [row = {}] = await db.query(
            `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
              current_setting('transaction_read_only') = 'on' AS read_only,
              COALESCE(has_schema_privilege(to_regnamespace('${SCHEMA_NAME}')::oid, 'CREATE'),
                has_database_privilege(current_database(), 'CREATE')) AS may_create`,
          );
          const timescale = await findTimescale(db, () => undefined);
          const lacks: ConnectionLack[] = [];
          if (Number(row['number']) < OLDEST_VERSION_NUMBER) lacks.push('oldServer');
          if (row['read_only'] === true) lacks.push('readOnly');
          if (row['may_create'] !== true) lacks.push('createTables');
          if (timescale === undefined) lacks.push('timescale');
          const versions = [`PostgreSQL ${String(row['version']).split(' ')[0]}`];
          if (timescale !== undefined) versions.push(`TimescaleDB ${timescale.version}`);
          return { versions, lacks };
        },
      };
    },
    () => {
      isOver = true;
      session?.destroy();
    },
    timeoutMs,
  );
}
