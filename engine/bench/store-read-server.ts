/**
 * The server of `store-read`, for all its runs: 5 million trades of four symbols over 27.8 h, as they come from a venue (a
 * price that walks, many small and few large sizes, uneven gaps), made on the server. Prints where it is, and ends with
 * its standard input.
 */
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { EmbeddedPostgres } from '../storage/embedded-postgres.ts';
import { PostgresSession } from '../storage/postgres-session.ts';
import { layoutOf, prepareStore } from '../storage/prepare-store.ts';
import { candlesOfTrades, readRows, readTickUs } from './store-read-queries.ts';
import { benchFolder, storeOriginUs, storeSymbols } from './store-workload.ts';

/** Set-up only: a table made in the transaction that fills it needs no log. */
async function fill(db: PostgresSession): Promise<void> {
  const firstDay = Math.floor(storeOriginUs / 86_400e6);
  const layout = await layoutOf(db, defaultStoreSettings);
  await layout.ensureDays(db, [firstDay, firstDay + 1]);
  await db.query(`SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'`);
  // An index that is made afterwards is made ten times as fast.
  await db.query('DROP INDEX trades_series_exchange_time_trade_id_idx');
  const symbols = storeSymbols.length;
  await db.transaction(async () => {
    await db.query('TRUNCATE trades');
    await db.query('SELECT setseed(0.5)');
    await db.query(
      `INSERT INTO trades
        SELECT t, 1, n, 1, 1 + n % ${symbols}, n % ${symbols}, t - late * interval '1 us', side, 0, 6000000 + walk, size, n,
          NULL
        FROM (
          SELECT n, 'epoch'::timestamptz + (${storeOriginUs} + n * ${readTickUs} + gap) * interval '1 us' AS t, late, side,
            floor(exp(size))::bigint AS size, sum(step) OVER (ROWS UNBOUNDED PRECEDING) AS walk
          FROM (
            SELECT n, floor(random() * ${readTickUs}) AS gap, floor(200 + random() * 800) AS late,
              1 + (random() < 0.5)::int AS side, random() * 7 AS size, floor(random() * 3 - 1)::int AS step
            FROM generate_series(0::bigint, ${readRows - 1}) n
          ) drawn
        ) walked`,
    );
  });
  await db.transaction(async () => {
    await db.query('CREATE TABLE trades_brin (LIKE trades) PARTITION BY RANGE (time)');
    for (const day of [firstDay, firstDay + 1]) {
      const [from, to] = [day, day + 1].map((each) => new Date(each * 86_400_000).toISOString());
      await db.query(
        `CREATE TABLE trades_brin_${day} PARTITION OF trades_brin FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
    }
    await db.query('INSERT INTO trades_brin SELECT * FROM trades');
  });
  await db.query('CREATE INDEX ON trades_brin USING brin (exchange_time)');
  await db.query('CREATE INDEX ON trades (series, exchange_time, trade_id)');
  for (let series = 1; series <= symbols; series++) {
    await db.query(
      `INSERT INTO candles_1s SELECT ${series}, c.*, 0, 0, 0, 0 FROM (${candlesOfTrades('trades', series, 0)}) c`,
    );
  }
  // Also sets the marks that let an index be read alone.
  for (const table of ['trades', 'trades_brin', 'candles_1s']) await db.query(`VACUUM ANALYZE ${table}`);
}

const server = new EmbeddedPostgres(benchFolder());
const address = await server.start();
try {
  await prepareStore(address, defaultStoreSettings, (text) => console.error(text));
  const db = await PostgresSession.open(address, { applicationName: 'bench', timeoutMs: 120_000 });
  await fill(db);
  await db.close();
  const { user, password, host, port, database } = address;
  console.log(`postgres://${user}:${password}@${host}:${port}/${database}`);
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
} finally {
  await server.stop();
}
process.exit(0);
