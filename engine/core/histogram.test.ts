import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LatencyHistogram } from './histogram.ts';

function exactPercentile(sorted: number[], q: number): number {
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number;
}

const values = fc.array(
  fc.oneof(fc.nat(200), fc.nat(2_000_000_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
  { minLength: 1, maxLength: 200 },
);

test('percentiles lie within 1 % of the sorted values, at every scale', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
      const histogram = new LatencyHistogram();
      for (const value of list) histogram.record(value);
      const sorted = list.toSorted((a, b) => a - b);
      const exact = exactPercentile(sorted, q);
      const found = histogram.percentile(q);
      assert.ok(Math.abs(found - exact) <= exact * 0.01, `q ${q}: expected about ${exact}, was ${found}`);
      assert.equal(histogram.max, sorted.at(-1));
      assert.equal(histogram.min, sorted[0]);
      assert.equal(histogram.count, list.length);
    }),
  );
});

test('merging equals recording everything into one', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const one = new LatencyHistogram();
      const two = new LatencyHistogram();
      const both = new LatencyHistogram();
      for (const value of a) one.record(value);
      for (const value of b) two.record(value);
      for (const value of [...a, ...b]) both.record(value);
      one.merge(two);
      assert.deepEqual(one.summary(), both.summary());
      assert.equal(one.min, both.min);
    }),
  );
});

test('empty, reset, negative and NaN', () => {
  const histogram = new LatencyHistogram();
  assert.deepEqual(histogram.summary(), { count: 0, p50: 0, p99: 0, p999: 0, max: 0 });
  histogram.record(-5);
  histogram.record(Number.NaN);
  histogram.record(Number.POSITIVE_INFINITY);
  assert.equal(histogram.count, 2);
  assert.equal(histogram.min, 0);
  histogram.reset();
  assert.equal(histogram.percentile(0.99), 0);
  assert.equal(histogram.count, 0);
  assert.throws(() => histogram.percentile(1.5), /within 0..1, was 1.5/);
});
