import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordKind } from '../contract/record.ts';
import { Side } from '../contract/units.ts';
import { Bench } from './trading-core.test-support.ts';

/** What happened, in order: actions as the venue sees them, orders as the page is told. */
function watched(): { bench: Bench; happened: string[] } {
  const happened: string[] = [];
  const bench = new Bench({ listener: { onOrder: (order) => happened.push(`shown ${order.status}`) } });
  bench.up();
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  bench.onAction = ({ what }) => happened.push(what);
  return { bench, happened };
}

test('an order and its cancel leave before the page is told of them', () => {
  const { bench, happened } = watched();
  const number = bench.place(Side.buy, 5_999_000, 1_000);
  bench.accept(number);
  happened.length = 0;
  bench.cancel(number);
  assert.deepEqual(happened, ['cancel', 'shown cancelling']);
  happened.length = 0;
  bench.place(Side.buy, 5_999_000, 1_000);
  assert.deepEqual(happened.slice(-2), ['place', 'shown pending']);
});

test('an order whose sending fails at once is last shown as rejected', () => {
  const { bench, happened } = watched();
  bench.onAction = (_, order) =>
    bench.input(RecordKind.orderRejected, (slot) => {
      slot.id = order?.orderNumber ?? 0;
      slot.setText('not sent');
    });
  bench.place(Side.buy, 5_999_000, 1_000);
  assert.equal(happened.at(-1), 'shown rejected');
});
