import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClockOffset } from './clock-offset.ts';
import { LogHistogram } from './log-histogram.ts';

test('quantiles are within one bucket of the sorted samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.002, max: 10_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.9, 0.99, 0.999),
      (samples, p) => {
        const histogram = new LogHistogram();
        for (const sample of samples) histogram.record(sample);
        const sorted = [...samples].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(p * sorted.length)) - 1] as number;
        const estimate = histogram.quantileMs(p);
        assert.ok(estimate >= exact * 0.9999 && estimate <= exact * 2 ** (1 / 12) * 1.0001, `${estimate} for ${exact}`);
      },
    ),
  );
});

test('decay forgets, bad samples do not count', () => {
  const histogram = new LogHistogram();
  histogram.record(Number.NaN);
  histogram.record(-1);
  assert.equal(histogram.count, 0);
  for (let i = 0; i < 8; i++) histogram.record(5);
  histogram.decay();
  assert.equal(histogram.count, 4);
  for (let i = 0; i < 3; i++) histogram.decay();
  assert.deepEqual([histogram.count, histogram.quantileMs(0.5), histogram.maxMs], [0, 0, 0]);
});

test('clock offset error stays within half of the best round trip', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 50, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true })), {
        minLength: 1,
        maxLength: 16,
      }),
      (trueOffset, trips) => {
        const clock = new ClockOffset();
        let now = 1000;
        for (const [there, back] of trips) {
          clock.record(now, now + there + back, (now + there + trueOffset) * 1e6);
          now += 1000;
        }
        const best = Math.min(...trips.map(([there, back]) => there + back));
        assert.ok(Math.abs(clock.offsetMs - trueOffset) <= best / 2 + 1e-3);
      },
    ),
  );
});

test('unknown before the first answer', () => {
  assert.ok(Number.isNaN(new ClockOffset().ageMs(1, 2)));
});
