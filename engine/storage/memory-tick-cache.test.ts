import { MemoryTickCache } from './memory-tick-cache.ts';
import { tickCacheContract } from './tick-cache.contract.ts';

tickCacheContract('memory', async (capacity) => new MemoryTickCache(capacity));
