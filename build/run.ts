/** `npm start` and `npm run headless`: builds what is stale, picks the host, runs it, ends with its exit code. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildStale } from './bundle.ts';
import { chooseHost, type HostChoice } from './choose-host.ts';
import { dist, root } from './paths.ts';

// Standard output belongs to the host: with `--report -` the report is the only thing on it.
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function run(): Promise<void> {
  const args = process.argv.slice(2);
  const isHeadless = args[0] === 'headless';
  await buildStale(say);
  if (isHeadless) {
    start(process.execPath, [join(dist, 'main', 'headless.cjs'), ...args.slice(1)]);
    return;
  }
  const choice = wantsNode(args) ?? chooseHost(root, process.env, process.platform);
  if (choice.host === 'electron') {
    // Chromium's sandbox refuses root.
    const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    start(choice.executable, [...sandbox, root, ...args]);
    return;
  }
  say(`Running under Node, not Electron: ${choice.reason}.`);
  start(process.execPath, [join(dist, 'main', 'node.cjs'), ...args]);
}

/** Options that only the Node host has ask for it. */
function wantsNode(args: readonly string[]): HostChoice | undefined {
  const option = args.find((arg) => /^--(no-window|port|help)(=|$)/.test(arg));
  return option === undefined ? undefined : { host: 'node', reason: `${option} asks for that` };
}

function start(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A Windows console tells the host itself; kill() would end it at once there.
      if (process.platform !== 'win32') child.kill(signal);
    });
  }
  child.on('error', (error) => {
    say(`error: cannot start ${program}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

run().catch((error: unknown) => {
  say(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
