import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClockOffset } from './clock-offset.ts';

/** A venue whose clock is `offsetNs` ahead and runs `drift` faster, behind a network of given delays. */
function world(offsetNs: number, drift: number) {
  const offsetAt = (timeNs: number): number => offsetNs + timeNs * drift;
  return {
    offsetAt,
    ask(clock: ClockOffset, sentNs: number, outNs: number, backNs: number, resolutionNs: number): number {
      const lookedNs = sentNs + outNs;
      const venueNs = Math.floor((lookedNs + offsetAt(lookedNs)) / resolutionNs) * resolutionNs;
      return clock.onRequest(sentNs, lookedNs + backNs, venueNs, resolutionNs);
    },
    hear(clock: ClockOffset, stampedNs: number, delayNs: number): number {
      const venueNs = Math.floor((stampedNs + offsetAt(stampedNs)) / 1e6) * 1e6;
      const lagNs = stampedNs + delayNs - venueNs;
      clock.onLag(lagNs, stampedNs + delayNs);
      return lagNs;
    },
  };
}

test('whatever the network and the drift do, the offset lies within the error, and no lag becomes negative', () => {
  const step = fc.record({
    pauseMs: fc.integer({ min: 0, max: 20_000 }),
    outMs: fc.integer({ min: 0, max: 900 }),
    backMs: fc.integer({ min: 0, max: 900 }),
    asks: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: -5_000, max: 5_000 }),
      fc.double({ min: -20e-6, max: 20e-6, noNaN: true }),
      fc.constantFrom(1, 1e6, 1e9),
      fc.array(step, { minLength: 1, maxLength: 60 }),
      (offsetMs, drift, resolutionNs, steps) => {
        const venue = world(offsetMs * 1e6, drift);
        const clock = new ClockOffset();
        let timeNs = 0;
        let asked = false;
        for (const { pauseMs, outMs, backMs, asks } of steps) {
          timeNs += pauseMs * 1e6;
          if (asks) {
            assert.equal(venue.ask(clock, timeNs, outMs * 1e6, backMs * 1e6, resolutionNs), 0);
            timeNs += (outMs + backMs) * 1e6;
            asked = true;
          } else {
            const lagNs = venue.hear(clock, timeNs, outMs * 1e6);
            timeNs += outMs * 1e6;
            assert.ok(lagNs + clock.estimate(timeNs)!.offsetNs >= -1, 'a lag is never negative');
          }
          const estimate = clock.estimate(timeNs)!;
          assert.equal(estimate.source, asked ? 'request' : 'feed');
          // From the feed alone only the lower end is known.
          const off = venue.offsetAt(timeNs) - estimate.offsetNs;
          if (asked) assert.ok(Math.abs(off) <= estimate.errorNs + 2, `${off} within ${estimate.errorNs}`);
          else assert.ok(off >= -2);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('the best round trip counts, and wears off with age', () => {
  const venue = world(40e6, 0);
  const clock = new ClockOffset();
  venue.ask(clock, 1e9, 1e6, 1e6, 1);
  assert.ok(Math.abs(clock.estimate(1.002e9)!.errorNs - 1e6) < 200);
  // A slow one is no worse than the drift since.
  venue.ask(clock, 11e9, 300e6, 200e6, 1);
  const estimate = clock.estimate(11.5e9)!;
  assert.ok(estimate.errorNs > 1.5e6 && estimate.errorNs < 1.6e6, `${estimate.errorNs}`);
  assert.ok(Math.abs(estimate.offsetNs - 40e6) < 1e6);
  assert.ok(clock.estimate(111e9)!.errorNs > 6e6);
});

test('whole seconds narrow down with answers at other phases', () => {
  const venue = world(-130e6, 0);
  const clock = new ClockOffset();
  for (let i = 0; i < 8; i++) venue.ask(clock, i * 1.3e9, 5e6, 5e6, 1e9);
  const { offsetNs, errorNs } = clock.estimate(10e9)!;
  assert.ok(errorNs < 70e6, `${errorNs / 1e6} ms`);
  assert.ok(Math.abs(offsetNs + 130e6) <= errorNs);
});

test('a clock that was set contradicts the estimate, which starts anew', () => {
  const clock = new ClockOffset();
  const before = world(0, 0);
  for (let i = 0; i < 5; i++) {
    before.ask(clock, i * 1e9, 2e6, 2e6, 1e6);
    before.hear(clock, i * 1e9 + 5e8, 1e6);
  }
  const after = world(-3e9, 0);
  const contradictionNs = after.ask(clock, 6e9, 2e6, 2e6, 1e6);
  assert.ok(Math.abs(contradictionNs - 3e9) < 10e6, `${contradictionNs}`);
  const { offsetNs, errorNs, source } = clock.estimate(6.004e9)!;
  assert.equal(source, 'request');
  assert.ok(Math.abs(offsetNs + 3e9) <= errorNs);
  assert.equal(after.ask(clock, 7e9, 2e6, 2e6, 1e6), 0);
});

test('from the feed alone: the smallest lag of ten minutes, known as well as it repeats', () => {
  const clock = new ClockOffset();
  assert.equal(clock.estimate(0), undefined);
  clock.onLag(-1_270e6, 1e9);
  clock.onLag(-1_220e6, 2e9);
  assert.deepEqual(clock.estimate(1e9), { offsetNs: 1_270e6, errorNs: 1e6, source: 'feed' });
  clock.onLag(-1_250e6, 61e9);
  clock.onLag(-1_250e6, 121e9);
  const { offsetNs, errorNs } = clock.estimate(121e9)!;
  // 50 ppm of drift over the 120 s since.
  assert.ok(Math.abs(offsetNs - 1_264e6) < 2, `${offsetNs}`);
  assert.ok(Math.abs(errorNs - (1e6 + 1_264e6 - 1_247e6)) < 2, `${errorNs}`);
  // Eleven minutes on, the first stretch is forgotten, and a long silence forgets all.
  clock.onLag(-1_255e6, 601e9);
  assert.equal(clock.estimate(601e9)!.offsetNs, 1_255e6);
  assert.equal(clock.estimate(5_000e9), undefined);
});

test('a feed that is stamped by another clock than the one asked is believed about itself', () => {
  const clock = new ClockOffset();
  world(0, 0).ask(clock, 1e9, 1e6, 1e6, 1);
  clock.onLag(-80e6, 1.1e9);
  assert.deepEqual(clock.estimate(1.2e9), { offsetNs: 80e6 - 5e3, errorNs: 1e6, source: 'feed' });
  clock.reset();
  assert.equal(clock.estimate(1.2e9), undefined);
});
