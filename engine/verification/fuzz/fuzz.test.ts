import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTargets } from './file-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { fuzzTargetOf, fuzzTargets } from './fuzz-targets.ts';
import { instrumentTargets } from './instrument-targets.ts';
import { FuzzFailure, fuzzBlock } from './run-fuzz.ts';

for (const target of fuzzTargets) {
  test(`${target.name}: nothing but a proper refusal escapes, and some inputs are refused`, async (t) => {
    t.mock.method(console, 'error', () => undefined);
    t.mock.method(console, 'warn', () => undefined);
    let refused = 0;
    for (let block = 0; block < 4; block++) refused += (await fuzzBlock(target, 7, block)).refused;
    assert.ok(refused > 100, `expected refusals, was ${refused}`);
  });
}

test('valid inputs alone are not refused', async (t) => {
  t.mock.method(console, 'error', () => undefined);
  const names = [...instrumentTargets, ...fileTargets].map(({ name }) => name);
  for (const name of [...names, 'order-entry', 'venue-time', 'zip', 'checkpoint']) {
    const target = fuzzTargetOf(name);
    const parser = target.create();
    for (const input of target.corpus) {
      await parser.feed(typeof input === 'string' ? new TextEncoder().encode(input) : input);
    }
    assert.equal(parser.badMessages?.() ?? 0, 0, name);
  }
});

test('a parser with a fault is found, and the block that found it finds it again', async () => {
  const broken: FuzzTarget = {
    name: 'broken',
    corpus: ['{"size":"1.5"}'],
    create: () => ({
      feed: (input) => {
        // Reads beyond its input when the closing brace is missing.
        const at = input.indexOf(125);
        if (at < 0 && input.length > 8) throw new TypeError('reads beyond the end');
      },
    }),
  };
  let found: FuzzFailure | undefined;
  for (let block = 0; block < 20 && found === undefined; block++) {
    try {
      await fuzzBlock(broken, 1, block, 100);
    } catch (error) {
      assert.ok(error instanceof FuzzFailure);
      found = error;
    }
  }
  assert.ok(found, 'expected the fault to be found');
  const { block } = found;
  await assert.rejects(fuzzBlock(broken, 1, block, 100), FuzzFailure);
});
