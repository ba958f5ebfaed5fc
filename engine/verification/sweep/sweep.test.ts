import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SweepSession } from './sweep-session.ts';
import { sweepVenues } from './sweep-venue.ts';

/** A slice of `npm run sweep`, which plays a thousand. */
const SEEDS = 3;

describe('seed sweep', () => {
  for (const venue of sweepVenues) {
    it(`${venue.protocol}: ${SEEDS} seeds keep every promise`, () => {
      let accepted = 0;
      let left = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const result = new SweepSession(venue, seed).run();
        assert.equal(result.failure, '', `npm run -s sweep -- --venue ${venue.protocol} --seed ${seed}`);
        accepted += result.accepted;
        left += result.outcomes.filter(({ healMs }) => !Number.isNaN(healMs)).length;
      }
      // Promises about orders that never leave and books that never break would prove nothing.
      assert.ok(accepted > 100, `Expected orders to pass, was ${accepted}`);
      assert.ok(left > SEEDS / 2, `Expected books to leave live, was ${left} times`);
    });
  }

  it('the same seed is the same session', () => {
    const play = (): unknown => new SweepSession(sweepVenues[0] as (typeof sweepVenues)[0], 7).run();
    assert.deepEqual(play(), play());
  });
});
