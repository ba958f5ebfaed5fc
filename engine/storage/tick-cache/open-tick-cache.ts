import type { RedisConfig } from '../../contract/redis-settings.ts';
import { MemoryTickCache } from './memory-tick-cache.ts';
import { RedisTickCache } from './redis-tick-cache.ts';
import type { TickCache } from './tick-cache.ts';

/** The cache that the settings ask for. */
export function openTickCache(redis: RedisConfig | undefined): TickCache {
  if (redis === undefined) return new MemoryTickCache();
  return redis.hosts.length === 0 ? new MemoryTickCache(redis.capacity) : new RedisTickCache(redis);
}
