import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { CANDLE_RESOLUTIONS } from './candle-resolutions.ts';
import { SchemaTooNewError } from './migrations.ts';
import { connectTo, testServers } from './postgres-servers.test-support.ts';
import { prepareStore } from './prepare-store.ts';
import { MIGRATIONS } from './schema.ts';
import { StorageService } from './storage-service.ts';
import { eventually, SampleSession, seriesRows, storedFigures, temporaryDataDir } from './storage.test-support.ts';

/** Stores as earlier programs left them: `pg_dump --schema=christmas --no-owner --inserts`, a file a version. */
const FIXTURES = path.join(import.meta.dirname, 'fixtures');
const RECORDS = 797;
const versions = Array.from({ length: MIGRATIONS.length - 1 }, (_, i) => i + 1);

/** Candles of a table as the trades say, or the finer table of a length that was there before. */
async function candlesOf(client: pg.Client, table: string): Promise<unknown[]> {
  const { rows } = await client.query(`SELECT series, open_time_s::float8 AS s, open, high, low, close, volume_lots,
    buy_volume_lots, trades, first_id, last_id FROM ${table} ORDER BY series, open_time_s`);
  return rows;
}

async function candlesFromTrades(client: pg.Client, seconds: number): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT series, (floor(extract(epoch FROM exchange_time) / ${seconds}) * ${seconds})::float8 AS s,
      (array_agg(price_ticks ORDER BY trade_id))[1] AS open, max(price_ticks) AS high, min(price_ticks) AS low,
      (array_agg(price_ticks ORDER BY trade_id DESC))[1] AS close, sum(size_lots)::bigint AS volume_lots,
      coalesce(sum(size_lots) FILTER (WHERE side = 1), 0)::bigint AS buy_volume_lots, count(*) AS trades,
      min(trade_id) AS first_id, max(trade_id) AS last_id
    FROM trades GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows;
}

for (const server of testServers()) {
  const options = server.skip === '' ? {} : { skip: server.skip };
  for (const version of versions) {
    test(`${server.name}: a store of schema ${version} keeps its rows, and goes on`, options, async (t) => {
      const url = await server.createDatabase();
      const dump = new pg.Client(url);
      await dump.connect();
      await dump.query(fs.readFileSync(path.join(FIXTURES, `schema-${version}.sql`), 'utf8'));
      await dump.end();
      await prepareStore(url, defaultStoreSettings, (text) => t.diagnostic(text));
      const client = await connectTo(url);
      t.after(() => client.end());
      const { rows } = await client.query('SELECT version FROM schema_version');
      assert.deepEqual(rows, [{ version: MIGRATIONS.length }]);
      const before = await storedFigures(client);
      assert.deepEqual([before.total, before.distinct, before.position], [RECORDS, RECORDS, RECORDS]);
      assert.deepEqual(before.counters, before.counted);
      for (const { table, seconds } of CANDLE_RESOLUTIONS) {
        assert.deepEqual(await candlesOf(client, table), await candlesFromTrades(client, seconds), table);
      }
      const views = await client.query('SELECT count(price)::int AS n FROM trades_decimal');
      assert.equal(views.rows[0].n, before.counted['trades'], 'views follow their tables');

      // A new journal beside the one that is there; one symbol goes on in the same series.
      const dataDir = temporaryDataDir();
      const journalDir = path.join(dataDir, 'journal');
      const session = new SampleSession(journalDir);
      session.append(300);
      session.end();
      const service = new StorageService(
        { process: 'storage', dataDir, journalDirs: [journalDir], postgresUrl: url },
        { progress: () => undefined, log: (text) => t.diagnostic(text) },
      );
      t.after(() => service.stop());
      service.start();
      await eventually('its rows', () => service.status().rows === session.writer.lastSequence);
      const after = await storedFigures(client);
      assert.equal(after.total, before.total + session.writer.lastSequence);
      assert.deepEqual(after.counters, after.counted);
      const { told, counted } = await seriesRows(client);
      assert.ok(told.length > 10);
      assert.deepEqual(told, counted);
    });
  }

  test(`${server.name}: a store of a newer program is refused, and left alone`, options, async () => {
    const url = await server.createDatabase();
    await prepareStore(url, defaultStoreSettings, () => undefined);
    const client = await connectTo(url);
    await client.query(`UPDATE schema_version SET version = ${MIGRATIONS.length + 1}; CREATE TABLE added (n int)`);
    const contents = async (): Promise<unknown> =>
      (await client.query(`SELECT relname, relkind FROM pg_class WHERE relnamespace = 'christmas'::regnamespace`)).rows;
    const before = await contents();
    await assert.rejects(
      prepareStore(url, defaultStoreSettings, () => undefined),
      (error: Error) =>
        error instanceof SchemaTooNewError &&
        /schema version \d+ at most, was \d+: a newer Christmas wrote it.*choose another database/.test(error.message),
    );
    assert.deepEqual(await contents(), before);
    await client.end();
  });
}

test('every earlier schema has its dump', () => {
  assert.deepEqual(
    fs.readdirSync(FIXTURES).sort(),
    versions.map((version) => `schema-${version}.sql`),
  );
});
