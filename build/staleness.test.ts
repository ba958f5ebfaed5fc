import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { dist, root } from './paths.ts';
import { fingerprint } from './staleness.ts';

mkdirSync(dist, { recursive: true });
const folder = mkdtempSync(join(dist, 'staleness-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a fingerprint follows content and names, not times, tests or order of calls', () => {
  const of = (): string => fingerprint([relative(root, folder)]);
  writeFileSync(join(folder, 'a.ts'), 'one');
  const first = of();
  utimesSync(join(folder, 'a.ts'), 1, 1);
  writeFileSync(join(folder, 'a.test.ts'), 'test');
  assert.equal(of(), first);
  writeFileSync(join(folder, 'a.ts'), 'two');
  const second = of();
  assert.notEqual(second, first);
  writeFileSync(join(folder, 'b.ts'), '');
  assert.notEqual(of(), second);
  rmSync(join(folder, 'b.ts'));
  assert.equal(of(), second);
  assert.notEqual(fingerprint([relative(root, folder), 'package.json']), second);
  assert.equal(fingerprint([relative(root, folder), 'not/there']), second);
});
