import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileKernel, kernelFile, kernelFileText } from './compile-kernel.ts';

test('the committed kernel is what its source compiles to', async () => {
  const text = kernelFileText(await compileKernel());
  assert.ok(readFileSync(kernelFile, 'utf8') === text, 'Expected kernel-binary.ts to be new, run `npm run kernel`');
});
