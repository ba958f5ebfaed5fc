import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestBudget } from './request-budget.ts';

const MINUTE = 60_000;

test('market data leaves the reserve alone and waits for the next window of the venue', () => {
  const budget = new RequestBudget({ weight: 6000, perMs: MINUTE, reserved: 1500 });
  const nowMs = 10 * MINUTE + 15_000;
  for (let i = 0; i < 18; i++) assert.equal(budget.take(250, nowMs), 0);
  assert.equal(budget.take(250, nowMs), 45_000);
  // Orders do not ask, but what they used is used.
  budget.spend(1400, nowMs);
  assert.equal(budget.usedAt(nowMs), 5900);
  assert.equal(budget.take(250, 11 * MINUTE), 0);
  assert.equal(budget.usedAt(11 * MINUTE), 250);
});

test("the venue's count wins where it is higher: others use the same address", () => {
  const budget = new RequestBudget({ weight: 1000, perMs: MINUTE, reserved: 100 });
  assert.equal(budget.take(10, 0), 0);
  budget.onUsed(5, 0);
  assert.equal(budget.usedAt(0), 10);
  budget.onUsed(899, 0);
  assert.equal(budget.take(1, 1000), 0);
  assert.equal(budget.take(1, 1000), MINUTE - 1000);
});

test('a refusal is never answered with another request before its time, and each further one waits longer', () => {
  const budget = new RequestBudget({ weight: 1000, perMs: 1000, reserved: 0 });
  assert.equal(budget.onRefused(7_000, 0), 7_000);
  for (let nowMs = 0; nowMs < 7_000; nowMs += 100) assert.equal(budget.take(1, nowMs), 7_000 - nowMs);
  assert.equal(budget.take(1, 7_000), 0);
  // A shorter word does not shorten what was there; without a word the pauses double.
  assert.equal(budget.onRefused(0, 10_000), 10_000);
  assert.equal(budget.onRefused(1_000, 20_000), 20_000);
  budget.onAnswered();
  assert.equal(budget.onRefused(0, 50_000), 5_000);
  for (let i = 0; i < 20; i++) budget.onRefused(0, 100_000);
  assert.equal(budget.onRefused(0, 100_000), 15 * MINUTE);
});

test('one request dearer than the whole share still goes, alone in its window; a reserve of everything is a mistake', () => {
  const budget = new RequestBudget({ weight: 100, perMs: 1000, reserved: 50 });
  assert.equal(budget.take(80, 0), 0);
  assert.equal(budget.take(80, 10), 990);
  assert.throws(
    () => new RequestBudget({ weight: 100, perMs: 1000, reserved: 100 }),
    /reserved: expected 0 to below 100/,
  );
});
