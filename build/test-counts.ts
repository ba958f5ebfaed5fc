/** Outcome of one test runner. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Sums the last summary block of node's spec or tap reporter; undefined when there is none (the runner crashed). */
export function parseNodeSummary(output: string): TestCounts | undefined {
  const read = (name: string): number | undefined => {
    const found = [...output.matchAll(new RegExp(`^(?:\\x1b\\[\\d+m)*(?:ℹ|#) ${name} (\\d+)`, 'gm'))].at(-1);
    return found ? Number(found[1]) : undefined;
  };
  const passed = read('pass');
  const failed = read('fail');
  if (passed === undefined || failed === undefined) return undefined;
  return {
    passed,
    failed: failed + (read('cancelled') ?? 0),
    skipped: (read('skipped') ?? 0) + (read('todo') ?? 0),
  };
}

/** Counts of Playwright's JSON report. A flaky test failed once: it counts as failed. */
export function parsePlaywrightReport(json: string): TestCounts {
  const report = JSON.parse(json) as {
    stats?: { expected: number; unexpected: number; flaky: number; skipped: number };
    errors?: unknown[];
  };
  const stats = report.stats;
  if (!stats) throw new RangeError('Expected "stats" in the Playwright report, was none');
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + (report.errors?.length ?? 0),
    skipped: stats.skipped,
  };
}

export function addCounts(...all: TestCounts[]): TestCounts {
  const sum: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  for (const counts of all) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

export function formatCounts(counts: TestCounts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}
