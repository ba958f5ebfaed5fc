import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState } from '../contract/record.ts';
import type { IntegrityView } from '../contract/trading-messages.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { IntegrityLog, MAX_INTEGRITY_VIEWS } from './integrity-log.ts';
import { Bench } from './trading-core.test-support.ts';

test('the newest changes are kept in order, all are counted, whatever the instrument', () => {
  const log = new IntegrityLog();
  for (let i = 0; i < MAX_INTEGRITY_VIEWS + 7; i++) {
    const live = i % 2 === 0;
    log.add(3, live ? BookState.gap : BookState.live, live ? BookState.live : BookState.gap, `${i}`, i);
  }
  const views = log.views();
  assert.equal(views.length, MAX_INTEGRITY_VIEWS);
  assert.deepEqual(views[0], { instrument: 3, timeUs: 7, state: 'gap', reason: '7' });
  assert.deepEqual(
    views.map((view) => view.timeUs),
    Array.from({ length: MAX_INTEGRITY_VIEWS }, (_, i) => i + 7),
  );
  assert.deepEqual(log.changesInto(3), { live: 254, gap: 253 });
  assert.deepEqual(log.changesInto(0), {});
});

test('another reason for the same state is shown but not counted', () => {
  const log = new IntegrityLog();
  log.add(0, BookState.live, BookState.gap, 'missed 3', 1);
  log.add(0, BookState.gap, BookState.gap, 'missed 4', 2);
  assert.deepEqual(log.changesInto(0), { gap: 1 });
  assert.equal(log.views().length, 2);
});

test('the step keeps what the bookState records say, with their time, and tells the page', () => {
  const heard: IntegrityView[] = [];
  const bench = new Bench({
    instruments: [testInstrument({ index: 0 }), testInstrument({ index: 1, symbol: 'ETHUSDT' })],
    listener: {
      onBookState: (instrument, state, reason, timeUs) => heard.push({ instrument, state, reason, timeUs }),
    },
  });
  bench.bookState(BookState.syncing, 1);
  bench.wait(1500);
  bench.bookState(BookState.live, 1);
  bench.bookState(BookState.checksum, 0);
  const originUs = 1_700_000_000_000_000;
  assert.deepEqual(bench.core.snapshotViews().integrity, [
    { instrument: 1, timeUs: originUs, state: 'syncing', reason: 'test' },
    { instrument: 1, timeUs: originUs + 1_500_000, state: 'live', reason: 'test' },
    { instrument: 0, timeUs: originUs + 1_500_000, state: 'checksum', reason: 'test' },
  ]);
  assert.deepEqual(heard, bench.core.snapshotViews().integrity);
  assert.deepEqual(bench.core.bookStateChanges(1), { syncing: 1, live: 1 });
});
