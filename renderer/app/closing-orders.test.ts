import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRiskRails } from '../../engine/contract/risk-rails.ts';
import { closingOrders } from './closing-orders.ts';

const spec = { lotSize: '0.00001', tickSize: '0.01' };

test('closes a long in pieces that fit the rails, through the bid but inside the collar', () => {
  const orders = closingOrders(250_000, 3_000_000, spec, { ...defaultRiskRails, maxOrderSize: 1 });
  assert.deepEqual(
    orders.map((order) => order.sizeLots),
    [100_000, 100_000, 50_000],
  );
  assert.ok(orders.every((order) => order.side === 'sell' && order.priceTicks === 2_994_000));
});

test('closes a short with buys; the value rail counts too', () => {
  const orders = closingOrders(-200_000, 6_000_000, spec, {
    ...defaultRiskRails,
    maxOrderSize: 10,
    maxOrderValue: 70_000,
  });
  assert.ok(orders.every((order) => order.side === 'buy' && order.priceTicks > 6_000_000));
  assert.equal(
    orders.reduce((sum, order) => sum + order.sizeLots, 0),
    200_000,
  );
  for (const order of orders) assert.ok(order.sizeLots * 1e-5 * order.priceTicks * 0.01 <= 70_000);
});

test('a tight collar wins over the usual reach', () => {
  const [order] = closingOrders(1, 1_000_000, spec, { ...defaultRiskRails, priceCollarBps: 2 });
  assert.equal(order?.priceTicks, 999_900);
});
