/** @throws Error without `--expose-gc`. */
export function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('Expected --expose-gc, was not given');
  gc();
}

/**
 * JS heap bytes that `work` allocates per event. Needs `--expose-gc` and a young generation larger than what it allocates:
 * a collection in between would hide it.
 */
export function allocatedBytesPerEvent(events: number, work: () => void): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  work();
  return Math.max(0, process.memoryUsage().heapUsed - before) / events;
}
