import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DisposableStore } from './disposable.ts';
import { RowRing } from './ring.ts';

test('a ring behaves like an array that forgets its oldest rows', () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), value: fc.nat(1000) }),
    fc.record({ kind: fc.constant('shift' as const), value: fc.nat(4) }),
    fc.record({ kind: fc.constant('drain' as const), value: fc.nat(6) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(command, { maxLength: 60, size: 'max' }),
      (capacity, commands) => {
        const ring = new RowRing(capacity, 2);
        let model: number[] = [];
        let dropped = 0;
        for (const { kind, value } of commands) {
          if (kind === 'push') {
            const at = ring.push();
            ring.rows[at] = value;
            ring.rows[at + 1] = -value;
            model.push(value);
            if (model.length > capacity) {
              model.shift();
              dropped++;
            }
          } else if (kind === 'shift') {
            ring.shift(value);
            model = model.slice(value);
          } else {
            const out = new Float64Array(1 + value * 2);
            const count = ring.drainTo(out, 1);
            assert.equal(count, Math.min(value, model.length));
            for (let i = 0; i < count; i++) {
              assert.equal(out[1 + i * 2], model[i]);
              assert.equal(out[2 + i * 2], -(model[i] as number));
            }
            model = model.slice(count);
          }
          assert.equal(ring.size, model.length);
          assert.equal(ring.dropped, dropped);
          model.forEach((value, i) => {
            assert.equal(ring.rows[ring.offsetAt(i)], value);
          });
        }
        assert.throws(() => ring.offsetAt(model.length), RangeError);
      },
    ),
  );
});

test('a store releases everything once, last first, even when one release throws', () => {
  const released: string[] = [];
  const store = new DisposableStore();
  store.add(() => released.push('a'));
  store.add({
    dispose: () => {
      throw new Error('b failed');
    },
  });
  store.add(() => released.push('c'));
  assert.throws(() => store.dispose(), /b failed/);
  store.dispose();
  assert.deepEqual(released, ['c', 'a']);
  store.add(() => released.push('late'));
  assert.deepEqual(released, ['c', 'a', 'late']);
});
