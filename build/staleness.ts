import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dist, root } from './paths.ts';

const manifestPath = join(dist, '.manifest.json');

/** Hash over names and content of what a build step reads; tests and build output left out. */
export function fingerprint(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(process.versions.node);
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) {
      hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** Fingerprints of the steps as they were last built; empty when unknown. */
export function readManifest(): Record<string, string> {
  try {
    return JSON.parse(readFileSync(manifestPath, 'utf8')) as Record<string, string>;
  } catch {
    // Never built, or a build was cut short: everything is stale.
    return {};
  }
}

export function writeManifest(manifest: Record<string, string>): void {
  mkdirSync(dist, { recursive: true });
  writeFileSync(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  let entries: { name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.') || /\.test\.tsx?$/.test(entry.name)) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) files.push(...filesUnder(child));
    else files.push(child);
  }
  return files;
}
