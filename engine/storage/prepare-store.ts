import { defaultStoreSettings, type StoreSettings } from '../contract/store-settings.ts';
import { isMigrated, migrate } from './migrations.ts';
import { PlainLayout } from './plain/plain-layout.ts';
import { PostgresSession, type PostgresTarget } from './postgres-session.ts';
import { MIGRATIONS } from './schema.ts';
import type { StoreLayout } from './store-layout.ts';
import { findTimescale, isTimescaleStore, plainTables } from './timescale/find-timescale.ts';
import { TimescaleLayout } from './timescale/timescale-layout.ts';

/** A connection, and how the store behind it is laid out. */
export interface PreparedStore {
  db: PostgresSession;
  layout: StoreLayout;
}

/** Changing the tables of a large store takes long; a server that hangs is noticed before it begins. */
const CHANGE_TIMEOUT_MS = 6 * 3_600_000;

/**
 * Brings a store to the newest schema, to TimescaleDB's tables where the server has it, and to the settings; on a
 * connection of its own, because this may take longer than any batch. Several processes may do so at once.
 * @throws SchemaTooNewError when the store is ahead of this program.
 */
export async function prepareStore(
  target: PostgresTarget,
  settings: StoreSettings,
  log: (text: string) => void,
): Promise<void> {
  const applicationName = 'christmas schema';
  let db = await PostgresSession.open(target, { applicationName });
  try {
    if (!(await isMigrated(db)) || (await convertible(db, settings, log)) !== undefined) {
      await db.close();
      db = await PostgresSession.open(target, { applicationName, timeoutMs: CHANGE_TIMEOUT_MS });
      await migrate(db, MIGRATIONS, async () => {
        const layout = await convertible(db, settings, () => undefined);
        try {
          await layout?.convert(db);
        } catch (error) {
          log(`The tables could not be made TimescaleDB's, and stay plain: ${(error as Error).message}`);
        }
      });
    }
    await (await layoutOf(db, settings)).applySettings(db);
  } finally {
    await db.close();
  }
}

/** TimescaleDB's layout where the server has it and not all tables of the store use it yet. */
async function convertible(
  db: PostgresSession,
  settings: StoreSettings,
  log: (text: string) => void,
): Promise<TimescaleLayout | undefined> {
  const timescale = await findTimescale(db, log);
  if (timescale === undefined || (await plainTables(db)).size === 0) return undefined;
  return new TimescaleLayout(timescale, settings);
}

/** How a prepared store is laid out now. */
export async function layoutOf(db: PostgresSession, settings = defaultStoreSettings): Promise<StoreLayout> {
  if (!(await isTimescaleStore(db))) return new PlainLayout(settings);
  const timescale = await findTimescale(db, () => undefined);
  if (timescale === undefined) throw new Error('Expected TimescaleDB, which this store was made with, was none');
  return new TimescaleLayout(timescale, settings);
}
