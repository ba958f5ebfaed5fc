import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareTicks, type Tick, type TickCache } from './tick-cache.ts';

/** What every TickCache must do; run by the tests of each, not by this file. `open` gives an empty cache that keeps `capacity` ticks a series and kind. */
export function tickCacheContract(name: string, open: (capacity: number) => Promise<TickCache>): void {
  const tick = (timeUs: number, id = timeUs, side = 1, priceTicks = 100, sizeLots = 5): Tick => ({
    timeUs,
    priceTicks,
    sizeLots,
    id,
    side,
  });
  const FAR = Number.MAX_SAFE_INTEGER;

  test(`${name}: newest ticks, oldest first, before a time`, async () => {
    const cache = await open(10);
    await cache.add('sim|BTCUSDT', 'trade', [tick(1), tick(2), tick(3)]);
    assert.deepEqual(await cache.newest('sim|BTCUSDT', 'trade', FAR, 2), [tick(2), tick(3)]);
    assert.deepEqual(await cache.newest('sim|BTCUSDT', 'trade', 3, 5), [tick(1), tick(2)]);
    assert.deepEqual(await cache.newest('sim|BTCUSDT', 'trade', 1, 5), []);
    assert.deepEqual(await cache.newest('sim|ETHUSDT', 'trade', FAR, 5), []);
    await cache.close();
  });

  test(`${name}: series and kinds are apart; clear empties all`, async () => {
    const cache = await open(10);
    await cache.add('a', 'trade', [tick(1)]);
    await cache.add('a', 'quote', [tick(2)]);
    await cache.add('b', 'trade', [tick(3), tick(4)]);
    assert.deepEqual(
      await Promise.all([cache.count('a', 'trade'), cache.count('a', 'quote'), cache.count('b', 'trade')]),
      [1, 1, 2],
    );
    assert.deepEqual(await cache.newest('a', 'quote', FAR, 9), [tick(2)]);
    await cache.clear();
    assert.equal(await cache.count('b', 'trade'), 0);
    await cache.close();
  });

  test(`${name}: a member is there once; ticks of one time are ordered by id`, async () => {
    const cache = await open(10);
    await cache.add('a', 'quote', [tick(5, 12), tick(5, 9), tick(5, 9, 2), tick(5, 9), tick(4, 100)]);
    await cache.add('a', 'quote', [tick(5, 9)]);
    assert.deepEqual(await cache.newest('a', 'quote', FAR, 9), [tick(4, 100), tick(5, 9), tick(5, 9, 2), tick(5, 12)]);
    await cache.close();
  });

  test(`${name}: whatever comes in whatever order, it is the newest distinct ticks`, async () => {
    const field = fc.integer({ min: 0, max: 6 });
    const ticks = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), field, fc.integer({ min: 1, max: 2 })), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(ticks, { maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 45 }),
        fc.integer({ min: 1, max: 25 }),
        async (batches, capacity, beforeUs, limit) => {
          const cache = await open(capacity);
          const model = new Map<string, Tick>();
          for (const batch of batches) {
            const added = batch.map(([timeUs, id, side]) => tick(timeUs * 1e12, id * 1e9, side));
            await cache.add('x', 'trade', added);
            for (const each of added) model.set(JSON.stringify(each), each);
          }
          const kept = [...model.values()].sort(compareTicks).slice(-capacity);
          assert.equal(await cache.count('x', 'trade'), kept.length);
          assert.deepEqual(
            await cache.newest('x', 'trade', beforeUs * 1e12, limit),
            kept.filter((each) => each.timeUs < beforeUs * 1e12).slice(-limit),
          );
          await cache.close();
        },
      ),
      { numRuns: 200 },
    );
  });
}
