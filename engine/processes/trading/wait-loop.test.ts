import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test, type TestContext } from 'node:test';
import { WaitLoop } from './wait-loop.ts';

const CORES = availableParallelism();

function loopOf(t: TestContext, wanted: 'block' | 'hybrid' | 'spin'): WaitLoop {
  const loop = new WaitLoop(wanted, () => performance.now() * 1e6);
  t.after(() => loop.dispose());
  return loop;
}

test('what is in force is shown, and why where it was wanted otherwise', (t) => {
  assert.equal(loopOf(t, 'block').description, 'block');
  for (const wanted of ['hybrid', 'spin'] as const) {
    const loop = loopOf(t, wanted);
    if (CORES >= 3) assert.deepEqual([loop.strategy, loop.description, loop.refusal], [wanted, wanted, '']);
    else {
      assert.deepEqual([loop.strategy, loop.description], ['block', `block (${wanted} needs 3 cores, has ${CORES})`]);
      assert.match(loop.refusal, /needs at least 3 cores/);
    }
  }
});
