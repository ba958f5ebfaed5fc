import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, temporaryDataDir } from '../storage.test-support.ts';
import { needsRedis, redisConfig, RedisServer } from './redis.test-support.ts';
import { RedisTickCache } from './redis-tick-cache.ts';
import { TickColumns } from './tick-columns.ts';
import { TickFeed } from './tick-feed.ts';
import { assertSameTicks, TickJournal } from './tick-journal.test-support.ts';

const FAR = Number.MAX_SAFE_INTEGER;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const CAPACITY = 2_000;
/** `CHRISTMAS_REDIS_KILLS=100 npm run -s unit -- engine/storage/tick-cache/redis-outage.test.ts` does it by hand. */
const KILLS = Number(process.env['CHRISTMAS_REDIS_KILLS'] ?? 5);

interface Rig {
  server: RedisServer;
  journal: TickJournal;
  cache: RedisTickCache;
  feed: TickFeed;
  logs: string[];
  /** 10 000 ticks/s until `pause`. */
  write: () => void;
  pause: () => void;
  /** Everything is in Redis and equals the newest of the journal. */
  assertWhole: (what: string) => Promise<void>;
}

async function rigOf(t: TestContext, serverArgs: readonly string[] = [], timeoutMs = 1_000): Promise<Rig> {
  const server = await RedisServer.start(serverArgs);
  const dir = path.join(temporaryDataDir(), 'journal');
  const journal = new TickJournal(dir, SYMBOLS, CAPACITY);
  const cache = new RedisTickCache(redisConfig([server.address], { capacity: CAPACITY }), { timeoutMs });
  const logs: string[] = [];
  const feed = new TickFeed({
    journalDirs: [dir],
    cache,
    longestRetryMs: 100,
    windowRecords: 200_000,
    log: (text) => logs.push(text),
  });
  feed.start();
  let timer: NodeJS.Timeout | undefined;
  t.after(async () => {
    clearInterval(timer);
    await feed.stop(500);
    journal.close();
    await server.stop();
  });
  return {
    server,
    journal,
    cache,
    feed,
    logs,
    write: () => {
      clearInterval(timer);
      timer = setInterval(() => journal.append(100), 10);
    },
    pause: () => clearInterval(timer),
    assertWhole: async (what) => {
      await eventually(`${what}: up again`, () => feed.status().state === 'up' && feed.status().backlog === 0, 20_000);
      for (const symbol of SYMBOLS) {
        const name = journal.seriesName(symbol);
        const expected = journal.newest(symbol);
        // Nothing twice: as many members as ticks.
        await eventually(`${what}: all ticks`, async () => (await cache.count(name, 'trade')) === expected.length);
        assertSameTicks(await cache.newest(name, 'trade', FAR, CAPACITY), expected, `${what}: ${symbol}`);
      }
    },
  };
}

test(
  `kill -9 of Redis ${KILLS} times under 10 000 ticks/s: the newest ticks of the journal each time`,
  needsRedis,
  async (t) => {
    const rig = await rigOf(t, ['--appendonly', 'yes']);
    // A fixed seed: from the start of the server on it is killed after up to 400 ms, whatever goes on then.
    let seed = 11;
    const random = (): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    let killedFilling = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      rig.write();
      await sleep(random() * 400);
      if (rig.feed.status().state !== 'up') killedFilling++;
      await rig.server.kill();
      await sleep(random() * 100);
      // Every second time its files are gone, too.
      if (kill % 2 === 0) rig.server.wipe();
      await rig.server.start();
      if (kill % 3 === 0) continue;
      rig.pause();
      await rig.assertWhole(`kill ${kill}`);
    }
    rig.pause();
    await rig.assertWhole('the end');
    t.diagnostic(
      `${rig.journal.count} ticks, ${KILLS} kills, ${killedFilling} of them while it was away or being filled`,
    );
  },
);

test(
  'a server that hangs is given up, one that refuses writes is told of; then the cache is whole',
  needsRedis,
  async (t) => {
    const rig = await rigOf(t, [], 300);
    rig.write();
    await eventually('up', () => rig.feed.status().state === 'up');
    rig.server.freeze();
    const frozenMs = Date.now();
    await eventually('down', () => rig.feed.status().state === 'down');
    const noticedMs = Date.now() - frozenMs;
    assert.ok(noticedMs < 2_000, `noticed after ${noticedMs} ms`);
    assert.match(rig.feed.status().reason, /timed out|connection|timeout/i);
    const sinceMs = rig.feed.status().sinceMs;
    await sleep(1_000);
    assert.equal(rig.feed.status().sinceMs, sinceMs);
    rig.server.thaw();
    rig.pause();
    await rig.assertWhole('thawed');

    const admin = rig.server.client();
    t.after(() => admin.disconnect());
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await admin.config('SET', 'maxmemory', String(used - 100_000));
    rig.journal.append(5_000);
    await eventually('down', () => rig.feed.status().state === 'down');
    assert.match(rig.feed.status().reason, /^OOM /);
    await admin.config('SET', 'maxmemory', '0');
    await rig.assertWhole('with memory again');

    // It has become a replica of nobody that is there: reads work, writes do not.
    await admin.replicaof('127.0.0.1', '1');
    rig.journal.append(500);
    await eventually('down', () => rig.feed.status().state === 'down');
    assert.match(rig.feed.status().reason, /READONLY/);
    await admin.replicaof('NO', 'ONE');
    await rig.assertWhole('a master again');
  },
);

test('an ACL user that may do what is needed and no more; the password is in no text', needsRedis, async (t) => {
  const server = await RedisServer.start();
  t.after(() => server.stop());
  const admin = server.client();
  t.after(() => admin.disconnect());
  const rules = [
    'on',
    '>s3cret-passw0rd',
    '~christmas:*',
    '+@sortedset',
    '+@stream',
    '+info',
    '+client',
    '+ping',
    '+hello',
  ];
  await admin.acl('SETUSER', 'ticks', ...rules, '+expire', '+unlink', '+rename', '+eval', '+evalsha');
  await admin.acl('SETUSER', 'default', 'off');
  const tick = { timeUs: 5, id: 1, side: 1, priceTicks: 2, sizeLots: 3 };
  const config = redisConfig([server.address], { user: 'ticks', password: 's3cret-passw0rd' });
  const cache = new RedisTickCache(config, { timeoutMs: 1_000 });
  t.after(() => cache.close());
  await cache.open();
  await cache.replace('a', 'trade', TickColumns.of([tick]));
  await cache.add('a', 'trade', TickColumns.of([tick]), { journalId: 'j', sequences: [7], previousSequence: 0 });
  assert.deepEqual((await cache.newest('a', 'trade', FAR, 5)).toTicks(), [tick]);

  // Without scripts it reads member by member.
  await admin.acl('SETUSER', 'plain', 'on', 'nopass', '~*', '+@all', '-eval', '-evalsha');
  const plain = new RedisTickCache(redisConfig([server.address], { user: 'plain', password: 'any' }));
  t.after(() => plain.close());
  await plain.open();
  await plain.add('b', 'trade', TickColumns.of([tick, { ...tick, timeUs: 4 }]));
  assert.deepEqual((await plain.newest('b', 'trade', FAR, 5)).toTicks(), [{ ...tick, timeUs: 4 }, tick]);

  for (const password of ['wrong-passw0rd', '']) {
    const refused = new RedisTickCache({ ...config, password }, { timeoutMs: 500 });
    t.after(() => refused.close());
    const error = await refused.open().then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    assert.match(String(error), /WRONGPASS|NOAUTH/);
    assert.equal(/passw0rd/.test(String(error)), false);
  }
});
