/**
 * Questions to 5 million trades of four symbols (27.8 h), answered on the server and counted there: `store-read.bench.ts
 * <ours|btree|brin>`. `ours`: the store's b-tree for the last ticks of a symbol, its candles for the rest. `btree`: candles
 * computed from the trades by way of the b-tree. `brin`: both by way of the BRIN alone. Prints a BenchSample, ms.
 */
import { defaultStoreSettings } from '../contract/store-settings.ts';
import { EmbeddedPostgres } from '../storage/embedded-postgres.ts';
import { PostgresSession } from '../storage/postgres-session.ts';
import { layoutOf, prepareStore } from '../storage/prepare-store.ts';
import type { BenchSample } from './bench-result.ts';
import { benchFolder, storeOriginUs } from './store-workload.ts';

const rows = 5_000_000;
const tickUs = 20_000;
const repeats = 5;
const series = 1;
const endUs = storeOriginUs + rows * tickUs;

async function fill(db: PostgresSession, name: string): Promise<void> {
  const layout = await layoutOf(db, defaultStoreSettings);
  const firstDay = Math.floor(storeOriginUs / 86_400e6);
  await layout.ensureDays(db, [firstDay, firstDay + 1]);
  // An index that is made afterwards is made ten times as fast.
  await db.query('DROP INDEX trades_series_exchange_time_trade_id_idx');
  await db.query(
    `INSERT INTO trades SELECT t, 1, n, 1, 1 + n % 4, n % 4, t, 1 + n % 2, 0, 6000000 + (n * 7919) % 1013,
        1 + (n * 31) % 997, n, NULL
      FROM (SELECT n, 'epoch'::timestamptz + (${storeOriginUs}::bigint + n * ${tickUs}::bigint) * interval '1 us' AS t
        FROM generate_series(0::bigint, ${rows - 1}) n) x`,
  );
  if (name === 'brin') await db.query('CREATE INDEX ON trades USING brin (exchange_time)');
  else await db.query('CREATE INDEX ON trades (series, exchange_time, trade_id)');
  if (name === 'ours') {
    await db.query(
      `INSERT INTO candles_1s SELECT ${series}, c.*, 0, 0, 0, 0 FROM (${candles('btree', (rows * tickUs) / 1e6)}) c`,
    );
  }
  // Also sets the marks that let an index be read alone.
  await db.query('VACUUM ANALYZE trades');
  await db.query('VACUUM ANALYZE candles_1s');
}

/** Candles of the last seconds of the data, as many numbers as a chart needs. */
function candles(name: string, lastSeconds: number): string {
  const fromS = endUs / 1e6 - lastSeconds;
  if (name === 'ours') {
    return `SELECT open_time_s, open, high, low, close, volume_lots FROM candles_1s
      WHERE series = ${series} AND open_time_s >= ${fromS}`;
  }
  return `SELECT floor(extract(epoch FROM exchange_time))::bigint AS open_time_s,
      (array_agg(price_ticks ORDER BY trade_id))[1] AS open, max(price_ticks) AS high, min(price_ticks) AS low,
      (array_agg(price_ticks ORDER BY trade_id DESC))[1] AS close, sum(size_lots) AS volume_lots
    FROM trades WHERE series = ${series} AND exchange_time >= to_timestamp(${fromS}) GROUP BY 1`;
}

async function timed(db: PostgresSession, query: string): Promise<{ ms: number; answer: string }> {
  const times: number[] = [];
  let answer = '';
  for (let i = 0; i < repeats; i++) {
    const startMs = performance.now();
    answer = JSON.stringify(await db.query(query));
    times.push(performance.now() - startMs);
  }
  return { ms: times.sort((a, b) => a - b)[repeats >> 1] as number, answer };
}

async function run(name: string): Promise<BenchSample> {
  const server = new EmbeddedPostgres(benchFolder());
  const address = await server.start();
  try {
    await prepareStore(address, defaultStoreSettings, (text) => console.error(text));
    const db = await PostgresSession.open(address, { applicationName: 'bench', timeoutMs: 120_000 });
    await fill(db, name);
    const figures: Record<string, number> = {};
    const checksums: Record<string, string> = {};
    const sums = ['open', 'high', 'low', 'close', 'volume_lots'].map((key) => `sum(${key}) AS ${key}`).join(', ');
    const questions = {
      last: `SELECT count(*), sum(price_ticks), min(trade_id) FROM (SELECT price_ticks, trade_id FROM trades
        WHERE series = ${series} ORDER BY exchange_time DESC, trade_id DESC LIMIT 100000) x`,
      day: `SELECT ${sums} FROM (${candles(name, 86_400)}) x`,
      hour: `SELECT ${sums} FROM (${candles(name, 3_600)}) x`,
    };
    for (const [key, query] of Object.entries(questions)) {
      const { ms, answer } = await timed(db, query);
      figures[key] = ms;
      checksums[key] = answer;
    }
    await db.close();
    return { figures, checksums };
  } finally {
    await server.stop();
  }
}

const name = process.argv[2] ?? '';
if (!['ours', 'btree', 'brin'].includes(name)) throw new RangeError(`Expected ours, btree or brin, was ${name}`);
console.log(JSON.stringify(await run(name)));
process.exit(0);
