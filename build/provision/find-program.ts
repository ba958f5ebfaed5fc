import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from '../run-command.ts';

/** First of the names that is an executable file on the PATH. */
export function findOnPath(names: readonly string[], path = process.env['PATH'] ?? ''): string | undefined {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const name of names) {
    for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
      for (const suffix of suffixes) {
        const candidate = join(folder, name + suffix);
        if (isExecutable(candidate)) return candidate;
      }
    }
  }
  return undefined;
}

/** True when the program starts: a browser without its shared libraries is no browser. */
export async function starts(program: string, args: string[] = ['--version']): Promise<boolean> {
  // chrome.exe --version opens a window instead of answering.
  if (process.platform === 'win32') return existsSync(program);
  return (await runCommand(program, args, { quiet: true })).code === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not ours to run: the next folder may have it.
    return false;
  }
}
