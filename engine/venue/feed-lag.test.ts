import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FeedLag, LAG_SAMPLE_NS, lagLimits } from './feed-lag.ts';

const SAMPLES_A_SECOND = 1e9 / LAG_SAMPLE_NS;
const OFFSET_NS = 1_270e6;

/** Feeds seconds of samples of the given true lag; returns what changed, with the second it did. */
function play(feed: FeedLag, seconds: number, lagNsAt: (second: number) => number): [number, string][] {
  const changes: [number, string][] = [];
  for (let i = 0; i < seconds * SAMPLES_A_SECOND; i++) {
    const second = i / SAMPLES_A_SECOND;
    if (feed.take(lagNsAt(second) - OFFSET_NS, OFFSET_NS)) changes.push([second, feed.alarm]);
  }
  return changes;
}

test('a feed that falls behind is alarmed by its slope before it is far behind, and told when it has caught up', () => {
  const feed = new FeedLag();
  const lag = (second: number): number => {
    if (second < 10) return 20e6;
    if (second < 20) return 20e6 + (second - 10) * 100e6;
    return Math.max(20e6, 1_020e6 - (second - 20) * 200e6);
  };
  const changes = play(feed, 40, lag);
  assert.deepEqual(
    changes.map(([, alarm]) => alarm),
    ['slope', 'none'],
  );
  const [[began], [ended]] = changes as [[number, string], [number, string]];
  assert.ok(lag(began) < lagLimits.lagNs / 2, `at ${lag(began) / 1e6} ms`);
  assert.ok(began >= 12 && began < 15, `${began}`);
  assert.ok(ended > 22 && ended < 30, `${ended}`);
  assert.ok(Math.abs(feed.lagNs - 20e6) < 1);
});

test('the slope is that of the lag, whatever the offset, and needs enough samples', () => {
  const feed = new FeedLag();
  play(feed, 1.75, (second) => second * 30e6);
  assert.equal(feed.slopeNsPerS, 0);
  play(feed, 20, (second) => second * 30e6);
  assert.ok(Math.abs(feed.slopeNsPerS - 30e6) < 1, `${feed.slopeNsPerS}`);
  assert.equal(feed.alarm, 'none', '30 ms a second is below the limit until the lag itself is over its own');
  // A better estimate of the clock is no slope.
  for (let i = 0; i < 40; i++) feed.take(5e6, i * 40e6);
  assert.ok(Math.abs(feed.slopeNsPerS) < 1);
});

test('a lag that stays is alarmed without any slope', () => {
  const feed = new FeedLag();
  play(feed, 10, () => 50e6);
  const changes = play(feed, 60, () => 1_500e6);
  assert.equal(changes.length, 1);
  assert.equal(feed.alarm, 'lag');
  assert.ok((changes[0] as [number, string])[0] <= 1);
  // Between the limits nothing changes: no flicker.
  assert.deepEqual(
    play(feed, 60, (second) => (Math.floor(second) % 2 === 0 ? 900e6 : 600e6)),
    [],
  );
  assert.equal(play(feed, 10, () => 50e6).length, 1);
});

test('jitter, single late messages, and quiet markets are no alarm', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ jitterMs: fc.integer({ min: 0, max: 120 }), kind: fc.integer({ min: 0, max: 19 }) }), {
        minLength: 200,
        maxLength: 200,
      }),
      (samples) => {
        const feed = new FeedLag();
        let late = -100;
        samples.forEach(({ jitterMs, kind }, i) => {
          // One sample in a row may be minutes late: the trade of a pair that nobody trades, sent at the subscription.
          if (kind === 0 && i - late > 3) {
            late = i;
            assert.equal(feed.take(600e9, 0), false);
          } else feed.take(kind < 5 ? Number.POSITIVE_INFINITY : 30e6 + jitterMs * 1e6, 0);
        });
        assert.equal(feed.alarm, 'none');
      },
    ),
    { numRuns: 200 },
  );
});

test('after a reset nothing of before counts', () => {
  const feed = new FeedLag();
  play(feed, 20, (second) => second * 500e6);
  assert.notEqual(feed.alarm, 'none');
  feed.reset();
  assert.equal(feed.alarm, 'none');
  assert.deepEqual(
    play(feed, 20, () => 10e6),
    [],
  );
  assert.ok(Math.abs(feed.slopeNsPerS) < 1);
});
