import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Side } from '../contract/units.ts';
import { OrderStatusCode as S } from './order.ts';
import { OrderTable, RETAINED_TERMINAL_ORDERS, type NewOrder } from './order-table.ts';
import { Position } from './position.ts';
import { testInstrument } from '../market/instrument.test-support.ts';

function fresh(orderNumber: number, sizeLots = 10): NewOrder {
  return {
    orderNumber,
    instrument: 0,
    side: orderNumber % 2 === 0 ? Side.buy : Side.sell,
    priceTicks: 100,
    sizeLots,
    source: 0,
    postOnly: false,
    immediateOrCancel: false,
    reduceOnly: false,
  };
}

test('a fill before its acknowledgement counts, and the acknowledgement does not undo it', () => {
  const table = new OrderTable();
  const order = table.open(fresh(1), 0);
  assert.ok(table.fill(order, 7, 4, 1));
  assert.equal(order.status, S.partial);
  table.accepted(order, 99, 2);
  assert.deepEqual([order.status, order.venueOrderId, order.filledLots], [S.partial, 99, 4]);
  assert.ok(table.fill(order, 8, 6, 3));
  assert.equal(order.status, S.filled);
  assert.equal(table.live.length, 0);
});

test('a cancel racing a fill: both count, whichever comes first', () => {
  const table = new OrderTable();
  const a = table.open(fresh(1), 0);
  table.accepted(a, 1, 0);
  table.cancelSent(a, 1);
  assert.equal(a.status, S.cancelling);
  table.fill(a, 5, 10, 2);
  assert.equal(a.status, S.filled);
  assert.equal(table.cancelled(a, 3), false);
  assert.equal(table.cancelRejected(a, 3, 'unknown order'), false);
  assert.equal(a.status, S.filled);

  const b = table.open(fresh(2), 0);
  table.accepted(b, 2, 0);
  table.cancelled(b, 1);
  assert.ok(table.fill(b, 6, 3, 2), 'the late fill counts');
  assert.deepEqual([b.status, b.filledLots], [S.cancelled, 3]);
});

test('unknown stays unknown until the venue has told, and a lost cancel is wanted still', () => {
  const table = new OrderTable();
  const order = table.open(fresh(1), 0);
  table.cancelSent(order, 0);
  assert.ok(table.becameUnknown(order, 1));
  assert.equal(table.becameUnknown(order, 1), false);
  assert.deepEqual([order.status, order.cancelSent, order.cancelWanted], [S.unknown, false, true]);
  table.accepted(order, 4, 2);
  assert.equal(order.status, S.working);
});

test('a rejection after fills ends as cancelled: the order did exist', () => {
  const table = new OrderTable();
  const order = table.open(fresh(1), 0);
  table.fill(order, 1, 2, 0);
  table.rejected(order, 1, 'Not at the venue');
  assert.deepEqual([order.status, order.reason], [S.cancelled, 'Not at the venue']);
});

test('a number can be used once', () => {
  const table = new OrderTable();
  table.open(fresh(1), 0);
  assert.throws(() => table.open(fresh(1), 0), /fresh order number, was 1/);
});

test('finished orders are bounded, live ones are never evicted', () => {
  const table = new OrderTable();
  const first = table.open(fresh(1), 0);
  for (let i = 2; i < RETAINED_TERMINAL_ORDERS + 100; i++) table.rejected(table.open(fresh(i), 0), 0, '');
  assert.equal(table.get(1), first);
  assert.equal(table.get(2), undefined);
  assert.equal(table.all().length, RETAINED_TERMINAL_ORDERS + 1);
});

/** A venue's truth about one order: what it did, told in any order and any number of times. */
interface Step {
  order: number;
  report: 'accepted' | 'fill' | 'cancelled' | 'rejected' | 'unknown' | 'cancelSent' | 'cancelRejected';
  lots: number;
  repeat: number;
}

test('property: in any order of reports the fills make the position, ended orders stay ended, none is a zombie', () => {
  const step: fc.Arbitrary<Step> = fc.record({
    order: fc.integer({ min: 1, max: 5 }),
    report: fc.constantFrom(
      'accepted',
      'fill',
      'fill',
      'cancelled',
      'rejected',
      'unknown',
      'cancelSent',
      'cancelRejected',
    ),
    lots: fc.integer({ min: 1, max: 6 }),
    repeat: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const table = new OrderTable();
      const position = new Position(testInstrument());
      const size = 10;
      const orders = [1, 2, 3, 4, 5].map((n) => table.open(fresh(n, size), 0));
      const truth = new Map<number, number>();
      let tradeId = 1;
      for (const { order: number, report, lots, repeat } of steps) {
        const order = orders[number - 1]!;
        const before = { status: order.status, terminal: order.isTerminal };
        // The venue never fills more than the order's size.
        const fillLots = Math.min(lots, size - (truth.get(number) ?? 0));
        const id = tradeId++;
        if (report === 'fill' && fillLots > 0) truth.set(number, (truth.get(number) ?? 0) + fillLots);
        for (let i = 0; i < repeat; i++) {
          if (report === 'accepted') table.accepted(order, number, 0);
          else if (report === 'fill') {
            if (fillLots > 0 && table.fill(order, id, fillLots, 0)) position.applyFill(order.side, 100, fillLots, 0);
          } else if (report === 'cancelled') table.cancelled(order, 0);
          else if (report === 'rejected') table.rejected(order, 0, '');
          else if (report === 'unknown') table.becameUnknown(order, 0);
          else if (report === 'cancelSent') table.cancelSent(order, 0);
          else table.cancelRejected(order, 0, '');
        }
        if (before.terminal) assert.equal(order.status, before.status, 'terminal states absorb');
        if (before.status !== S.pending) assert.notEqual(order.status, S.pending, 'no way back to pending');
        assert.equal(order.filledLots, truth.get(number) ?? 0, 'each trade counts once');
        assert.equal(table.live.includes(order), !order.isTerminal, 'live means not terminal');
        if (order.filledLots === size) assert.ok(order.isTerminal, 'a full order is over');
        if (order.cancelSent) assert.ok(order.status === S.cancelling || order.status === S.unknown);
      }
      let net = 0;
      for (const order of orders) net += order.side === Side.buy ? order.filledLots : -order.filledLots;
      assert.equal(position.positionLots, net);
    }),
    { numRuns: 2_000 },
  );
});
