/** One run of one way to read the newest 100 ticks from Redis: `cache-read.bench.ts <ours|json|bare>`; prints a BenchSample. */
import { Redis } from 'ioredis';
import { textCommand } from '../storage/tick-cache/redis-command.ts';
import type { RedisServer } from '../storage/tick-cache/redis.test-support.ts';
import type { RedisTickCache } from '../storage/tick-cache/redis-tick-cache.ts';
import type { Tick } from '../storage/tick-cache/tick.ts';
import type { BenchSample } from './bench-result.ts';
import { BareSocket, callsPerMs, SERIES, ticksFrom, withRedis } from './cache-workload.ts';

const STORED = 1_000;
const WANTED = 100;
/** Reads on their way at a time; the peer sends them in pipelines, which is its quickest way. */
const IN_FLIGHT = 100;
const PIPELINE = 25;
const WARM_UP_MS = 500;
const MEASURE_MS = 2_000;

async function rateOf(readsACall: number, inFlight: number, call: () => Promise<unknown>): Promise<number> {
  await callsPerMs(WARM_UP_MS, inFlight, call);
  return readsACall * (await callsPerMs(MEASURE_MS, inFlight, call));
}

function sumOf(ticks: readonly Tick[]): string {
  // Small enough to be exact in any order.
  const sum = (key: keyof Tick): number => ticks.reduce((total, tick) => total + (tick[key] % 1e9), 0);
  return [ticks.length, sum('timeUs'), sum('id'), sum('side'), sum('priceTicks'), sum('sizeLots')].join();
}

async function ours(cache: RedisTickCache): Promise<BenchSample> {
  await cache.add(SERIES, 'trade', ticksFrom(0, STORED));
  const read = () => cache.newest(SERIES, 'trade', Number.MAX_SAFE_INTEGER, WANTED);
  const rate = await rateOf(1, IN_FLIGHT, read);
  return { figures: { rate }, checksums: { ticks: sumOf((await read()).toTicks()) } };
}

async function json(server: RedisServer): Promise<BenchSample> {
  const redis = new Redis({ port: server.port });
  for (const tick of ticksFrom(0, STORED).toTicks()) await redis.zadd('json', tick.timeUs, JSON.stringify(tick));
  const read = async (): Promise<Tick[]> => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < PIPELINE; i++) pipeline.zrevrange('json', 0, WANTED - 1);
    let ticks: Tick[] = [];
    for (const [, members] of (await pipeline.exec()) ?? [])
      ticks = (members as string[]).map((text) => JSON.parse(text));
    return ticks;
  };
  const rate = await rateOf(PIPELINE, IN_FLIGHT / PIPELINE, read);
  const checksums = { ticks: sumOf(await read()) };
  redis.disconnect();
  return { figures: { rate }, checksums };
}

/** Bytes of the answers counted, nothing decoded. */
async function bare(cache: RedisTickCache, server: RedisServer): Promise<BenchSample> {
  await cache.add(SERIES, 'trade', ticksFrom(0, STORED));
  const one = textCommand('zrevrange', `christmas:{${SERIES}}:trade`, '0', String(WANTED - 1)).toWritable();
  const request = Buffer.concat(Array<Buffer>(PIPELINE).fill(one));
  const answerBytes = PIPELINE * (`*${WANTED}\r\n`.length + WANTED * ('$33\r\n'.length + 33 + 2));
  const socket = await BareSocket.open(server.port);
  const ahead = (IN_FLIGHT / PIPELINE - 1) * answerBytes;
  const rate = await rateOf(PIPELINE, 1, () => socket.send(request, answerBytes, ahead));
  socket.close();
  return { figures: { rate }, checksums: {} };
}

const who = process.argv[2];
const sample = await withRedis((cache, server) => {
  if (who === 'ours') return ours(cache);
  if (who === 'json') return json(server);
  if (who === 'bare') return bare(cache, server);
  throw new RangeError(`Expected ours, json or bare, was ${who}`);
});
console.log(JSON.stringify(sample));
