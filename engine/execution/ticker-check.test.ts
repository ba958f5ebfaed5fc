import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RailCode, RecordKind } from '../contract/record.ts';
import { Side } from '../contract/units.ts';
import { Bench } from './trading-core.test-support.ts';

/** Prices of the tests are ticks above this, so that the price collar does not matter. */
const BASE = 100_000;

function sell(bench: Bench, price: number): number {
  return bench.place(Side.sell, BASE + price, 1_000);
}

/** Bid 99 and ask 101 at update 10, as a ticker and a diff of the same venue say. */
function open(): Bench {
  const bench = new Bench();
  bench.up();
  const side = (...prices: number[]): [number, number][] => prices.map((price) => [BASE + price, 50]);
  bench.snapshot(side(99, 98), side(101, 102));
  return bench;
}

function ticker(bench: Bench, id: number, bid: number, ask: number, comparable = true): void {
  for (const side of [Side.buy, Side.sell] as const) {
    bench.input(RecordKind.quote, (slot) => {
      slot.id = id;
      slot.aux = comparable ? 1 : 0;
      slot.side = side;
      slot.priceTicks = BASE + (side === Side.buy ? bid : ask);
    });
  }
}

function diff(bench: Bench, id: number, ...levels: [Side, number, number][]): void {
  const bound = (kind: number): void =>
    bench.input(kind, (slot) => {
      slot.id = slot.aux = id;
    });
  bound(RecordKind.diffBegin);
  for (const [side, price, size] of levels) bench.level(side, BASE + price, size);
  bound(RecordKind.diffEnd);
}

const refusals = (bench: Bench): number[] => bench.records(RecordKind.orderBlocked).map((record) => record.aux);

test('a delete that never came: no order on the ghost, and the next ticker proves it', () => {
  const bench = open();
  ticker(bench, 10, 99, 101);
  diff(bench, 10, [Side.buy, 99, 60]);
  assert.ok(sell(bench, 99) > 0);
  // The bid at 99 is taken: the ticker says so, the diff leaves its delete out.
  ticker(bench, 14, 98, 101);
  diff(bench, 15, [Side.buy, 98, 70]);
  assert.equal(sell(bench, 99), 0);
  assert.deepEqual(refusals(bench), [RailCode.bookNotLive]);
  assert.equal(bench.actions('crossed').length, 0);
  ticker(bench, 16, 98, 101);
  assert.equal(bench.actions('crossed').length, 1);
});

test('a ticker that was only late settles the doubt', () => {
  const bench = open();
  ticker(bench, 10, 99, 101);
  diff(bench, 15, [Side.buy, 100, 5]);
  assert.equal(sell(bench, 100), 0);
  ticker(bench, 15, 100, 101);
  assert.ok(sell(bench, 100) > 0);
  assert.equal(bench.actions('crossed').length, 0);
});

test('the tickers of an update that came after it settle the doubt; a later worse price is the market moving on', () => {
  const bench = open();
  ticker(bench, 10, 97, 101);
  // Best bid 99 at update 15; the tickers on the way there come behind it.
  diff(bench, 15, [Side.buy, 99, 60]);
  assert.equal(sell(bench, 99), 0);
  ticker(bench, 12, 100, 101);
  assert.ok(sell(bench, 99) > 0);
  ticker(bench, 13, 98, 101);
  assert.equal(sell(bench, 99), 0);
  ticker(bench, 14, 99, 101);
  assert.ok(sell(bench, 99) > 0);
  // Sold through: the next diff will say so too.
  ticker(bench, 18, 95, 101);
  assert.equal(bench.actions('crossed').length, 0);
});

test('the same update id contradicts at once; asks as bids', () => {
  const bench = open();
  diff(bench, 15, [Side.sell, 100, 5]);
  ticker(bench, 15, 99, 101);
  assert.equal(bench.actions('crossed').length, 1);
});

test('worse prices, tickers ahead of the book and tickers that count otherwise prove nothing', () => {
  const bench = open();
  ticker(bench, 10, 99, 101);
  diff(bench, 12, [Side.buy, 99, 0]);
  ticker(bench, 13, 99, 101);
  diff(bench, 14, [Side.buy, 97, 1]);
  ticker(bench, 30, 90, 110);
  diff(bench, 20, [Side.buy, 97, 2]);
  ticker(bench, 31, 90, 110);
  diff(bench, 32, [Side.buy, 97, 3], [Side.buy, 98, 0], [Side.buy, 97, 0], [Side.buy, 90, 1]);
  const other = open();
  diff(other, 15, [Side.buy, 99, 60]);
  ticker(other, 15, 90, 110, false);
  assert.equal(bench.actions('crossed').length + other.actions('crossed').length, 0);
  assert.ok(sell(other, 99) > 0);
});
