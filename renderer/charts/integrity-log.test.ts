import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BookStateName } from '../../engine/contract/trading-messages.ts';
import { foldEpisodes, type IntegrityChange, IntegrityLog, isFault, MAX_CHANGES } from './integrity-log.ts';

const states: BookStateName[] = ['connecting', 'syncing', 'live', 'gap', 'stale', 'crossed', 'checksum'];

test('an episode lasts from the first doubt to live again and is named after its first fault', () => {
  const log = new IntegrityLog();
  const add = (timeUs: number, state: BookStateName, reason = '') => log.add({ timeUs, state, reason });
  add(1, 'connecting');
  add(2, 'syncing', 'waiting for the snapshot');
  add(3, 'live');
  add(10, 'gap', 'expected update 7, was 9');
  add(11, 'syncing');
  add(14, 'live');
  add(20, 'syncing');
  add(21, 'crossed', 'bid 5 at ask 4');
  assert.deepEqual(log.episodes, [
    { startUs: 1, endUs: 3, state: 'connecting', reason: '', changes: 2 },
    { startUs: 10, endUs: 14, state: 'gap', reason: 'expected update 7, was 9', changes: 2 },
    { startUs: 20, endUs: Number.NaN, state: 'crossed', reason: 'bid 5 at ask 4', changes: 2 },
  ]);
  assert.equal(log.newest?.state, 'crossed');
});

test('whatever the order of arrival and however often it is told, the episodes are the same', () => {
  const change = fc
    .tuple(fc.integer({ min: 0, max: 1_000 }), fc.constantFrom(...states), fc.constantFrom('', 'a'))
    .map(([timeUs, state, reason]): IntegrityChange => ({ timeUs, state, reason }));
  fc.assert(
    fc.property(
      fc.uniqueArray(change, { selector: ({ timeUs }) => timeUs, maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 80 }),
      (changes, picks) => {
        const log = new IntegrityLog();
        for (const pick of picks) if (changes.length > 0) log.add(changes[pick % changes.length] as IntegrityChange);
        for (const one of changes) log.add(one);
        const sorted = [...changes].sort((a, b) => a.timeUs - b.timeUs);
        assert.deepEqual(log.changes, sorted);
        assert.deepEqual(log.episodes, foldEpisodes(sorted));
        for (const [i, episode] of log.episodes.entries()) {
          assert.ok(Number.isNaN(episode.endUs) ? i === log.episodes.length - 1 : episode.endUs > episode.startUs);
          assert.ok(isFault(episode.state) || !sorted.some((one) => within(episode, one) && isFault(one.state)));
        }
      },
    ),
  );
});

function within(episode: { startUs: number; endUs: number }, { timeUs }: IntegrityChange): boolean {
  return timeUs >= episode.startUs && !(timeUs >= episode.endUs);
}

test('a feed that flaps for hours fills no memory', () => {
  const log = new IntegrityLog();
  for (let i = 0; i < MAX_CHANGES * 3; i++) log.add({ timeUs: i, state: i % 2 ? 'live' : 'gap', reason: '' });
  assert.ok(log.changes.length <= MAX_CHANGES);
  assert.equal(log.newest?.timeUs, MAX_CHANGES * 3 - 1);
});

test('cleared, it knows nothing', () => {
  const log = new IntegrityLog();
  log.add({ timeUs: 1, state: 'gap', reason: '' });
  log.clear();
  assert.deepEqual([log.episodes, log.newest], [[], undefined]);
});
