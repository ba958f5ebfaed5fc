import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import type { ControlEvent, ControlRequest, ProcessName, ProcessRole } from '../../engine/contract/process.ts';
import { roleOf } from '../../engine/contract/trading-shards.ts';
import type { Launcher, LaunchedProcess, LaunchSpec, ProcessExit } from '../supervisor/launcher.ts';

/** Runs processes as Electron utility processes; a page's MessagePort goes along with its request. */
export class UtilityLauncher implements Launcher<MessagePortMain> {
  readonly #entryPath: (role: ProcessRole) => string;

  constructor(entryPath: (role: ProcessRole) => string) {
    this.#entryPath = entryPath;
  }

  /** Only after `ready`, as Electron demands. */
  launch(spec: LaunchSpec): LaunchedProcess<MessagePortMain> {
    const env: Record<string, string> = {};
    // Every value must be a string, or the process does not start.
    for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
    delete env['NODE_OPTIONS'];
    env['CHRISTMAS_PARENT_PID'] = String(process.pid);
    const child = utilityProcess.fork(this.#entryPath(roleOf(spec.name)), [], {
      serviceName: serviceName(spec.name),
      // V8 flags reach a utility process only this way.
      execArgv: spec.v8Flags.length === 0 ? [] : [`--js-flags=${spec.v8Flags.join(' ')}`],
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    return new UtilityChild(child);
  }
}

/** How a process is called in the system's process list and in `child-process-gone`. */
export function serviceName(name: ProcessName): string {
  return `christmas-${name}`;
}

/** The two ends of a connection between a page and a process. */
export function openChannel(): { page: MessagePortMain; process: MessagePortMain } {
  const { port1, port2 } = new MessageChannelMain();
  return { page: port1, process: port2 };
}

class UtilityChild implements LaunchedProcess<MessagePortMain> {
  readonly #child: UtilityProcess;
  readonly #exitListeners: ((exit: ProcessExit) => void)[] = [];
  #pid = 0;
  #exit: ProcessExit | undefined;
  #killSignal: 'SIGTERM' | 'SIGKILL' | undefined;
  /** Ports posted before `spawn` are dropped silently, so everything waits for it. */
  #early: { request: ControlRequest; transfer: MessagePortMain | undefined }[] | undefined = [];

  constructor(child: UtilityProcess) {
    this.#child = child;
    child.on('spawn', () => {
      this.#pid = child.pid ?? 0;
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const { request, transfer } of early) this.post(request, transfer);
      if (this.#killSignal !== undefined) this.kill(this.#killSignal);
    });
    child.on('exit', (code) => {
      this.#exit = { code, signal: null };
      for (const listener of this.#exitListeners) listener(this.#exit);
    });
  }

  get pid(): number {
    return this.#pid;
  }

  post(request: ControlRequest, transfer?: MessagePortMain): void {
    if (this.#exit !== undefined) transfer?.close();
    else if (this.#early !== undefined) this.#early.push({ request, transfer });
    else this.#child.postMessage(request, transfer === undefined ? [] : [transfer]);
  }

  onEvent(listener: (event: ControlEvent) => void): void {
    this.#child.on('message', (message: unknown) => listener(message as ControlEvent));
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
    if (this.#exit !== undefined) return;
    this.#killSignal = signal;
    if (this.#pid === 0) return;
    // utilityProcess.kill() is SIGTERM only.
    if (signal === 'SIGTERM') this.#child.kill();
    else {
      try {
        process.kill(this.#pid, 'SIGKILL');
      } catch (error) {
        // It went in this moment: `exit` follows.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }
}
