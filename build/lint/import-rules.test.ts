import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImportRules } from './import-rules.ts';
import { checkPlanted } from './planted-tree.ts';
import type { SourceFile, Violation } from './source-tree.ts';

const manifest = { dependencies: { ws: '8.0.0' }, devDependencies: { react: '19.0.0', electron: '45.0.0' } };
const check = (files: ReadonlyMap<string, SourceFile>): Violation[] => checkImportRules(files, manifest);

const clean = {
  'engine/contract/units.ts': 'export const one = 1;\n',
  'engine/core/ring.ts': `import { one } from '../contract/units.ts';\nexport const ring = one;\n`,
  'engine/market/book.ts': `import { ring } from '../core/ring.ts';\nexport const book = ring;\n`,
  'engine/venue/adapter.ts': `import type { book } from '../market/book.ts';\nexport type Book = typeof book;\n`,
  'engine/processes/trading.ts': `import WebSocket from 'ws';\nimport { book } from '../market/book.ts';\nvoid [WebSocket, book];\n`,
  'main/supervisor/supervisor.ts': `import { spawn } from 'node:child_process';\nimport { one } from '../../engine/contract/units.ts';\nvoid [spawn, one];\n`,
  'main/electron/electron.ts': `import { app } from 'electron';\nvoid app;\n`,
  'renderer/app.tsx': `import { useState } from 'react';\nimport type { one } from '../engine/contract/units.ts';\nexport type One = typeof one;\nvoid useState;\n`,
};

test('a tree that keeps the rules has no violation', () => {
  assert.deepEqual(checkPlanted(clean, check), []);
});

const planted: [title: string, file: string, text: string, expected: string][] = [
  [
    'engine folder to the right',
    'engine/market/planted.ts',
    `export const one = 1;\nimport { x } from '../venue/adapter.ts';\n`,
    'engine/market/planted.ts:2: engine/market may not import engine/venue: "../venue/adapter.ts" (allowed: engine/contract, engine/core)',
  ],
  [
    'a type-only import',
    'engine/core/planted.ts',
    `import type { Book } from '../venue/adapter.ts';\n`,
    'engine/core/planted.ts:1: engine/core may not import engine/venue: "../venue/adapter.ts" (allowed: engine/contract)',
  ],
  [
    'a dynamic import',
    'renderer/planted.ts',
    `\n\nconst x = await import('../engine/market/book.ts');\n`,
    'renderer/planted.ts:3: renderer may not import engine/market: "../engine/market/book.ts" (allowed: engine/contract)',
  ],
  [
    'an export from',
    'main/supervisor/planted.ts',
    `export { app } from '../electron/electron.ts';\n`,
    'main/supervisor/planted.ts:1: main/supervisor may not import main/electron: "../electron/electron.ts" (allowed: engine/contract)',
  ],
  [
    'an import type expression',
    'engine/simulation/planted.ts',
    `export type X = import('../venue/adapter.ts').Book;\n`,
    'engine/simulation/planted.ts:1: engine/simulation may not import engine/venue: "../venue/adapter.ts" (allowed: engine/contract, engine/core)',
  ],
  [
    'engine to main',
    'engine/processes/planted.ts',
    `import '../../main/supervisor/supervisor.ts';\n`,
    'engine/processes/planted.ts:1: engine/processes may not import main/supervisor: "../../main/supervisor/supervisor.ts" (allowed: engine/contract, engine/core, engine/market, engine/venue, engine/strategy, engine/risk, engine/execution, engine/journal, engine/storage, engine/profiling, engine/transport, engine/simulation)',
  ],
  [
    'a built-in module in the contract',
    'engine/contract/planted.ts',
    `import { readFileSync } from 'node:fs';\n`,
    'engine/contract/planted.ts:1: engine/contract may not import "node:fs": it imports nothing',
  ],
  [
    'a built-in module in the renderer',
    'renderer/planted.tsx',
    `import { readFileSync } from 'node:fs';\n`,
    'renderer/planted.tsx:1: renderer may not import "node:fs"',
  ],
  [
    'electron outside its place',
    'preload/browser.ts',
    `import { ipcRenderer } from 'electron';\n`,
    'preload/browser.ts:1: Expected "electron" only in main/electron and preload/electron.ts, was in preload/browser.ts',
  ],
  [
    'a package that is not in package.json',
    'engine/storage/planted.ts',
    `import lodash from 'lodash';\n`,
    'engine/storage/planted.ts:1: Expected a package of package.json, was "lodash"',
  ],
  [
    'a development package in the product',
    'engine/processes/planted.ts',
    `import { useState } from 'react';\n`,
    'engine/processes/planted.ts:1: engine/processes runs in the product: expected "react" under dependencies, was a devDependency',
  ],
  [
    'the slow library outside its place',
    'engine/venue/planted.ts',
    `const library = await import('ccxt');\n`,
    'engine/venue/planted.ts:1: Expected "ccxt" only in engine/processes/trading/feed/slow-library.ts, was in engine/venue/planted.ts',
  ],
  [
    'a bare built-in name',
    'engine/storage/planted.ts',
    `import { join } from 'path';\n`,
    'engine/storage/planted.ts:1: Expected "node:path", was "path"',
  ],
];

for (const [title, file, text, expected] of planted) {
  test(`reports ${title} with file and line`, () => {
    assert.deepEqual(checkPlanted({ ...clean, [file]: text }, check), [expected]);
  });
}
