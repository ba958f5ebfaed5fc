import { MemoryTickCache } from './memory-tick-cache.ts';
import { tickCacheContract } from './tick-cache-contract.test.ts';

tickCacheContract('memory', async (capacity) => new MemoryTickCache(capacity), 200);
