import type { SourceFile, Violation } from './source-tree.ts';

/**
 * Import circles, type-only imports included: two files that need each other's types are one file in two places.
 * One violation a strongly connected group, shown as one shortest path around it.
 */
export function checkCircles(files: ReadonlyMap<string, SourceFile>): Violation[] {
  const violations: Violation[] = [];
  const reported = new Set<string>();
  for (const start of [...files.keys()].sort()) {
    if (reported.has(start)) continue;
    const path = shortestCircle(start, files);
    if (!path) continue;
    for (const member of path) reported.add(member);
    const second = path[1] ?? start;
    const line = files.get(start)?.imports.find((edge) => edge.target === second)?.line ?? 1;
    violations.push({
      file: start,
      line,
      message: `Expected no circular import, was ${path.join(' -> ')} -> ${start}`,
    });
  }
  return violations;
}

/** Breadth-first from `start` back to itself; undefined when it is in no circle. */
function shortestCircle(start: string, files: ReadonlyMap<string, SourceFile>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const current = queue[at] as string;
    for (const edge of files.get(current)?.imports ?? []) {
      const next = edge.target;
      if (next === undefined || !files.has(next)) continue;
      if (next === start) {
        const path = [current];
        while (path[0] !== start) path.unshift(cameFrom.get(path[0] as string) as string);
        return path;
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, current);
        queue.push(next);
      }
    }
  }
  return undefined;
}
