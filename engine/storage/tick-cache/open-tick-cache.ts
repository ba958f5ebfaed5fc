import type { RedisConfig } from '../../contract/process.ts';
import { MemoryTickCache } from './memory-tick-cache.ts';
import { RedisTickCache } from './redis-tick-cache.ts';
import type { TickCache } from './tick-cache.ts';

/** The cache that the settings ask for. */
export function openTickCache(redis: RedisConfig | undefined): TickCache {
  return redis === undefined ? new MemoryTickCache() : new RedisTickCache(redis);
}
