import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareTicks, type Tick } from './tick.ts';
import type { TickCache } from './tick-cache.ts';
import { TickColumns } from './tick-columns.ts';

const FAR = Number.MAX_SAFE_INTEGER;

function tick(timeUs: number, id = timeUs, side = 1, priceTicks = 100, sizeLots = 5): Tick {
  return { timeUs, priceTicks, sizeLots, id, side };
}

/**
 * What every TickCache must do; run by the tests of each, not by this file. `open` gives an empty cache that keeps
 * `capacity` ticks a series and kind.
 */
export function tickCacheContract(
  name: string,
  open: (capacity: number) => Promise<TickCache>,
  numRuns: number,
  needs: { skip?: string } = {},
): void {
  const newest = async (cache: TickCache, ...of: Parameters<TickCache['newest']>): Promise<Tick[]> =>
    (await cache.newest(...of)).toTicks();
  const add = (cache: TickCache, series: string, kind: 'trade' | 'quote', ticks: Tick[]): Promise<void> =>
    cache.add(series, kind, TickColumns.of(ticks));

  test(`${name}: newest ticks, oldest first, before a time`, needs, async () => {
    const cache = await open(10);
    await add(cache, 'sim|BTCUSDT', 'trade', [tick(1), tick(2), tick(3)]);
    assert.deepEqual(await newest(cache, 'sim|BTCUSDT', 'trade', FAR, 2), [tick(2), tick(3)]);
    assert.deepEqual(await newest(cache, 'sim|BTCUSDT', 'trade', 3, 5), [tick(1), tick(2)]);
    assert.deepEqual(await newest(cache, 'sim|BTCUSDT', 'trade', 1, 5), []);
    assert.deepEqual(await newest(cache, 'sim|ETHUSDT', 'trade', FAR, 5), []);
    await cache.close();
  });

  test(`${name}: series and kinds are apart; replacing touches one of them`, needs, async () => {
    const cache = await open(3);
    await add(cache, 'a', 'trade', [tick(1)]);
    await add(cache, 'a', 'quote', [tick(2)]);
    await add(cache, 'b {x}|y', 'trade', [tick(3), tick(4)]);
    const counts = (): Promise<number[]> =>
      Promise.all([cache.count('a', 'trade'), cache.count('a', 'quote'), cache.count('b {x}|y', 'trade')]);
    assert.deepEqual(await counts(), [1, 1, 2]);
    assert.deepEqual(await newest(cache, 'a', 'quote', FAR, 9), [tick(2)]);
    await cache.replace('b {x}|y', 'trade', TickColumns.of([tick(9), tick(5), tick(7), tick(8)]));
    assert.deepEqual(await newest(cache, 'b {x}|y', 'trade', FAR, 9), [tick(7), tick(8), tick(9)]);
    await cache.replace('a', 'trade', new TickColumns());
    assert.deepEqual(await counts(), [0, 1, 3]);
    await cache.close();
  });

  test(`${name}: a member is there once; ticks of one time are ordered by id, side, price, size`, needs, async () => {
    const cache = await open(20);
    const same = [
      tick(5, -3),
      tick(5, 9, 1, -200, 5),
      tick(5, 9, 1, -100, 5),
      tick(5, 9, 1, 100, 4),
      tick(5, 9, 1, 100, 4.5),
      tick(5, 9, 1, 100, 2 ** 53),
      tick(5, 9, 2, 1),
      tick(5, 1e15 + 1),
    ];
    await add(cache, 'a', 'quote', [...same].reverse());
    await add(cache, 'a', 'quote', [tick(4, 100), ...same]);
    assert.deepEqual(await newest(cache, 'a', 'quote', FAR, 20), [tick(4, 100), ...same]);
    await cache.close();
  });

  test(`${name}: a batch of thousands, times to the microsecond`, needs, async () => {
    const cache = await open(2_500);
    const ticks = Array.from({ length: 6_000 }, (_, i) =>
      tick(1_723_161_590_000_000 + i * 7, i, 1 + (i % 2), i * 3, i),
    );
    await add(cache, 'a', 'trade', ticks);
    assert.equal(await cache.count('a', 'trade'), 2_500);
    assert.deepEqual(await newest(cache, 'a', 'trade', FAR, 9_999), ticks.slice(-2_500));
    const beforeUs = (ticks[5_000] as Tick).timeUs;
    assert.deepEqual(await newest(cache, 'a', 'trade', beforeUs, 100), ticks.slice(4_900, 5_000));
    assert.deepEqual(await newest(cache, 'a', 'trade', beforeUs + 1, 1), ticks.slice(5_000, 5_001));
    await cache.close();
  });

  test(`${name}: whatever comes in whatever order, it is the newest distinct ticks`, needs, async () => {
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
            await add(cache, 'x', 'trade', added);
            for (const each of added) model.set(JSON.stringify(each), each);
          }
          const kept = [...model.values()].sort(compareTicks).slice(-capacity);
          assert.equal(await cache.count('x', 'trade'), kept.length);
          assert.deepEqual(
            await newest(cache, 'x', 'trade', beforeUs * 1e12, limit),
            kept.filter((each) => each.timeUs < beforeUs * 1e12).slice(-limit),
          );
          await cache.close();
        },
      ),
      { numRuns },
    );
  });
}
