/** `npm run typecheck`: tsc over every zone, two at a time (two cores is what the smallest machine has). */
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { captureNode } from './run-command.ts';

const configs = ['engine/contract', 'engine', 'main', 'preload', 'renderer', 'build', 'e2e'];

/** True when every zone is free of type errors; the errors go to stderr. */
export async function typecheck(): Promise<boolean> {
  const queue = [...configs];
  let ok = true;
  const work = async (): Promise<void> => {
    for (let zone = queue.shift(); zone !== undefined; zone = queue.shift()) {
      const { code, output } = await captureNode(['node_modules/typescript/bin/tsc', '-p', `${zone}/tsconfig.json`]);
      if (code === 0) continue;
      ok = false;
      console.error(output.trim() || `tsc of ${zone} ended with code ${code}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return ok;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = (await typecheck()) ? 0 : 1;
}
