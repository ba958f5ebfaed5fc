import { OrderBook as PeerBook, Side as PeerSide } from 'nodejs-order-book';
import { Side } from '../contract/units.ts';
import { MatchingEngine, type MatchListener } from '../simulation/matching-engine.ts';
import { MatchOp, type MatchWorkload } from './match-workload.ts';

/** What the bench drives: one operation of the workload at a time. */
export interface BenchMatcher {
  apply(index: number): void;
  /** Every resting order, best level first and in the order of its queue: `side,price,id,lots`. */
  orders(): string[];
}

export const matcherNames = ['ours', 'nodejs-order-book'] as const;
export type MatcherName = (typeof matcherNames)[number];

export function makeMatcher(name: MatcherName, workload: MatchWorkload): BenchMatcher {
  return name === 'ours' ? new OursMatcher(workload) : new PeerMatcher(workload);
}

/** Takes the events as the simulated venue does, and only adds them up. */
class CountingListener implements MatchListener {
  readonly #sums = new Float64Array(2);
  onTrade(_maker: number, _taker: number, _side: Side, _priceTicks: number, sizeLots: number): void {
    this.#sums[0] = (this.#sums[0] as number) + sizeLots;
  }
  onLevel(_side: Side, _priceTicks: number, totalLots: number): void {
    this.#sums[1] = (this.#sums[1] as number) + totalLots;
  }
}

class OursMatcher implements BenchMatcher {
  readonly #engine = new MatchingEngine(new CountingListener());
  readonly #workload: MatchWorkload;
  constructor(workload: MatchWorkload) {
    this.#workload = workload;
  }
  apply(index: number): void {
    const { ops, sides, priceTicks, sizeLots, ids } = this.#workload;
    const id = ids[index] as number;
    const op = ops[index];
    if (op === MatchOp.limit) {
      this.#engine.limit(id, sides[index] as Side, priceTicks[index] as number, sizeLots[index] as number);
    } else if (op === MatchOp.cancel) this.#engine.cancel(id);
    else this.#engine.market(id, sides[index] as Side, sizeLots[index] as number);
  }
  orders(): string[] {
    const engine = this.#engine;
    const out: string[] = [];
    for (const side of [Side.buy, Side.sell]) {
      const levels = new Float64Array(2 * engine.levelCount(side));
      engine.copyLevels(side, levels);
      for (let i = 0; i < levels.length; i += 2) {
        const priceTicks = levels[i] as number;
        for (const id of engine.orderIdsAt(side, priceTicks)) {
          out.push(`${side},${priceTicks},${id},${engine.remainingLots(id)}`);
        }
      }
    }
    return out;
  }
}

/** Its orders are objects with text ids; the ids are made beforehand, the objects are part of its interface. */
class PeerMatcher implements BenchMatcher {
  readonly #book = new PeerBook();
  readonly #workload: MatchWorkload;
  readonly #ids: string[];
  constructor(workload: MatchWorkload) {
    this.#workload = workload;
    this.#ids = Array.from(workload.ids, String);
  }
  apply(index: number): void {
    const { ops, sides, priceTicks, sizeLots } = this.#workload;
    const id = this.#ids[index] as string;
    const op = ops[index];
    if (op === MatchOp.cancel) {
      this.#book.cancel(id);
      return;
    }
    const side = sides[index] === Side.buy ? PeerSide.BUY : PeerSide.SELL;
    const size = sizeLots[index] as number;
    if (op === MatchOp.limit) this.#book.limit({ side, id, size, price: priceTicks[index] as number });
    else this.#book.market({ side, size });
  }
  orders(): string[] {
    const { bids, asks } = this.#book.snapshot();
    const bestFirst = [
      bids.sort((a, b) => b.price - a.price).map((level) => ({ side: Side.buy, ...level })),
      asks.sort((a, b) => a.price - b.price).map((level) => ({ side: Side.sell, ...level })),
    ].flat();
    return bestFirst.flatMap(({ side, price, orders }) =>
      orders.map(({ id, size }) => `${side},${price},${id},${size}`),
    );
  }
}
