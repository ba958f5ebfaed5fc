import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Side } from '../contract/units.ts';
import { MatchingEngine, type MatchListener } from './matching-engine.ts';
import { NaiveMatchingEngine } from './naive-matching-engine.ts';

class Recorder implements MatchListener {
  readonly events: (string | number)[][] = [];
  onTrade(...values: number[]): void {
    this.events.push(['trade', ...values]);
  }
  onLevel(...values: number[]): void {
    this.events.push(['level', ...values]);
  }
  take(): (string | number)[][] {
    return this.events.splice(0);
  }
}

type Operation =
  | { kind: 'limit' | 'postOnly' | 'immediateOrCancel'; side: Side; priceTicks: number; sizeLots: number }
  | { kind: 'market'; side: Side; sizeLots: number }
  /** Cancels the order placed `back` operations ago (may be gone). */
  | { kind: 'cancel'; back: number };

const side = fc.constantFrom<Side>(Side.buy, Side.sell);
/** Around page borders (1024) and far away, so that paging and the bitmaps' upper levels are exercised. */
const priceTicks = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1018, max: 1034 }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 31, 32, 33, 2048, 40_000, 65_535, 1_000_000, 1_048_575) },
);
const sizeLots = fc.integer({ min: 1, max: 30 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('limit' as const), side, priceTicks, sizeLots }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('postOnly' as const, 'immediateOrCancel' as const),
      side,
      priceTicks,
      sizeLots,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('market' as const), side, sizeLots }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), back: fc.integer({ min: 1, max: 60 }) }) },
);

function apply(engine: MatchingEngine | NaiveMatchingEngine, op: Operation, id: number): number | boolean {
  switch (op.kind) {
    case 'market':
      return engine.market(id, op.side, op.sizeLots);
    case 'cancel':
      return engine.cancel(id - op.back);
    default:
      return engine[op.kind](id, op.side, op.priceTicks, op.sizeLots);
  }
}

function levelsOf(engine: MatchingEngine, of: Side): number[][] {
  const out = new Float64Array(4096);
  const count = engine.copyLevels(of, out);
  return Array.from({ length: count }, (_, i) => [out[i * 2] as number, out[i * 2 + 1] as number]);
}

describe('MatchingEngine', () => {
  it('equals the naive price-time book in trades, levels, queues and answers', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 120 }), (operations) => {
        const recorder = new Recorder();
        const oracle = new Recorder();
        const engine = new MatchingEngine(recorder, { maxPriceTicks: 1 << 20, orderCapacity: 2 });
        const naive = new NaiveMatchingEngine(oracle);
        operations.forEach((op, index) => {
          const id = index + 1;
          assert.equal(apply(engine, op, id), apply(naive, op, id), `answer to ${JSON.stringify(op)}`);
          assert.deepEqual(recorder.take(), oracle.take());
          assert.equal(engine.bestBidTicks, naive.bestBidTicks);
          assert.equal(engine.bestAskTicks, naive.bestAskTicks);
          assert.equal(engine.orderCount, naive.orderCount);
          assert.equal(engine.queueAheadLots(id), naive.queueAheadLots(id));
          assert.equal(engine.remainingLots(id), naive.remainingLots(id));
        });
        for (const of of [Side.buy, Side.sell]) {
          const levels = naive.levels(of);
          assert.deepEqual(levelsOf(engine, of), levels);
          assert.equal(engine.levelCount(of), levels.length);
          for (const [price] of levels) assert.deepEqual(engine.orderIdsAt(of, price), naive.orderIdsAt(of, price));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('equals the naive book over long sessions with pool reuse', () => {
    let state = 12345;
    const next = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 4294967296) * below);
    };
    const recorder = new Recorder();
    const oracle = new Recorder();
    const engine = new MatchingEngine(recorder, { maxPriceTicks: 1 << 16, orderCapacity: 4 });
    const naive = new NaiveMatchingEngine(oracle);
    for (let id = 1; id <= 6000; id++) {
      const of = next(2) === 0 ? Side.buy : Side.sell;
      const op: Operation =
        next(100) < 40
          ? { kind: 'cancel', back: 1 + next(200) }
          : next(100) < 15
            ? { kind: 'market', side: of, sizeLots: 1 + next(40) }
            : {
                kind: 'limit',
                side: of,
                priceTicks: 30_000 + next(60) - (of === Side.buy ? 20 : -20),
                sizeLots: 1 + next(20),
              };
      assert.equal(apply(engine, op, id), apply(naive, op, id));
      assert.deepEqual(recorder.take(), oracle.take());
    }
    assert.deepEqual(levelsOf(engine, Side.buy), naive.levels(Side.buy));
    assert.deepEqual(levelsOf(engine, Side.sell), naive.levels(Side.sell));
  });

  it('fills the oldest order of the best price first', () => {
    const recorder = new Recorder();
    const engine = new MatchingEngine(recorder);
    engine.limit(1, Side.sell, 100, 5);
    engine.limit(2, Side.sell, 100, 5);
    engine.limit(3, Side.sell, 99, 1);
    recorder.take();
    assert.equal(engine.limit(4, Side.buy, 100, 8), 0);
    assert.deepEqual(recorder.take(), [
      ['trade', 3, 4, Side.buy, 99, 1, 0],
      ['level', Side.sell, 99, 0],
      ['trade', 1, 4, Side.buy, 100, 5, 0],
      ['trade', 2, 4, Side.buy, 100, 2, 3],
      ['level', Side.sell, 100, 3],
    ]);
  });

  it('names field and value of bad input and leaves the book as it was', () => {
    const engine = new MatchingEngine(new Recorder(), { maxPriceTicks: 1000 });
    engine.limit(1, Side.buy, 10, 1);
    assert.throws(() => engine.limit(1, Side.buy, 10, 1), /id that is not resting, was 1/);
    assert.throws(() => engine.limit(2, Side.buy, 1001, 1), /priceTicks between 1 and 1000, was 1001/);
    assert.throws(() => engine.limit(2, Side.buy, 1.5, 1), /priceTicks/);
    assert.throws(() => engine.limit(2, Side.buy, 10, 0), /sizeLots/);
    assert.throws(() => engine.limit(0, Side.buy, 10, 1), /order id, was 0/);
    assert.equal(engine.orderCount, 1);
    assert.equal(engine.levelLots(Side.buy, 10), 1);
  });
});
