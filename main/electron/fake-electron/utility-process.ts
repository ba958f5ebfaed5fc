import { type ChildProcess, fork as forkChild } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { MessagePortMain } from './message-ports.ts';

/**
 * What a utility process sees, in a real child process: process.parentPort, whose ports are tunnelled over the IPC
 * channel. Plain JavaScript, because it is required before the child's own script.
 */
const shim = `
const { EventEmitter } = require('node:events');
const ports = new Map();
class Port extends EventEmitter {
  constructor(id) { super(); this.id = id; this.early = []; this.started = false; }
  postMessage(data) { process.send({ tunnel: 'data', id: this.id, data }); }
  start() { this.started = true; for (const data of this.early.splice(0)) this.emit('message', { data, ports: [] }); }
  close() { process.send({ tunnel: 'close', id: this.id }); }
}
const parentPort = new EventEmitter();
parentPort.postMessage = (data) => process.send({ data });
const send = process.send.bind(process);
process.parentPort = parentPort;
process.on('message', (message) => {
  if (message.tunnel === undefined) {
    const opened = message.ports.map((id) => { const port = new Port(id); ports.set(id, port); return port; });
    parentPort.emit('message', { data: message.data, ports: opened });
  } else {
    const port = ports.get(message.id);
    if (!port) return;
    if (message.tunnel === 'close') { ports.delete(message.id); port.emit('close'); }
    else if (port.started) port.emit('message', { data: message.data, ports: [] });
    else port.early.push(message.data);
  }
});
process.on('disconnect', () => process.exit(0));
`;

type ChildMessage = { data: unknown; tunnel?: 'data' | 'close'; id?: number };

export interface ForkOptions {
  serviceName?: string;
  execArgv?: string[];
  stdio?: unknown;
  env?: Record<string, string>;
}

/** Every fork of this run, for the tests to look at. */
export const forks: { entry: string; options: ForkOptions }[] = [];

/** A utility process that is a real Node child. As in Electron, the pid is known only after `spawn`. */
export class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #ports = new Map<number, MessagePortMain>();
  #nextPort = 1;
  #spawned = false;

  constructor(entry: string, options: ForkOptions) {
    super();
    const path = join(entry, '..', 'parent-port-shim.cjs');
    writeFileSync(path, shim);
    const v8Flags = (options.execArgv ?? []).flatMap((flag) =>
      flag.startsWith('--js-flags=') ? flag.slice('--js-flags='.length).split(' ') : [flag],
    );
    this.#child = forkChild(entry, [], {
      execArgv: ['--require', path, ...v8Flags],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    this.#child.on('spawn', () => {
      this.#spawned = true;
      this.emit('spawn');
    });
    this.#child.on('message', (message) => this.#onMessage(message as ChildMessage));
    this.#child.on('exit', (code) => {
      for (const port of this.#ports.values()) port.close();
      this.emit('exit', code ?? 1);
    });
  }

  get pid(): number | undefined {
    return this.#spawned && this.#child.exitCode === null ? this.#child.pid : undefined;
  }

  get stdout(): Readable | null {
    return this.#child.stdout;
  }

  get stderr(): Readable | null {
    return this.#child.stderr;
  }

  postMessage(data: unknown, transfer: MessagePortMain[] = []): void {
    // As in Electron: a port posted before `spawn` is lost silently.
    const ports = this.#spawned ? transfer.map((port) => this.#tunnel(port)) : [];
    this.#child.send({ data, ports });
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }

  #tunnel(port: MessagePortMain): number {
    const id = this.#nextPort++;
    this.#ports.set(id, port);
    port.on('message', ({ data }: { data: unknown }) => this.#child.send({ tunnel: 'data', id, data }));
    port.on('close', () => {
      if (this.#ports.delete(id) && this.#child.connected) this.#child.send({ tunnel: 'close', id });
    });
    port.start();
    return id;
  }

  #onMessage(message: ChildMessage): void {
    if (message.tunnel === undefined) this.emit('message', message.data);
    else if (message.tunnel === 'data') this.#ports.get(message.id as number)?.postMessage(message.data);
    else this.#ports.get(message.id as number)?.close();
  }
}

export const utilityProcess = {
  fork(entry: string, _args: string[], options: ForkOptions): UtilityProcess {
    forks.push({ entry, options });
    return new UtilityProcess(entry, options);
  },
};
