import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processNames } from './host-messages.ts';
import { defaultRiskRails } from './risk-rails.ts';
import {
  globalNumber,
  localNumber,
  MAX_TRADING_PROCESSES,
  railsShare,
  roleOf,
  tradingProcessName,
  wholeRails,
} from './trading-shards.ts';

const shards = fc.integer({ min: 0, max: MAX_TRADING_PROCESSES - 1 });

test('numbers of any process come back exactly, and those of two processes never meet', () => {
  // Order numbers: 10^9 sessions of a million each.
  fc.assert(
    fc.property(shards, fc.maxSafeNat(), (shard, seed) => {
      const number = seed % 1e15;
      const global = globalNumber(shard, number);
      assert.ok(Number.isSafeInteger(global));
      assert.deepEqual(localNumber(global), { shard, number });
    }),
  );
  assert.equal(globalNumber(0, 1_000_017), 1_000_017);
});

test('the parts of the rails add up to the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: MAX_TRADING_PROCESSES }),
      fc.integer({ min: MAX_TRADING_PROCESSES, max: 10_000 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (count, maxOrdersPerSecond, maxDailyLoss) => {
        const rails = { ...defaultRiskRails, maxOrdersPerSecond, maxDailyLoss };
        const shares = Array.from({ length: count }, (_, shard) => railsShare(rails, shard, count));
        assert.deepEqual(wholeRails(shares), rails);
        assert.ok(shares.every((share) => Number.isInteger(share.maxOrdersPerSecond) && share.maxOrdersPerSecond >= 1));
      },
    ),
  );
});

test('names: the first is plain trading, all are known to the host', () => {
  assert.equal(tradingProcessName(0), 'trading');
  assert.equal(tradingProcessName(3), 'trading-3');
  assert.throws(() => tradingProcessName(8), /shard: expected 0\.\.7, was 8/);
  assert.deepEqual([...new Set(processNames.map(roleOf))].sort(), ['storage', 'trading', 'venue']);
  assert.equal(processNames.length, MAX_TRADING_PROCESSES + 2);
});
