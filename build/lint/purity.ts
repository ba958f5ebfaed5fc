import { type AstNode, isNode, type SourceFile, type Violation, walk } from './source-tree.ts';

/** Folders that are pure as a whole, whether the step reaches the file or not. */
const pureFolders = ['core', 'market', 'strategy', 'risk', 'execution', 'venue'].map((name) => `engine/${name}/`);
/** Where the trading step starts. */
const stepRoot = 'engine/execution/trading-core.ts';

/** Globals no pure file may mention at all. */
const bannedGlobals = new Set([
  'performance',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'fetch',
  'WebSocket',
  'crypto',
  'globalThis',
  'require',
]);

/** Built-in modules a pure file may import, and which names of them. */
const allowedBuiltins: Record<string, readonly string[] | 'all'> = {
  'node:crypto': [
    'createHash',
    'createHmac',
    'createPrivateKey',
    'createSecretKey',
    'sign',
    'timingSafeEqual',
    'Hash',
    'Hmac',
    'KeyObject',
  ],
  'node:assert': 'all',
  'node:assert/strict': 'all',
  'node:buffer': 'all',
};

/**
 * DESIGN section 3: no clock, timer, randomness, environment or IO in anything the trading step reaches by imports that
 * exist at run time, nor anywhere in the pure folders. Time comes in with events.
 */
export function checkPurity(files: ReadonlyMap<string, SourceFile>): Violation[] {
  const violations: Violation[] = [];
  for (const [file, via] of pureFiles(files)) {
    const report = (offsetOrLine: { line: number }, what: string): void => {
      const because = via === undefined ? '' : ` (reached from ${via})`;
      violations.push({
        file: file.path,
        line: offsetOrLine.line,
        message: `${what} in the pure part of the engine${because}`,
      });
    };
    for (const edge of file.imports) {
      if (edge.typeOnly || edge.target !== undefined) continue;
      const names = allowedBuiltins[edge.specifier];
      if (names === undefined) report(edge, `Expected no import of "${edge.specifier}"`);
      else if (names !== 'all') {
        for (const name of edge.names.length === 0 ? ['*'] : edge.names) {
          if (!names.includes(name))
            report(edge, `Expected one of ${names.join(', ')} of "${edge.specifier}", was ${name}`);
        }
      }
    }
    walk(file.program, (node, parent, key) => {
      const what = impureUse(node, parent, key);
      if (what) report({ line: file.lineAt(node.start) }, `Expected no ${what}`);
    });
  }
  return violations.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** Every pure file, with the file that brought it in when its own folder is not pure. */
function pureFiles(files: ReadonlyMap<string, SourceFile>): Map<SourceFile, string | undefined> {
  const pure = new Map<SourceFile, string | undefined>();
  for (const file of files.values()) {
    if (!file.isTest && (file.path === stepRoot || pureFolders.some((folder) => file.path.startsWith(folder)))) {
      pure.set(file, undefined);
    }
  }
  // A Map visits entries added on the way: this is the whole closure.
  for (const file of pure.keys()) {
    for (const edge of file.imports) {
      const target = edge.target === undefined || edge.typeOnly ? undefined : files.get(edge.target);
      if (target && !pure.has(target)) pure.set(target, file.path);
    }
  }
  return pure;
}

function impureUse(node: AstNode, parent: AstNode | undefined, key: string): string | undefined {
  if (node.type !== 'Identifier' || parent === undefined || !isReference(parent, key)) return undefined;
  const name = String(node['name']);
  if (bannedGlobals.has(name)) return `use of ${name}`;
  if (name === 'Math') return memberOf(parent, key) === 'random' || !isMember(parent, key) ? 'Math.random' : undefined;
  if (name !== 'Date') return undefined;
  const argumentCount = (parent['arguments'] as unknown[] | undefined)?.length ?? 0;
  if (parent.type === 'NewExpression' && key === 'callee')
    return argumentCount === 0 ? 'new Date() without a time' : undefined;
  const member = memberOf(parent, key);
  return member === 'UTC' || member === 'parse' ? undefined : `Date${member ? `.${member}` : ''}`;
}

/** False where an identifier only names something: a property, a key, a declared type, an import. */
function isReference(parent: AstNode, key: string): boolean {
  if (parent.type.startsWith('TS')) {
    const holdsExpression = ['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSTypeAssertion'];
    return holdsExpression.includes(parent.type) && key === 'expression';
  }
  if (/^(Import|Export).*Specifier$/.test(parent.type)) return false;
  if (key === 'property') return parent['computed'] === true;
  if (key !== 'key') return true;
  // `{ performance }` is both key and value; the value is visited as well.
  return parent['computed'] === true;
}

function isMember(parent: AstNode, key: string): boolean {
  return parent.type === 'MemberExpression' && key === 'object' && parent['computed'] !== true;
}

function memberOf(parent: AstNode, key: string): string | undefined {
  const property = parent['property'];
  if (!isMember(parent, key) || !isNode(property)) return undefined;
  return String(property['name']);
}
