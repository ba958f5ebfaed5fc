import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ControlEvent, ControlRequest, ProcessRole } from '../../engine/contract/process.ts';
import { roleOf } from '../../engine/contract/trading-shards.ts';
import type { Launcher, LaunchedProcess, LaunchSpec, ProcessExit } from '../supervisor/launcher.ts';

/** Variables that change how a child's Node runs; a developer's shell must not reach into the engine. */
const droppedVariables = ['NODE_OPTIONS', 'NODE_CHANNEL_FD', 'NODE_INSPECT_RESUME_ON_START', 'ELECTRON_RUN_AS_NODE'];

/** Runs processes as Node children; a page's upgraded socket is handed over with its request. */
export class NodeLauncher implements Launcher<Socket> {
  readonly #entryPath: (role: ProcessRole) => string;
  readonly #nodeFlags: readonly string[];

  /** `nodeFlags` come before the V8 flags of a process, for example `--enable-source-maps`. */
  constructor(entryPath: (role: ProcessRole) => string, nodeFlags: readonly string[] = []) {
    this.#entryPath = entryPath;
    this.#nodeFlags = nodeFlags;
  }

  launch(spec: LaunchSpec): LaunchedProcess<Socket> {
    const env: NodeJS.ProcessEnv = { ...process.env, CHRISTMAS_PARENT_PID: String(process.pid) };
    for (const name of droppedVariables) delete env[name];
    const child = fork(this.#entryPath(roleOf(spec.name)), [], {
      env,
      execArgv: [...this.#nodeFlags, ...spec.v8Flags],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // An own process group: Ctrl-C in a terminal reaches main alone, which then ends the others in order.
      detached: process.platform !== 'win32',
    });
    return new NodeChild(child);
  }
}

class NodeChild implements LaunchedProcess<Socket> {
  readonly #child: ChildProcess;
  readonly #exitListeners: ((exit: ProcessExit) => void)[] = [];
  /** Node keeps a socket back until the one before it has been taken, and forgets those it still has at the exit. */
  readonly #waiting = new Set<Socket>();
  #exit: ProcessExit | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    // 'close' rather than 'exit': its last words have been read. A child that could not be started only has 'error'.
    child.on('close', (code, signal) => this.#ended({ code, signal }));
    child.on('error', () => {
      if (child.pid === undefined) this.#ended({ code: null, signal: null });
    });
    // A grandchild may hold the pipes open after the process is gone.
    child.on('exit', (code, signal) => setTimeout(() => this.#ended({ code, signal }), 500));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  post(request: ControlRequest, transfer?: Socket): void {
    if (!this.#child.connected) {
      transfer?.destroy();
      return;
    }
    if (transfer !== undefined) this.#waiting.add(transfer);
    this.#child.send(request, transfer, undefined, (error) => {
      // Sent it is out of reach.
      if (transfer !== undefined) this.#waiting.delete(transfer);
      // The process is going down: the page sees its socket close, main sees the exit.
      if (error !== null) transfer?.destroy();
    });
  }

  onEvent(listener: (event: ControlEvent) => void): void {
    this.#child.on('message', (message) => listener(message as ControlEvent));
  }

  onOutput(listener: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void): void {
    this.#child.stdout?.on('data', (chunk: Buffer) => listener('stdout', chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => listener('stderr', chunk));
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    this.#exitListeners.push(listener);
    if (this.#exit !== undefined) listener(this.#exit);
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  #ended(exit: ProcessExit): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
    for (const listener of this.#exitListeners) listener(exit);
  }
}
