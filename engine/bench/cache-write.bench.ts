/** One run of one way to write ticks to Redis: `cache-write.bench.ts <ours|bare|redis-benchmark>`; prints a BenchSample. */
import { execFileSync } from 'node:child_process';
import { textCommand, zaddCommand } from '../storage/tick-cache/redis-command.ts';
import type { RedisServer } from '../storage/tick-cache/redis.test-support.ts';
import type { RedisTickCache } from '../storage/tick-cache/redis-tick-cache.ts';
import type { BenchSample } from './bench-result.ts';
import { BareSocket, callsPerMs, SERIES, ticksFrom, withRedis } from './cache-workload.ts';

const BATCH = 1_000;
const IN_FLIGHT = 4;
const WARM_UP_MS = 500;
const MEASURE_MS = 2_000;

/** As the feed writes: a batch is one ZADD, one trim, one EXPIRE. Encoding is in the figure. */
async function ours(cache: RedisTickCache): Promise<number> {
  let from = 0;
  const send = (): Promise<void> => {
    const batch = ticksFrom(from, BATCH);
    from += BATCH;
    return cache.add(SERIES, 'trade', batch);
  };
  await callsPerMs(WARM_UP_MS, IN_FLIGHT, send);
  const rate = BATCH * (await callsPerMs(MEASURE_MS, IN_FLIGHT, send));
  const kept = await cache.count(SERIES, 'trade');
  if (kept !== cache.capacity) throw new Error(`Expected ${cache.capacity} ticks kept, was ${kept}`);
  return rate;
}

/** The same commands, each batch encoded before the clock runs. */
async function bare(cache: RedisTickCache, server: RedisServer): Promise<number> {
  const key = `christmas:{${SERIES}}:trade`;
  const trim = textCommand('zremrangebyrank', key, '0', String(-cache.capacity - 1)).toWritable();
  const expire = textCommand('expire', key, String(7 * 86_400)).toWritable();
  const requests: Buffer[] = [];
  for (let i = 0; i < 3_000; i++) {
    requests.push(Buffer.concat([zaddCommand(key, ticksFrom(i * BATCH, BATCH), 0, BATCH).toWritable(), trim, expire]));
  }
  const socket = await BareSocket.open(server.port);
  const full = ':1000\r\n:1000\r\n:1\r\n'.length;
  // Nothing is trimmed while the set grows.
  const growing = full - 3;
  const startMs = performance.now();
  for (const [i, request] of requests.entries()) {
    await socket.send(request, i < cache.capacity / BATCH ? growing : full, (IN_FLIGHT - 1) * full);
  }
  await socket.settle();
  const rate = (BATCH * requests.length) / (performance.now() - startMs);
  socket.close();
  return rate;
}

/** Its own ZADD: random scores, one member a command, 100 commands at a time. */
function redisBenchmark(server: RedisServer): number {
  const args = [
    '-p',
    String(server.port),
    '-c',
    '4',
    '-P',
    '100',
    '-n',
    '500000',
    '-r',
    '10000000',
    '-t',
    'zadd',
    '--csv',
  ];
  const output = execFileSync('redis-benchmark', args, { encoding: 'utf8' });
  const perSecond = Number(/^"ZADD[^"]*","([\d.]+)"/m.exec(output)?.[1]);
  if (!(perSecond > 0)) throw new Error(`Expected a rate of ZADD, was:\n${output}`);
  return perSecond / 1_000;
}

const who = process.argv[2];
const rate = await withRedis((cache, server) => {
  if (who === 'ours') return ours(cache);
  if (who === 'bare') return bare(cache, server);
  if (who === 'redis-benchmark') return Promise.resolve(redisBenchmark(server));
  throw new RangeError(`Expected ours, bare or redis-benchmark, was ${who}`);
});
console.log(JSON.stringify({ figures: { rate }, checksums: {} } satisfies BenchSample));
