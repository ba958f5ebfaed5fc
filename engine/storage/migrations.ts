import type { PostgresSession } from './postgres-session.ts';
import { MIGRATIONS, SCHEMA_NAME } from './schema.ts';

/** The store was written by a newer program: nothing in it was touched. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

const MIGRATION_LOCK = 0x584d4153;

/** Whether the store has exactly this schema; false also for one that is not there yet. */
export async function isMigrated(session: PostgresSession): Promise<boolean> {
  const found = await session.query(`SELECT to_regclass('${SCHEMA_NAME}.schema_version') IS NOT NULL AS found`);
  if (found[0]?.['found'] !== true) return false;
  const rows = await session.query('SELECT version FROM schema_version');
  return rows[0]?.['version'] === MIGRATIONS.length;
}

/**
 * Brings the store to the newest schema, one version a transaction, and does `afterwards`; several processes may do so
 * at once.
 * @throws SchemaTooNewError when the store is ahead of this program.
 */
export async function migrate(
  session: PostgresSession,
  migrations: readonly string[] = MIGRATIONS,
  afterwards: () => Promise<void> = async () => undefined,
): Promise<number> {
  await session.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
  try {
    await session.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA_NAME}`);
    await session.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)');
    const rows = await session.query('SELECT version FROM schema_version');
    let version = Number(rows[0]?.['version'] ?? 0);
    if (rows.length === 0) await session.query('INSERT INTO schema_version VALUES (0)');
    if (version > migrations.length) {
      throw new SchemaTooNewError(
        `Expected a store of schema version ${migrations.length} at most, was ${version}: a newer Christmas wrote it. ` +
          'Nothing in it was changed. Start that version, or choose another database',
      );
    }
    for (; version < migrations.length; version++) {
      await session.transaction(async () => {
        await session.query(migrations[version] as string);
        await session.query(`UPDATE schema_version SET version = ${version + 1}`);
      });
    }
    await afterwards();
    return version;
  } finally {
    await session.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
  }
}
