import { builtinModules } from 'node:module';
import type { ImportEdge, SourceFile, Violation } from './source-tree.ts';

/** Engine folders a folder may import besides itself and `contract`. What is not named here is not allowed. */
const engineOrder: Record<string, readonly string[]> = {
  contract: [],
  core: [],
  market: ['core'],
  venue: ['core', 'market'],
  strategy: ['core', 'market'],
  risk: ['core', 'market'],
  execution: ['core', 'market', 'venue', 'strategy', 'risk'],
  journal: ['core', 'market', 'venue', 'strategy', 'risk', 'execution'],
  storage: ['core', 'market', 'journal'],
  profiling: ['core'],
  transport: ['core'],
  // Only core: the exchange must not share code with the adapters it tests.
  simulation: ['core'],
  processes: [
    'core',
    'market',
    'venue',
    'strategy',
    'risk',
    'execution',
    'journal',
    'storage',
    'profiling',
    'transport',
    'simulation',
  ],
};

/** Folders outside the engine: what they may import besides themselves. `node` and `npm` stand for built-ins and packages. */
const zoneRules: Record<string, readonly string[]> = {
  'main/supervisor': ['engine/contract', 'node', 'zod'],
  'main/node': ['main/supervisor', 'engine/contract', 'node', 'npm'],
  'main/electron': ['main/supervisor', 'engine/contract', 'node', 'npm', 'electron'],
  // Helpers of the tests of whole hosts; only tests may import them.
  'main/testing': ['node', 'npm'],
  preload: ['engine/contract'],
  renderer: ['engine/contract', 'npm'],
  // Storage only to open the database of an app that has ended; bench for the venue and the figures of a storm.
  e2e: ['engine/contract', 'engine/storage', 'engine/bench', 'build', 'node', 'npm'],
  build: ['engine', 'main', 'preload', 'renderer', 'node', 'npm'],
};

const slowLibrary = 'engine/processes/trading/feed/slow-library.ts';

export interface PackageManifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** DESIGN section 2, "Who may import whom". Type-only imports count: a type is a dependency as well. */
export function checkImportRules(files: ReadonlyMap<string, SourceFile>, manifest: PackageManifest): Violation[] {
  const violations: Violation[] = [];
  for (const file of files.values()) {
    for (const edge of file.imports) {
      const message = judge(file, edge, files, manifest);
      if (message) violations.push({ file: file.path, line: edge.line, message });
    }
  }
  return violations;
}

function judge(
  file: SourceFile,
  edge: ImportEdge,
  files: ReadonlyMap<string, SourceFile>,
  manifest: PackageManifest,
): string | undefined {
  if (edge.target === undefined) return judgePackage(file, edge, manifest);
  if (!/\.tsx?$/.test(edge.target)) return undefined;
  if (!files.has(edge.target)) return `Expected an import of a file that exists, was "${edge.specifier}"`;
  const from = folderOf(file.path);
  const to = folderOf(edge.target);
  if (from === to) return undefined;
  const allowed = allowedFolders(file, from);
  if (allowed.some((folder) => to === folder || to.startsWith(`${folder}/`))) return undefined;
  return `${from} may not import ${to}: "${edge.specifier}" (allowed: ${allowed.join(', ') || 'nothing'})`;
}

function allowedFolders(file: SourceFile, from: string): readonly string[] {
  if (from.startsWith('engine/')) {
    // A test may bring in anything of the engine (the simulated venue against the adapter, for example).
    if (file.isTest || from === 'engine/bench' || from === 'engine/verification') return ['engine'];
    const own = engineOrder[from.slice('engine/'.length)] ?? [];
    return from === 'engine/contract' ? [] : ['engine/contract', ...own.map((folder) => `engine/${folder}`)];
  }
  const rules = zoneRules[from] ?? [];
  return (file.isTest && from.startsWith('main/') ? [...rules, 'main/testing'] : rules).filter(
    (rule) => rule.includes('/') || rule in zoneRules || rule === 'engine' || rule === 'main',
  );
}

function judgePackage(file: SourceFile, edge: ImportEdge, manifest: PackageManifest): string | undefined {
  const from = folderOf(file.path);
  const name = edge.specifier;
  if (isBuiltin(name)) {
    if (!name.startsWith('node:')) return `Expected "node:${name}", was "${name}"`;
    const free = file.isTest || isBuildConfig(file.path) || from.startsWith('engine/');
    if (from === 'engine/contract' && !file.isTest) return `${from} may not import "${name}": it imports nothing`;
    if (free || zoneRules[from]?.includes('node')) return undefined;
    return `${from} may not import "${name}"`;
  }
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  if (packageName === 'electron') {
    const ok = from === 'main/electron' || file.path === 'preload/electron.ts';
    return ok ? undefined : `Expected "electron" only in main/electron and preload/electron.ts, was in ${file.path}`;
  }
  // It loads for seconds: only when one of its exchanges is asked for, and never with what the native venues import.
  if (packageName === 'ccxt' && file.path !== slowLibrary && from !== 'engine/bench') {
    return `Expected "ccxt" only in ${slowLibrary}, was in ${file.path}`;
  }
  if (!(packageName in { ...manifest.dependencies, ...manifest.devDependencies })) {
    return `Expected a package of package.json, was "${packageName}"`;
  }
  if (file.isTest || isBuildConfig(file.path) || from === 'engine/bench' || from === 'engine/verification')
    return undefined;
  const engine = from.startsWith('engine/') && from !== 'engine/contract';
  const rules = zoneRules[from];
  if (!engine && !rules?.includes('npm') && !rules?.includes(packageName))
    return `${from} may not import packages, was "${packageName}"`;
  const ships = engine || (from.startsWith('main/') && from !== 'main/testing');
  if (ships && !edge.typeOnly && !(packageName in (manifest.dependencies ?? {}))) {
    return `${from} runs in the product: expected "${packageName}" under dependencies, was a devDependency`;
  }
  return undefined;
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function isBuildConfig(path: string): boolean {
  return path === 'renderer/vite.config.ts';
}

/** The unit the rules speak of: `engine/market`, `main/node`, `renderer`. */
function folderOf(path: string): string {
  const [zone, folder] = path.split('/') as [string, string | undefined];
  return (zone === 'engine' || zone === 'main') && folder !== undefined && !/\.tsx?$/.test(folder)
    ? `${zone}/${folder}`
    : zone;
}
