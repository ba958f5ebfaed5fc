import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Side } from '../contract/units.ts';
import { MatchingEngine, type MatchListener } from '../simulation/matching-engine.ts';
import { RestingOrders } from '../simulation/resting-orders.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';

export const MatchOp = { limit: 0, cancel: 1, market: 2 } as const;
export type MatchOp = (typeof MatchOp)[keyof typeof MatchOp];
export const matchModes = ['mixed', 'resting'] as const;
/** `mixed`: 60 % limit, 25 % cancel, 15 % market. `resting`: limit orders that never cross. */
export type MatchMode = (typeof matchModes)[number];

/** Orders in time order, the same for every engine. Column `i` of each array is one operation. */
export interface MatchWorkload {
  count: number;
  /** The first operations only fill the book: limit orders that rest. */
  fillCount: number;
  ops: Uint8Array;
  sides: Uint8Array;
  /** 0 for market orders and cancels. */
  priceTicks: Float64Array;
  sizeLots: Float64Array;
  /** Id of the order, or of the one to cancel: rests at that time. */
  ids: Float64Array;
}

const midTicks = 6_000_000;
const meanDistanceTicks = 12;
const maxOrderLots = 100;
/** Resting orders that the mixed flow hovers around: its market orders take more above, less below. */
const restingOrders = 4_000;

/** Forgets the orders that are filled. */
class FilledOrders implements MatchListener {
  readonly #resting: RestingOrders;
  constructor(resting: RestingOrders) {
    this.#resting = resting;
  }
  onTrade(makerId: number, _taker: number, _side: Side, _ticks: number, _lots: number, makerLeftLots: number): void {
    if (makerLeftLots === 0) this.#resting.remove(makerId);
  }
  onLevel(): void {
    // Only orders count here.
  }
}

/** The same operations for the same arguments on every machine. */
export function makeMatchWorkload(mode: MatchMode, operations: number, seed = 1): MatchWorkload {
  const fillCount = mode === 'mixed' ? restingOrders : 0;
  const count = fillCount + operations;
  const ops = new Uint8Array(count);
  const sides = new Uint8Array(count);
  const priceTicks = new Float64Array(count);
  const sizeLots = new Float64Array(count);
  const ids = new Float64Array(count);
  const random = new SeededRandom(seed);
  const resting = new RestingOrders();
  // Says which orders rest, so that every cancel finds its order. Its book is not what the bench compares.
  const engine = new MatchingEngine(new FilledOrders(resting));
  const lotsOf = (): number => 1 + random.integer(maxOrderLots);
  for (let at = 0; at < count; at++) {
    const draw = at < fillCount || mode === 'resting' ? 0 : random.next();
    const side = random.chance(0.5) ? Side.buy : Side.sell;
    const id = at + 1;
    if (draw < 0.6) {
      const distance = Math.floor(random.exponential(meanDistanceTicks));
      // In the mixed flow one order in eight is priced into the other side and trades what it meets there.
      const reach = mode === 'mixed' && at >= fillCount && random.chance(0.125) ? 4 : 0;
      ops[at] = MatchOp.limit;
      sides[at] = side;
      priceTicks[at] = side === Side.buy ? midTicks - distance + reach : midTicks + 1 + distance - reach;
      sizeLots[at] = lotsOf();
      ids[at] = id;
      if (engine.limit(id, side, priceTicks[at] as number, sizeLots[at] as number) > 0) {
        resting.add(id, priceTicks[at] as number);
      }
    } else if (draw < 0.85 && resting.ids.length > 0) {
      const victim = resting.ids[random.integer(resting.ids.length)] as number;
      ops[at] = MatchOp.cancel;
      ids[at] = victim;
      engine.cancel(victim);
      resting.remove(victim);
    } else {
      ops[at] = MatchOp.market;
      sides[at] = side;
      sizeLots[at] = lotsOf() * (resting.ids.length > restingOrders ? 4 : 1);
      ids[at] = id;
      engine.market(id, side, sizeLots[at] as number);
    }
  }
  return { count, fillCount, ops, sides, priceTicks, sizeLots, ids };
}

/** As {@link makeMatchWorkload}, in another process: what is measured must not be compiled for the making of it. */
export function loadMatchWorkload(mode: MatchMode, operations: number, seed = 1): Promise<MatchWorkload> {
  const script = fileURLToPath(new URL('./make-match-workload.ts', import.meta.url));
  const child = fork(script, [mode, String(operations), String(seed)], {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    child.once('message', (workload) => resolve(workload as MatchWorkload));
    child.once('exit', (code) => reject(new Error(`Expected a workload, was an exit with code ${code}`)));
  });
}
