/** `npm run unit [-- paths...]`: every *.test.ts of the given files and folders, all zones by default. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles } from './lint/source-tree.ts';
import { root, runCommand } from './run-command.ts';
import { parseNodeSummary, type TestCounts } from './test-counts.ts';

const testZones = ['engine', 'main', 'preload', 'renderer', 'build'];
/** Longest time one test file may take, as a whole. */
const fileTimeoutMs = 180_000;

/** Test files below the paths. @throws RangeError when a path does not exist or holds no test. */
export function expandTests(paths: string[]): string[] {
  const found: string[] = [];
  for (const path of paths) {
    const full = resolve(root, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    const files = stat?.isDirectory() ? listFiles(full, /\.test\.tsx?$/) : stat ? [full] : [];
    if (files.length === 0) throw new RangeError(`Expected a test file or a folder with *.test.ts, was "${path}"`);
    found.push(...files);
  }
  return [...new Set(found.map((file) => relative(root, file).split(sep).join('/')))];
}

/** Runs unit tests; undefined when the runner itself broke down. */
export async function runUnitTests(paths: string[]): Promise<TestCounts | undefined> {
  const zones = testZones.filter((zone) => listFiles(join(root, zone), /\.test\.tsx?$/).length > 0);
  const files = expandTests(paths.length > 0 ? paths : zones);
  // More than a file a core makes tests with real servers slow and their time-outs a matter of luck.
  const concurrency = Math.max(1, Math.min(4, availableParallelism()));
  const { code, output } = await runCommand(
    process.execPath,
    [
      '--import',
      'tsx',
      '--test',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${fileTimeoutMs}`,
      ...files,
    ],
    { tee: true },
  );
  const counts = parseNodeSummary(output);
  if (counts && code !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  return counts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const counts = await runUnitTests(process.argv.slice(2));
  process.exitCode = counts && counts.failed === 0 ? 0 : 1;
}
