import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookState, nameOf, RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { OrderBook } from '../../market/order-book.ts';
import type { SessionState } from './session-state.ts';
import { SessionSummaries, TOP_LEVELS } from './session-summaries.ts';
import { createStageHistograms } from './stage-histograms.ts';

interface Written {
  kind: string;
  instrument: number;
  timeNs: number;
  value: unknown;
}

function summariesOf(books: number): {
  summaries: SessionSummaries;
  session: SessionState;
  written: Written[];
  states: Uint8Array;
} {
  const written: Written[] = [];
  const states = new Uint8Array(books).fill(BookState.live);
  const core = {
    books: Array.from({ length: books }, (_, i) => {
      const book = new OrderBook();
      for (let level = 0; level < 15; level++) {
        book.set(Side.buy, 1_000 * (i + 1) - level, level + 1);
        book.set(Side.sell, 1_000 * (i + 1) + 1 + level, level + 2);
      }
      return book;
    }),
    bookStates: states,
  };
  const session = {
    instruments: core.books,
    core,
    stages: createStageHistograms(),
    hasEnded: false,
    clock: { nowNs: () => 7e9 },
    journal: {
      append(slot: EventSlot) {
        assert.ok(slot.has(RecordFlag.derived), 'a replay of the journal must pass it by');
        const { instrument, timeNs } = slot;
        written.push({ kind: nameOf(RecordKind, slot.kind), instrument, timeNs, value: JSON.parse(slot.text) });
        return 1;
      },
    },
  } as unknown as SessionState;
  return { summaries: new SessionSummaries(session), session, written, states };
}

test('each live book once a second, never many in one turn', () => {
  for (const books of [1, 3, 20, 47, 256]) {
    const { summaries, written } = summariesOf(books);
    let most = 0;
    for (let turn = 0; turn < 60; turn++) {
      const before = written.length;
      summaries.onTurn();
      most = Math.max(most, written.length - before);
    }
    const perBook = Array.from({ length: books }, (_, i) => written.filter((each) => each.instrument === i).length);
    assert.ok(Math.min(...perBook) >= 2 && Math.max(...perBook) <= 3, `${books} books: ${perBook.join()}`);
    assert.ok(most <= Math.ceil(books / 20), `${books} books: ${most} in one turn`);
  }
});

test('the top is the book, best first; a book that is not live has none', () => {
  const { summaries, written, states } = summariesOf(2);
  states[0] = BookState.gap;
  for (let turn = 0; turn < 20; turn++) summaries.onTurn();
  const levels = (best: number, step: number, size: number): number[][] =>
    Array.from({ length: TOP_LEVELS }, (_, i) => [best + i * step, size + i]);
  assert.deepEqual(written, [
    {
      kind: 'bookTop',
      instrument: 1,
      timeNs: 7e9,
      value: { bids: levels(2_000, -1, 1), asks: levels(2_001, 1, 2) },
    },
  ]);
});

test('latencies of all stages once a minute', () => {
  const { summaries, session, written } = summariesOf(1);
  session.stages.decode.record(1_500);
  for (let turn = 0; turn < 2_400; turn++) summaries.onTurn();
  const latencies = written.filter(({ kind }) => kind === 'latencySummary');
  assert.equal(latencies.length, 2);
  const value = latencies[0]?.value as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), Object.keys(session.stages));
  assert.deepEqual(value['decode'], { count: 1, p50: 1_500, p99: 1_500, p999: 1_500, max: 1_500 });
});
