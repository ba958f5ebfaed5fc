import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCircles } from './circles.ts';
import { checkPlanted } from './planted-tree.ts';

test('reports a circle over three files once, with its path', () => {
  const found = checkPlanted(
    {
      'engine/core/a.ts': `export const a = 1;\nimport { b } from './b.ts';\nvoid b;\n`,
      'engine/core/b.ts': `import type { c } from './c.ts';\nexport const b: typeof c = 1;\n`,
      'engine/core/c.ts': `export { a as c } from './a.ts';\n`,
      'engine/core/d.ts': `import { a } from './a.ts';\nvoid a;\n`,
    },
    checkCircles,
  );
  assert.deepEqual(found, [
    'engine/core/a.ts:2: Expected no circular import, was engine/core/a.ts -> engine/core/b.ts -> engine/core/c.ts -> engine/core/a.ts',
  ]);
});

test('a file that imports itself is a circle', () => {
  const found = checkPlanted({ 'renderer/a.ts': `import './a.ts';\n` }, checkCircles);
  assert.deepEqual(found, ['renderer/a.ts:1: Expected no circular import, was renderer/a.ts -> renderer/a.ts']);
});

test('two ways to the same file are no circle', () => {
  const found = checkPlanted(
    {
      'engine/core/a.ts': `import './b.ts';\nimport './c.ts';\n`,
      'engine/core/b.ts': `import './c.ts';\n`,
      'engine/core/c.ts': 'export const c = 1;\n',
    },
    checkCircles,
  );
  assert.deepEqual(found, []);
});
