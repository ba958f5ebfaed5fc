import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCounts, formatCounts, parseNodeSummary, parsePlaywrightReport } from './test-counts.ts';

test('reads the summary of the spec reporter, the last one when there are several', () => {
  const output =
    'ℹ pass 1\nℹ fail 9\nnoise ℹ pass 7\nℹ tests 12\nℹ suites 0\nℹ pass 8\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\n';
  assert.deepEqual(parseNodeSummary(output), { passed: 8, failed: 2, skipped: 2 });
});

test('reads the coloured and the tap form', () => {
  assert.deepEqual(parseNodeSummary('\u001b[34mℹ pass 3\u001b[39m\n\u001b[34mℹ fail 0\u001b[39m\n'), {
    passed: 3,
    failed: 0,
    skipped: 0,
  });
  assert.deepEqual(parseNodeSummary('# pass 3\n# fail 2\n'), { passed: 3, failed: 2, skipped: 0 });
});

test('no summary is not zero failures', () => {
  assert.equal(parseNodeSummary('node: bad option\n'), undefined);
});

test('flaky tests and errors outside tests count as failed in the Playwright report', () => {
  const json = JSON.stringify({ stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] });
  assert.deepEqual(parsePlaywrightReport(json), { passed: 5, failed: 3, skipped: 2 });
  assert.throws(() => parsePlaywrightReport('{}'), /Expected "stats"/);
});

test('the last line sums both runners', () => {
  const sum = addCounts({ passed: 1, failed: 0, skipped: 2 }, { passed: 3, failed: 1, skipped: 0 });
  assert.equal(formatCounts(sum), '4 passed, 1 failed, 2 skipped');
});
