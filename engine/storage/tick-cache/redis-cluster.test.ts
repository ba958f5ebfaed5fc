import assert from 'node:assert/strict';
import * as path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, temporaryDataDir } from '../storage.test-support.ts';
import { hasRedis, needsRedis, RedisCluster, redisConfig } from './redis.test-support.ts';
import { RedisTickCache } from './redis-tick-cache.ts';
import { tickCacheContract } from './tick-cache-contract.test.ts';
import { TickFeed } from './tick-feed.ts';
import { assertSameTicks, TickJournal } from './tick-journal.test-support.ts';

const FAR = Number.MAX_SAFE_INTEGER;
const SYMBOLS = Array.from({ length: 12 }, (_, i) => `T${i}USDT`);
const CAPACITY = 1_000;

let cluster: RedisCluster;
let caches = 0;
if (hasRedis) {
  before(async () => {
    cluster = await RedisCluster.start();
  });
  after(() => cluster.stop());
}

tickCacheContract(
  'redis cluster',
  async (capacity) => {
    const config = redisConfig(cluster.hosts.slice(0, 2), { cluster: true, prefix: `test${++caches}`, capacity });
    const cache = new RedisTickCache(config);
    await cache.open();
    return cache;
  },
  10,
  needsRedis,
);

test('a slot that moves and a master killed, both mid-write: nothing lost, nothing twice', needsRedis, async (t) => {
  const dir = path.join(temporaryDataDir(), 'journal');
  const journal = new TickJournal(dir, SYMBOLS, CAPACITY);
  const cache = new RedisTickCache(redisConfig(cluster.hosts, { cluster: true, capacity: CAPACITY }), {
    timeoutMs: 1_000,
  });
  const logs: string[] = [];
  const feed = new TickFeed({
    journalDirs: [dir],
    cache,
    longestRetryMs: 200,
    windowRecords: 100_000,
    log: (text) => logs.push(text),
  });
  feed.start();
  const timer = setInterval(() => journal.append(100), 10);
  t.after(async () => {
    clearInterval(timer);
    await feed.stop(500);
    journal.close();
    t.diagnostic(`${journal.count} ticks; ${logs.join('; ')}`);
  });
  const isUp = (): boolean => feed.status().state === 'up';
  await eventually('up', isUp);
  const name = journal.seriesName('T0USDT');
  const key = `christmas:{${name}}:trade`;
  await eventually('a full set', async () => (await cache.count(name, 'trade')) === CAPACITY);

  // The slot of T0USDT moves, key by key, while it is written to.
  const { slot, moved } = await moveSlot(cluster, key);
  assert.ok(moved >= 2, `${moved} keys moved`);
  assert.ok(isUp(), 'redirections are followed without a word');
  t.diagnostic(`slot ${slot} moved with ${moved} keys`);
  await sleep(300);
  assert.ok(isUp());

  const master = await cluster.masterOf(slot);
  await master.server.kill();
  await eventually('the loss to be noticed', () => !isUp(), 20_000);
  await eventually('another master', isUp, 30_000);
  await sleep(200);
  clearInterval(timer);
  await eventually('all ticks', () => isUp() && feed.status().backlog === 0, 20_000);
  for (const symbol of SYMBOLS) {
    const expected = journal.newest(symbol);
    await eventually(
      `${symbol} whole`,
      async () => (await cache.count(journal.seriesName(symbol), 'trade')) === CAPACITY,
    );
    const held = await cache.newest(journal.seriesName(symbol), 'trade', FAR, CAPACITY);
    assertSameTicks(held, expected, symbol);
  }
});

/** Moves the slot of a key to another master as redis-cli would, in steps, with writes in between. */
async function moveSlot(cluster: RedisCluster, key: string): Promise<{ slot: number; moved: number }> {
  const any = cluster.nodes[0]?.client();
  if (any === undefined) throw new Error('expected a node');
  const slot = Number(await any.cluster('KEYSLOT', key));
  any.disconnect();
  const from = await cluster.masterOf(slot);
  const to = await cluster.masterOf((slot + 5461) % 16384);
  assert.notEqual(from.id, to.id);
  const [source, target] = [from.server.client(), to.server.client()];
  try {
    await target.cluster('SETSLOT', slot, 'IMPORTING', from.id);
    await source.cluster('SETSLOT', slot, 'MIGRATING', to.id);
    await sleep(150);
    let moved = 0;
    for (;;) {
      const keys = (await source.cluster('GETKEYSINSLOT', slot, 1)) as unknown as string[];
      if (keys.length === 0) break;
      await source.migrate('127.0.0.1', to.server.port, keys[0] as string, 0, 5_000);
      moved++;
      await sleep(100);
    }
    for (const node of [target, source]) await node.cluster('SETSLOT', slot, 'NODE', to.id);
    return { slot, moved };
  } finally {
    source.disconnect();
    target.disconnect();
  }
}
