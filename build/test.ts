/** `npm test`: build, unit tests, end-to-end tests; the last line sums them. */
import { buildOnce, runEndToEnd } from './end-to-end.ts';
import { addCounts, formatCounts, type TestCounts } from './test-counts.ts';
import { runUnitTests } from './unit.ts';

const startedMs = Date.now();
const broken: TestCounts = { passed: 0, failed: 1, skipped: 0 };

async function timed(name: string, run: () => Promise<TestCounts | undefined>): Promise<TestCounts> {
  const fromMs = Date.now();
  const counts = await run();
  if (!counts) console.error(`${name}: broke down before it could report`);
  console.log(`${name}: ${formatCounts(counts ?? broken)} in ${((Date.now() - fromMs) / 1000).toFixed(1)} s`);
  return counts ?? broken;
}

if (!(await buildOnce())) {
  console.error('The build failed: no test was run');
  console.log(formatCounts(broken));
  process.exitCode = 1;
} else {
  const unit = await timed('unit', () => runUnitTests([]));
  const endToEnd = await timed('end-to-end', () => runEndToEnd([]));
  const sum = addCounts(unit, endToEnd);
  console.log(`total time ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  console.log(formatCounts(sum));
  process.exitCode = sum.failed === 0 ? 0 : 1;
}
