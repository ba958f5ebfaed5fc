import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { eventually, SampleSession, SYMBOLS, temporaryDataDir } from '../storage.test-support.ts';
import { MemoryTickCache } from './memory-tick-cache.ts';
import type { TickCache } from './tick-cache.ts';
import { TickColumns } from './tick-columns.ts';
import { TickFeed, type TickFeedOptions } from './tick-feed.ts';
import { expectedTicks } from './tick-feed.test-support.ts';

const FAR = Number.MAX_SAFE_INTEGER;

/** A memory cache that loses what a test wants it to lose. */
class ForgetfulCache extends MemoryTickCache implements TickCache {
  override epoch = 0;
  refusal = '';
  replaced = 0;

  override async open(): Promise<void> {
    if (this.refusal !== '') throw new Error(this.refusal);
  }

  override async add(...args: Parameters<MemoryTickCache['add']>): Promise<void> {
    if (this.refusal !== '') throw new Error(this.refusal);
    await super.add(...args);
  }

  override async replace(...args: Parameters<TickCache['replace']>): Promise<void> {
    this.replaced++;
    await super.replace(...args);
  }
}

async function assertWhole(cache: TickCache, dirs: string[]): Promise<void> {
  const expected = expectedTicks(dirs, cache.capacity);
  assert.ok(expected.length > 0);
  for (const { name, kind, ticks } of expected) {
    const held = await cache.newest(name, kind, FAR, cache.capacity);
    assert.deepEqual(held.toTicks(), ticks, `${kind} of ${name}`);
  }
}

function feedOf(t: TestContext, dirs: string[], cache: TickCache, options: Partial<TickFeedOptions> = {}): TickFeed {
  const feed = new TickFeed({ journalDirs: dirs, cache, longestRetryMs: 50, ...options });
  feed.start();
  t.after(() => feed.stop(1_000));
  return feed;
}

const caughtUp = (feed: TickFeed): Promise<unknown> =>
  eventually('the cache to be up and whole', () => feed.status().state === 'up' && feed.status().backlog === 0);

test('the newest ticks of a growing journal, by symbol; none where the cache cannot tell', async (t) => {
  const dir = path.join(temporaryDataDir(), 'journal');
  const cache = new MemoryTickCache(300);
  const feed = feedOf(t, [dir], cache);
  assert.equal(await feed.newestTrades('BTCUSDT', undefined, FAR, 1), undefined);
  const session = new SampleSession(dir, { segmentBytes: 60_000 });
  for (let i = 0; i < 20; i++) {
    session.append(100);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await caughtUp(feed);
  await assertWhole(cache, [dir]);
  const newest = await feed.newestTrades('ETHUSDT', 'sim', FAR, 50);
  const all = expectedTicks([dir], 1e6).find(({ name, kind }) => name.includes('ETHUSDT') && kind === 'trade');
  assert.deepEqual(newest?.toTicks(), all?.ticks.slice(-50));
  assert.equal(await feed.newestTrades('ETHUSDT', 'other', FAR, 50), undefined);
  assert.equal(await feed.newestTrades('ETHUSDT', 'sim', FAR, 301), undefined, 'more than the cache holds');
  session.end();
});

test('an outage: down with the reason and since when, then filled again', async (t) => {
  const dir = path.join(temporaryDataDir(), 'journal');
  const session = new SampleSession(dir);
  session.append(500);
  const cache = new ForgetfulCache(200);
  let nowMs = 1_000;
  const feed = feedOf(t, [dir], cache, { nowMs: () => nowMs });
  await caughtUp(feed);
  nowMs = 2_000;
  cache.refusal = 'OOM command not allowed';
  session.append(300);
  await eventually('down', () => feed.status().state === 'down');
  assert.deepEqual(
    [feed.status().reason, feed.status().sinceMs, await feed.newestTrades('BTCUSDT', 'sim', FAR, 1)],
    ['OOM command not allowed', 2_000, undefined],
  );
  nowMs = 3_000;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(feed.status().sinceMs, 2_000, 'attempts do not make it younger');
  await cache.close();
  cache.refusal = '';
  await caughtUp(feed);
  assert.deepEqual([feed.status().sinceMs, feed.status().reason], [3_000, '']);
  await assertWhole(cache, [dir]);

  // A connection that was lost while nothing was written: what was there may be gone.
  await cache.close();
  cache.epoch++;
  await eventually(
    'the cache to be filled again',
    async () => (await feed.newestTrades('BTCUSDT', 'sim', FAR, 100)) !== undefined,
  );
  await assertWhole(cache, [dir]);
  session.end();
});

test('a cut window keeps no tick that others may have passed unseen; what an earlier run left does not join it', async (t) => {
  const dir = path.join(temporaryDataDir(), 'journal');
  const first = new SampleSession(dir, { segmentBytes: 40_000 });
  first.append(3_000);
  const cache = new ForgetfulCache(100_000);
  const all = expectedTicks([dir], 1e6);
  const name = all[0]?.name ?? '';
  await cache.add(name, 'trade', TickColumns.of(all[0]?.ticks.slice(0, 10) ?? []));
  const windowRecords = 4_500;
  const feed = feedOf(t, [dir], cache, { windowRecords });
  await caughtUp(feed);
  for (let round = 0; round < 2; round++) {
    for (const { name: series, kind, ticks } of expectedTicks([dir], 1e6)) {
      const held = (await cache.newest(series, kind, FAR, 100_000)).toTicks();
      assert.ok(held.length > 10 && held.length < ticks.length, `${held.length} of ${ticks.length} ${kind}s`);
      assert.deepEqual(held, ticks.slice(-held.length), `${kind}s of ${series} without a hole`);
    }
    // Again from a place in the middle of the session: the instruments are not read again.
    first.append(2_000);
    const replaced = cache.replaced;
    cache.epoch++;
    await eventually('another filling', () => cache.replaced >= replaced + 3);
    await caughtUp(feed);
  }
  first.end();
});

test('series of several journals and sessions; a replay has ticks of its own each time', async (t) => {
  const data = temporaryDataDir();
  const dirs = ['trading-0', 'trading-1', 'replay-0'].map((each) => path.join(data, 'journal', each));
  const [a, b, r] = dirs as [string, string, string];
  for (const dir of [a, b]) {
    const session = new SampleSession(dir, { symbols: SYMBOLS });
    session.append(400);
    session.end();
  }
  for (let i = 0; i < 2; i++) {
    const replay = new SampleSession(r, { kind: 'replay', source: 'replay of x' });
    replay.append(200);
    replay.end();
  }
  const cache = new MemoryTickCache(150);
  const feed = feedOf(t, dirs, cache);
  await caughtUp(feed);
  await assertWhole(cache, dirs);
  const names = new Set(expectedTicks(dirs, 1).map(({ name }) => name));
  // Both journals number their ticks alike: the same ticks, once.
  assert.equal(names.size, 2 + 2 * 2);
});
