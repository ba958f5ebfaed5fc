import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TradeNumbers } from './trade-numbers.ts';

test('numbers rise with arrival and tell the time; the newest 4,096 ids are known, as a Set would', () => {
  const trade = fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 6000 }), fc.integer({ min: -3, max: 3 }));
  fc.assert(
    fc.property(
      fc.array(trade, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 0, max: 5000 }),
      (trades, flood) => {
        const numbers = new TradeNumbers();
        const order: string[] = [];
        let timeMs = 1_795_000_000_000;
        let last = 0;
        const take = (high: number, low: number) => {
          const known = order.slice(-4096).includes(`${high} ${low}`);
          const number = numbers.next(timeMs, high, low);
          assert.equal(number < 0, known, `${high} ${low}`);
          if (known) return;
          order.push(`${high} ${low}`);
          assert.ok(number > last && number >= timeMs * 1000 && Number.isSafeInteger(number));
          last = number;
        };
        for (const [high, low] of trades.slice(0, 50)) take(high, low);
        for (let i = 0; i < flood; i++) numbers.next(timeMs, 9, i);
        for (let i = 0; i < flood; i++) order.push(`9 ${i}`);
        last = numbers.next(timeMs, 10, 0);
        order.push('10 0');
        for (const [high, low, step] of trades) {
          timeMs += step;
          take(high, low);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('the same numbers as a set of text keys gives, over arrivals in bursts, repeats and ids of any size', () => {
  const id = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat());
  const trade = fc.tuple(fc.integer({ min: -5, max: 5 }), id, id, fc.integer({ min: 1, max: 600 }));
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 60 }), (bursts) => {
      const numbers = new TradeNumbers();
      const seen = new Set<string>();
      let last = 0;
      const expected = (timeMs: number, high: number, low: number): number => {
        const key = `${high}:${low}`;
        if (seen.has(key)) return -1;
        if (seen.size === 4096) seen.delete(seen.values().next().value as string);
        seen.add(key);
        last = Math.max(last + 1, timeMs * 1000);
        return last;
      };
      let timeMs = 1_795_000_000_000;
      for (const [step, high, low, count] of bursts) {
        timeMs += step;
        for (let i = 0; i < count; i++) {
          const repeated = i % 3 === 2 ? low : low + i;
          assert.equal(numbers.next(timeMs, high, repeated), expected(timeMs, high, repeated));
        }
      }
    }),
    { numRuns: 60 },
  );
});
