import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { parseSync } from 'rolldown/utils';

/** Folders whose TypeScript the checks look at. */
export const zones = ['engine', 'main', 'preload', 'renderer', 'build', 'e2e'] as const;

/** One `import`, `export ... from`, `import()` or `import type` of a file. */
export interface ImportEdge {
  /** As written: `./book.ts`, `node:fs`, `ws`. */
  specifier: string;
  /** Path of the imported file from the root, with `/`; undefined for packages and built-in modules. */
  target: string | undefined;
  /** Names taken from the module; empty for `*`, side effects and `import()`. */
  names: string[];
  /** Vanishes at run time. `import { type A }` does not: it still loads the module under verbatimModuleSyntax. */
  typeOnly: boolean;
  line: number;
}

/** A node of the ESTree that the parser yields; fields depend on `type`. */
export interface AstNode {
  type: string;
  start: number;
  [field: string]: unknown;
}

export interface SourceFile {
  /** From the root, with `/`. */
  path: string;
  isTest: boolean;
  imports: ImportEdge[];
  program: AstNode;
  lineAt(offset: number): number;
}

export interface Violation {
  file: string;
  line: number;
  message: string;
}

export function formatViolation(violation: Violation): string {
  return `${violation.file}:${violation.line}: ${violation.message}`;
}

/**
 * Parses every .ts and .tsx file of the zones under `root`, keyed by path.
 * @throws SyntaxError naming the file when one does not parse: an unread file is an unchecked one.
 */
export function readSourceTree(root: string): Map<string, SourceFile> {
  const files = new Map<string, SourceFile>();
  for (const zone of zones) {
    for (const path of listFiles(join(root, zone))) {
      const name = relative(root, path).split(sep).join('/');
      files.set(name, parseSource(name, readFileSync(path, 'utf8')));
    }
  }
  return files;
}

/** Folders whose files are none of the program's: "assembly" holds AssemblyScript, which is another language. */
const foreign = new Set(['node_modules', 'dist', 'assembly']);

/** TypeScript files below a folder, sorted; none when the folder does not exist. */
export function listFiles(folder: string, accept: RegExp = /\.tsx?$/): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: false })) {
    const path = resolve(folder, entry.name);
    if (entry.isDirectory()) {
      if (!foreign.has(entry.name)) found.push(...listFiles(path, accept));
    } else if (accept.test(entry.name)) found.push(path);
  }
  return found.sort();
}

export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const first = parsed.errors[0];
  if (first) throw new SyntaxError(`${path}: ${first.message}`);
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (offset: number): number => {
    let line = 0;
    while (line + 1 < starts.length && (starts[line + 1] as number) <= offset) line++;
    return line + 1;
  };
  const program = parsed.program as unknown as AstNode;
  const imports: ImportEdge[] = [];
  walk(program, (node) => {
    const specifier = importedModule(node);
    if (specifier === undefined) return;
    imports.push({
      specifier,
      target: specifier.startsWith('.') ? posix.normalize(`${posix.join(dirname(path), specifier)}`) : undefined,
      names: importedNames(node),
      typeOnly: node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type',
      line: lineAt(node.start),
    });
  });
  return { path, isTest: /\.test\.tsx?$/.test(path), imports, program, lineAt };
}

/** Visits every node, parents first. */
export function walk(node: AstNode, visit: (node: AstNode, parent: AstNode | undefined, key: string) => void): void {
  const descend = (current: AstNode, parent: AstNode | undefined, key: string): void => {
    visit(current, parent, key);
    for (const [field, value] of Object.entries(current)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) descend(child, current, field);
      }
    }
  };
  descend(node, undefined, '');
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && typeof (value as AstNode).type === 'string';
}

function importedModule(node: AstNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType': {
      const source = node['source'];
      // A computed import() cannot be judged; the bundler refuses it as well.
      return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined;
    }
    default:
      return undefined;
  }
}

function importedNames(node: AstNode): string[] {
  const names: string[] = [];
  for (const specifier of (node['specifiers'] as AstNode[] | undefined) ?? []) {
    const imported = specifier['imported'];
    if (specifier.type === 'ImportSpecifier' && isNode(imported)) names.push(String(imported['name']));
    else if (specifier.type === 'ImportDefaultSpecifier') names.push('default');
    else if (specifier.type === 'ImportNamespaceSpecifier') names.push('*');
  }
  return names;
}
