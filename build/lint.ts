/** `npm run lint`: Biome, types of every zone, import rules, purity of the trading step, no circles. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runNode } from './run-command.ts';
import { checkCircles } from './lint/circles.ts';
import { checkImportRules } from './lint/import-rules.ts';
import { checkPurity } from './lint/purity.ts';
import { formatViolation, readSourceTree, type Violation } from './lint/source-tree.ts';
import { typecheck } from './typecheck.ts';

async function lint(): Promise<boolean> {
  const results: [name: string, ok: boolean][] = [];
  const biome = await runNode(['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.']);
  results.push(['biome', biome === 0]);

  const files = readSourceTree(root);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const checks: [name: string, violations: Violation[]][] = [
    ['import rules', checkImportRules(files, manifest)],
    ['purity', checkPurity(files)],
    ['circles', checkCircles(files)],
  ];
  for (const [name, violations] of checks) {
    for (const violation of violations) console.error(formatViolation(violation));
    results.push([name, violations.length === 0]);
  }
  results.push(['types', await typecheck()]);

  console.log(`${files.size} files: ${results.map(([name, ok]) => `${name} ${ok ? 'ok' : 'FAILED'}`).join(', ')}`);
  return results.every(([, ok]) => ok);
}

process.exitCode = (await lint()) ? 0 : 1;
