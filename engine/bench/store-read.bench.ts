/**
 * Questions to 5 million trades, answered on the server and counted there: `store-read.bench.ts <ours|btree|brin> <URL of
 * store-read-server.ts>`. `ours`: the store's b-tree for the last ticks of a symbol, its candles for the rest. `btree`:
 * candles computed from the trades by way of the b-tree. `brin`: both by way of a BRIN alone. Prints a BenchSample, ms.
 */
import { PostgresSession } from '../storage/postgres-session.ts';
import type { BenchSample } from './bench-result.ts';
import { candlesKept, candlesOfTrades, lastSecondsFrom } from './store-read-queries.ts';

const series = 1;
const names = ['ours', 'btree', 'brin'] as const;

/** Median of so many; the answer is the same each time. */
async function timed(db: PostgresSession, query: string, repeats: number): Promise<{ ms: number; answer: string }> {
  const times: number[] = [];
  let answer = '';
  for (let i = 0; i < repeats; i++) {
    const startMs = performance.now();
    answer = JSON.stringify(await db.query(query));
    times.push(performance.now() - startMs);
  }
  return { ms: times.sort((a, b) => a - b)[repeats >> 1] as number, answer };
}

async function run(name: (typeof names)[number], url: string): Promise<BenchSample> {
  const db = await PostgresSession.open(url, { applicationName: 'bench', timeoutMs: 120_000 });
  const table = name === 'brin' ? 'trades_brin' : 'trades';
  const candles = (lastSeconds: number): string => {
    const fromS = lastSecondsFrom(lastSeconds);
    return name === 'ours' ? candlesKept(series, fromS) : candlesOfTrades(table, series, fromS);
  };
  const sums = ['open', 'high', 'low', 'close', 'volume_lots'].map((key) => `sum(${key}) AS ${key}`).join(', ');
  const questions = {
    last: {
      repeats: 3,
      query: `SELECT count(*), sum(price_ticks), min(trade_id) FROM (SELECT price_ticks, trade_id FROM ${table}
        WHERE series = ${series} ORDER BY exchange_time DESC, trade_id DESC LIMIT 100000) x`,
    },
    // Once: seconds long where it is computed.
    day: { repeats: 1, query: `SELECT ${sums} FROM (${candles(86_400)}) x` },
    hour: { repeats: 5, query: `SELECT ${sums} FROM (${candles(3_600)}) x` },
  };
  const figures: Record<string, number> = {};
  const checksums: Record<string, string> = {};
  for (const [key, { query, repeats }] of Object.entries(questions)) {
    const { ms, answer } = await timed(db, query, repeats);
    figures[key] = ms;
    checksums[key] = answer;
  }
  await db.close();
  return { figures, checksums };
}

const [name = '', url = ''] = process.argv.slice(2);
const known = names.find((each) => each === name);
if (known === undefined) throw new RangeError(`Expected ours, btree or brin, was ${name}`);
if (url === '') throw new RangeError('Expected the URL of store-read-server.ts as the second argument, was none');
console.log(JSON.stringify(await run(known, url)));
