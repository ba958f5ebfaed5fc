import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordFlag } from '../contract/record.ts';
import { checkParameters } from '../contract/strategy-parameters.ts';
import { Side } from '../contract/units.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { BookFlow } from '../market/book-flow.ts';
import { BookFeatures } from '../market/features.ts';
import { OrderBook } from '../market/order-book.ts';
import { TradeFeatures } from '../market/trade-features.ts';
import { ImbalanceScalper } from './imbalance-scalper.ts';
import { imbalanceScalperSchema } from './imbalance-schema.ts';
import { createStrategy, strategySchema, strategySchemas } from './registry.ts';
import type { StrategyContext, StrategyOrder } from './strategy.ts';

const spec = testInstrument({ makerFee: 0, takerFee: 0 });

interface TestOrder extends StrategyOrder {
  filledLots: number;
  isTerminal: boolean;
  flags: number;
}

/** A context whose market and fills are moved by hand. */
class World implements StrategyContext {
  readonly spec = spec;
  readonly book = new OrderBook();
  readonly bookFeatures = new BookFeatures({ levels: 10, momentumWindowNs: 500e6 });
  readonly bookFlow = new BookFlow({ flowWindowNs: 1e9, volatilityWindowNs: 60e9 });
  readonly tradeFeatures = new TradeFeatures({ deltaWindowNs: 10e9, averagePeriod: 20 });
  readonly strategy = new ImbalanceScalper();
  readonly orders: TestOrder[] = [];
  readonly cancelled: number[] = [];
  timeNs = 0;
  bookLive = true;
  lastPriceTicks = 6_000_000;
  ownPositionLots = 0;
  ownAveragePriceTicks = 0;
  positionLots = 0;
  lastBlock = 0;
  refuse = false;
  #mid = 6_000_000;

  constructor(parameters: Record<string, number | boolean> = {}) {
    this.strategy.onParameters(checkParameters(imbalanceScalperSchema, parameters));
    this.strategy.onStart(this);
  }
  valueOf(priceTicks: number, sizeLots: number): number {
    return priceTicks * sizeLots * 1e-7;
  }
  place(side: Side, priceTicks: number, sizeLots: number, flags: number): number {
    if (this.refuse) return 0;
    const orderNumber = this.orders.length + 1;
    this.orders.push({
      orderNumber,
      side,
      priceTicks,
      sizeLots,
      flags,
      filledLots: 0,
      isTerminal: false,
      queueAheadLots: -1,
    });
    return orderNumber;
  }
  cancel(orderNumber: number): boolean {
    this.cancelled.push(orderNumber);
    return true;
  }
  order(orderNumber: number): StrategyOrder | undefined {
    return this.orders[orderNumber - 1];
  }

  /** One book update `ms` later around a mid, with sizes that lean by `imbalance`; half the spread in ticks. */
  update(ms: number, mid: number, imbalance: number, halfSpread = 1): void {
    this.timeNs += ms * 1e6;
    this.#mid = mid;
    this.book.clear();
    for (let i = halfSpread; i < halfSpread + 10; i++) {
      this.book.set(Side.buy, mid - i, 1_000 * (1 + imbalance));
      this.book.set(Side.sell, mid + i, 1_000 * (1 - imbalance));
    }
    this.strategy.onBook(this);
  }
  timer(ms: number): void {
    this.timeNs += ms * 1e6;
    this.strategy.onTimer(this);
  }
  /** Ends an order with `lots` filled at the current mid. */
  end(orderNumber: number, lots: number): void {
    const order = this.orders[orderNumber - 1]!;
    order.filledLots = lots;
    order.isTerminal = true;
    const before = this.ownPositionLots;
    this.ownPositionLots += order.side === Side.buy ? lots : -lots;
    this.positionLots = this.ownPositionLots;
    if (before === 0) this.ownAveragePriceTicks = this.#mid;
    if (this.ownPositionLots === 0) this.ownAveragePriceTicks = 0;
    this.strategy.onFill();
    this.strategy.onOrder(this, order);
  }
  /** Enters long at 6,000,100. */
  enterLong(): this {
    this.update(0, 6_000_000, 0);
    this.update(100, 6_000_100, 0.5);
    assert.equal(this.orders.length, 1);
    this.end(1, this.orders[0]!.sizeLots);
    return this;
  }
}

test('enters with the lean of the book and the move of the mid, either way', () => {
  const up = new World();
  up.update(0, 6_000_000, 0);
  up.update(100, 6_000_100, 0.5);
  const [buy] = up.orders;
  assert.deepEqual([buy?.side, buy?.flags], [Side.buy, RecordFlag.immediateOrCancel]);
  assert.equal(buy?.priceTicks, 6_000_101 + Math.floor(6_000_101 * 0.0002));
  assert.ok(Math.abs(up.valueOf(6_000_101, buy?.sizeLots ?? 0) - 500) < 1, 'about the order value');

  const down = new World();
  down.update(0, 6_000_000, 0);
  down.update(100, 5_999_900, -0.5);
  assert.equal(down.orders[0]?.side, Side.sell);
});

test('does not enter without the lean, against the move, in a wide spread, or with a book that is not live', () => {
  const cases: [string, (w: World) => void][] = [
    ['no lean', (w) => w.update(100, 6_000_100, 0.1)],
    ['move against the lean', (w) => w.update(100, 5_999_900, 0.5)],
    ['no move', (w) => w.update(100, 6_000_000, 0.5)],
    [
      'book not live',
      (w) => {
        w.bookLive = false;
        w.update(100, 6_000_100, 0.5);
      },
    ],
  ];
  for (const [name, move] of cases) {
    const world = new World();
    world.update(0, 6_000_000, 0);
    move(world);
    assert.equal(world.orders.length, 0, name);
  }
  const wide = new World({ maxSpreadBps: 0.01 });
  wide.update(0, 6_000_000, 0, 4);
  wide.update(100, 6_000_100, 0.5, 4);
  assert.equal(wide.orders.length, 0, '8 ticks are more than 0.01 bps');
  wide.update(100, 6_000_200, 0.5, 3);
  assert.equal(wide.orders.length, 1, '6 ticks are not');
});

test('one position at a time', () => {
  const world = new World();
  world.update(0, 6_000_000, 0);
  world.update(100, 6_000_100, 0.5);
  world.update(100, 6_000_200, 0.5);
  assert.equal(world.orders.length, 1, 'while the entry is out');
  world.end(1, world.orders[0]!.sizeLots);
  world.update(100, 6_000_300, 0.5);
  assert.equal(world.orders.length, 1, 'while it holds');
});

test('leaves by take-profit, by stop and by time, with the whole position', () => {
  const exits: [string, number, number, number][] = [
    ['take-profit', 100, 6_000_100 + 910, 1],
    ['stop', 100, 6_000_100 - 1_210, 1],
    ['time', 3_100, 6_000_100, 1],
    ['not yet', 100, 6_000_100 + 500, 0],
  ];
  for (const [name, ms, mid, orders] of exits) {
    const world = new World().enterLong();
    world.update(ms, mid, 0);
    assert.equal(world.orders.length, 1 + orders, name);
    if (orders === 0) continue;
    const exit = world.orders[1]!;
    assert.deepEqual(
      [exit.side, exit.sizeLots, exit.flags],
      [Side.sell, world.orders[0]!.sizeLots, RecordFlag.immediateOrCancel],
      name,
    );
    assert.ok(exit.priceTicks < mid);
  }
});

test('leaves by time also when the book stands still', () => {
  const world = new World().enterLong();
  world.timer(2_900);
  assert.equal(world.orders.length, 1);
  world.timer(200);
  assert.equal(world.orders.length, 2);
});

test('a partly filled exit is repeated for the rest, then a pause before the next entry', () => {
  const world = new World().enterLong();
  const size = world.orders[0]!.sizeLots;
  world.update(3_100, 6_000_100, 0);
  world.end(2, size - 300);
  world.timer(50);
  assert.equal(world.orders.length, 2, 'not at once');
  world.timer(60);
  assert.deepEqual([world.orders.length, world.orders[2]?.sizeLots], [3, 300]);
  world.end(3, 300);
  world.update(200, 6_000_200, 0.5);
  assert.equal(world.orders.length, 3, 'pause');
  world.update(400, 6_000_300, 0.5);
  assert.equal(world.orders.length, 4);
});

test('a rest too small for the venue counts as flat and goes with the next trade', () => {
  const world = new World().enterLong();
  const size = world.orders[0]!.sizeLots;
  world.update(3_100, 6_000_100, 0);
  world.end(2, size - 5);
  world.timer(5_000);
  assert.equal(world.orders.length, 2, 'nothing is sent for 5 lots');
  world.update(100, 6_000_300, 0.5);
  assert.equal(world.orders[2]?.side, Side.buy, 'a new trade');
});

test('a limit entry rests at the touch and is cancelled when stale', () => {
  const world = new World({ crossSpread: false });
  world.update(0, 6_000_000, 0);
  world.update(100, 6_000_100, 0.5);
  assert.deepEqual([world.orders[0]?.priceTicks, world.orders[0]?.flags], [6_000_099, 0]);
  world.timer(900);
  assert.deepEqual(world.cancelled, []);
  world.timer(200);
  assert.deepEqual(world.cancelled, [1]);
  world.end(1, 0);
  world.update(600, 6_000_400, 0.5);
  assert.equal(world.orders.length, 2, 'flat again, it may enter');
});

test('after a refusal it waits a second', () => {
  const world = new World();
  world.refuse = true;
  world.update(0, 6_000_000, 0);
  world.update(100, 6_000_100, 0.5);
  world.refuse = false;
  world.update(500, 6_000_200, 0.5);
  assert.equal(world.orders.length, 0);
  world.update(600, 6_000_300, 0.5);
  assert.equal(world.orders.length, 1);
});

test('taken up again with a position, it manages it', () => {
  const world = new World();
  world.ownPositionLots = -500;
  world.ownAveragePriceTicks = 6_000_000;
  world.strategy.onStart(world);
  world.update(100, 6_000_000, 0.9);
  assert.equal(world.orders.length, 0);
  world.update(3_000, 6_000_000, 0);
  assert.deepEqual([world.orders[0]?.side, world.orders[0]?.sizeLots], [Side.buy, 500]);
});

test('parameters take effect while it runs', () => {
  const world = new World();
  world.update(0, 6_000_000, 0);
  world.strategy.onParameters(checkParameters(imbalanceScalperSchema, { entryImbalance: 0.9 }));
  world.update(0, 6_000_000, 0);
  world.update(100, 6_000_100, 0.5);
  assert.equal(world.orders.length, 0);
  world.update(100, 6_000_300, 0.95);
  assert.equal(world.orders.length, 1);
});

test('the schema is complete: valid defaults, both languages, unique keys', () => {
  const { parameters, label } = strategySchema('imbalance');
  assert.equal(new Set(parameters.map((p) => p.key)).size, parameters.length);
  checkParameters(imbalanceScalperSchema, {});
  for (const text of [label, ...parameters.flatMap((p) => [p.label, p.help])]) {
    assert.ok(text.en.length > 0);
    assert.match(text.ko, /[가-힣]/);
  }
  assert.deepEqual(
    strategySchemas.map((s) => s.name),
    ['imbalance'],
  );
  assert.throws(() => createStrategy('none'), /Expected one of imbalance, was "none"/);
});
