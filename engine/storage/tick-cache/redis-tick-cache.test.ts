import { after, before } from 'node:test';
import { hasRedis, needsRedis, RedisServer, redisConfig } from './redis.test-support.ts';
import { RedisTickCache } from './redis-tick-cache.ts';
import { tickCacheContract } from './tick-cache-contract.test.ts';

let server: RedisServer;
let caches = 0;
if (hasRedis) {
  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.stop());
}
tickCacheContract(
  'redis',
  async (capacity) => {
    const cache = new RedisTickCache(redisConfig([server.address], { prefix: `test${++caches}`, capacity }));
    await cache.open();
    return cache;
  },
  40,
  needsRedis,
);
