import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `KRAKEN.ws.50.0`: exchange, connection, part. */
const SOCKET_NAME = /^(.+)\.ws\.\d+\.\d+(\.gz)?$/;

/**
 * What cryptofeed wrote of the same session beside files of sockets and was not named: HTTP answers
 * (`KRAKEN.http.0.0`) and what was asked for at the start (`KRAKEN.0`). Other sockets are not taken: naming one chooses it.
 * @returns full paths, sorted.
 */
export function companionFiles(files: readonly string[]): string[] {
  const named = new Set(files);
  const found = new Set<string>();
  for (const file of files) {
    const exchange = SOCKET_NAME.exec(basename(file))?.[1];
    if (exchange === undefined) continue;
    const folder = dirname(file);
    const start = `${exchange}.http.`;
    for (const name of readdirSync(folder)) {
      const isAnswers = name.startsWith(start) && /^\d+\.\d+(\.gz)?$/.test(name.slice(start.length));
      if (isAnswers) found.add(join(folder, name));
    }
    for (const name of [`${exchange}.0`, `${exchange}.0.gz`]) {
      const path = join(folder, name);
      if (existsSync(path)) found.add(path);
    }
  }
  return [...found].filter((file) => !named.has(file)).sort();
}
