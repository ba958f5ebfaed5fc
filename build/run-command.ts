import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface CommandOptions {
  env?: Record<string, string>;
  /** Also collect what it prints, besides passing it on. */
  tee?: boolean;
  /** Collect without passing on. */
  quiet?: boolean;
}

export interface CommandResult {
  /** 127 when the program could not be started, 128 when a signal ended it. */
  code: number;
  output: string;
}

/** Runs a program in the root, without stdin, and waits for its end. Never rejects. */
export function runCommand(program: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  const collect = options.tee === true || options.quiet === true;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', collect ? 'pipe' : 'inherit', collect ? 'pipe' : 'inherit'],
      // npm and npx are .cmd files on Windows, which only a shell starts.
      shell: process.platform === 'win32' && /^(npm|npx)$/.test(program),
    });
    let output = '';
    const take = (chunk: Buffer, through: NodeJS.WriteStream): void => {
      output += chunk.toString('utf8');
      if (!options.quiet) through.write(chunk);
    };
    child.stdout?.on('data', (chunk: Buffer) => take(chunk, process.stdout));
    child.stderr?.on('data', (chunk: Buffer) => take(chunk, process.stderr));
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 128, output }));
  });
}

/** Runs a script with this Node; paths are taken from the root. Resolves to the exit code. */
export async function runNode(args: string[], options: CommandOptions = {}): Promise<number> {
  return (await runCommand(process.execPath, nodeArguments(args), options)).code;
}

export function captureNode(args: string[]): Promise<CommandResult> {
  return runCommand(process.execPath, nodeArguments(args), { quiet: true });
}

/** Runs a TypeScript file through tsx. */
export function runScript(script: string, args: string[] = [], options: CommandOptions = {}): Promise<CommandResult> {
  return runCommand(process.execPath, ['--import', 'tsx', join(root, script), ...args], options);
}

function nodeArguments([script, ...rest]: string[]): string[] {
  return [join(root, script as string), ...rest];
}
