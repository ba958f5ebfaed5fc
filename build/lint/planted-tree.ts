import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatViolation, readSourceTree, type SourceFile, type Violation } from './source-tree.ts';

/** Writes files into a temporary tree, runs a check over it as `npm run lint` does, and removes the tree. */
export function checkPlanted(
  files: Record<string, string>,
  check: (files: ReadonlyMap<string, SourceFile>) => Violation[],
): string[] {
  const root = mkdtempSync(join(tmpdir(), 'christmas-lint-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return check(readSourceTree(root)).map(formatViolation);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
