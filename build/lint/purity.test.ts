import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPlanted } from './planted-tree.ts';
import { checkPurity } from './purity.ts';

const pureLines = [
  `import { createHash } from 'node:crypto';`,
  `import type { Socket } from 'node:net';`,
  'export const at = (timeUs: number): Date => new Date(timeUs / 1000);',
  'export const year = Date.UTC(2026, 0);',
  'export interface Timers { setTimeout: number; performance: { now(): number } }',
  'export const read = (timers: Timers): number => timers.performance.now() + Math.floor(timers.setTimeout);',
  'export type S = Socket;',
  `export const hash = createHash('sha256');`,
];

test('pure code, names of properties and type-only imports pass', () => {
  assert.deepEqual(checkPlanted({ 'engine/core/pure.ts': pureLines.join('\n') }, checkPurity), []);
});

const impure: [line: string, what: string][] = [
  ['export const x = Date.now();', 'Expected no Date.now'],
  ['export const x = new Date();', 'Expected no new Date() without a time'],
  ['export const x = Date();', 'Expected no Date'],
  ['export const { now } = Date;', 'Expected no Date'],
  ['export const x = performance.now();', 'Expected no use of performance'],
  ['export const x = (performance as { now(): number }).now();', 'Expected no use of performance'],
  ['export const x = Math.random();', 'Expected no Math.random'],
  [`export const x = Math['random']();`, 'Expected no Math.random'],
  ['export const { random } = Math;', 'Expected no Math.random'],
  ['setTimeout(() => 1, 1);', 'Expected no use of setTimeout'],
  ['export const x = { run: setInterval };', 'Expected no use of setInterval'],
  ['setImmediate(() => 1);', 'Expected no use of setImmediate'],
  ['queueMicrotask(() => 1);', 'Expected no use of queueMicrotask'],
  ['export const x = crypto.randomUUID();', 'Expected no use of crypto'],
  ['export const x = process.env.HOME;', 'Expected no use of process'],
  ['export const x = process.hrtime.bigint();', 'Expected no use of process'],
  ['export const x = globalThis.Date;', 'Expected no use of globalThis'],
  [`import { readFileSync } from 'node:fs';`, 'Expected no import of "node:fs"'],
  [`import WebSocket from 'ws';`, 'Expected no import of "ws"'],
];

for (const [line, what] of impure) {
  test(`reports ${line}`, () => {
    const found = checkPlanted({ 'engine/venue/planted.ts': `// why\n${line}\n` }, checkPurity);
    assert.deepEqual(found, [`engine/venue/planted.ts:2: ${what} in the pure part of the engine`]);
  });
}

test('reports random names of node:crypto', () => {
  const found = checkPlanted({ 'engine/risk/a.ts': `import { randomUUID } from 'node:crypto';\n` }, checkPurity);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /^engine\/risk\/a\.ts:1: Expected one of createHash, .* was randomUUID/);
});

test('follows run-time imports of the step out of the pure folders, and only those', () => {
  const found = checkPlanted(
    {
      'engine/execution/trading-core.ts': `import { hash } from '../journal/hash.ts';\nimport type { T } from '../journal/clock.ts';\nexport const x: T = hash;\n`,
      'engine/journal/hash.ts': 'export const hash = 1;\nexport const wall = Date.now();\n',
      'engine/journal/clock.ts': 'export type T = number;\nexport const clock = Date.now();\n',
      'engine/core/ring.test.ts': 'export const seed = Math.random();\n',
    },
    checkPurity,
  );
  assert.deepEqual(found, [
    'engine/journal/hash.ts:2: Expected no Date.now in the pure part of the engine (reached from engine/execution/trading-core.ts)',
  ]);
});
