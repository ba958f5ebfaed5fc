import type { FaultStatus } from '../engine/contract/fault-menu.ts';
import type { HostApi, HostInfo } from '../engine/contract/host-api.ts';
import type { HostCall, HostEvent, HostReply, HostRequest } from '../engine/contract/host-messages.ts';
import type { FramePort } from '../engine/contract/frame.ts';
import type { ProcessName, ProcessStatus } from '../engine/contract/process.ts';
import type { Settings } from '../engine/contract/settings.ts';

/** How calls reach main; each host has one. */
export interface HostCarrier {
  /** Never throws; what cannot be sent now is sent when the connection is back, or fails through `HostClient.failAll`. */
  send(request: HostRequest): void;
  openPort(process: ProcessName): Promise<FramePort>;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** HostApi over a carrier: matches replies to calls and passes events on. The same in both hosts. */
export class HostClient {
  readonly #carrier: HostCarrier;
  readonly #pending = new Map<number, Pending>();
  readonly #settingsListeners = new Set<(settings: Settings) => void>();
  readonly #processListeners = new Set<(processes: ProcessStatus[]) => void>();
  #nextRequestId = 1;

  constructor(carrier: HostCarrier) {
    this.#carrier = carrier;
  }

  /** A reply or an event from main. */
  receive(message: HostReply | HostEvent): void {
    switch (message.type) {
      case 'settings':
        for (const listener of this.#settingsListeners) listener(message.settings);
        return;
      case 'processes':
        for (const listener of this.#processListeners) listener(message.processes);
        return;
      case 'reply': {
        const pending = this.#pending.get(message.requestId);
        this.#pending.delete(message.requestId);
        if (message.ok) pending?.resolve(message.result);
        else pending?.reject(new Error(message.error));
        return;
      }
    }
  }

  /** The connection to main is gone: what was asked and not answered fails. */
  failAll(reason: string): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of pending) call.reject(new Error(reason));
  }

  api(info: HostInfo): HostApi {
    return {
      info,
      openPort: (process) => this.#carrier.openPort(process),
      getSettings: () => this.#call({ method: 'getSettings' }) as Promise<Settings>,
      updateSettings: (patch) => this.#call({ method: 'updateSettings', patch }) as Promise<Settings>,
      onSettings: (listener) => subscribe(this.#settingsListeners, listener),
      getProcesses: () => this.#call({ method: 'getProcesses' }) as Promise<ProcessStatus[]>,
      onProcesses: (listener) => subscribe(this.#processListeners, listener),
      restartProcess: async (name) => {
        await this.#call({ method: 'restartProcess', name });
      },
      setRedisPassword: async (password) => {
        await this.#call({ method: 'setRedisPassword', password });
      },
      pickFiles: () => this.#call({ method: 'pickFiles' }) as Promise<string[]>,
      venueFault: (command) =>
        this.#call({ method: 'venueFault', ...(command === undefined ? {} : { command }) }) as Promise<FaultStatus[]>,
    };
  }

  #call(call: HostCall): Promise<unknown> {
    const requestId = this.#nextRequestId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(requestId, { resolve, reject });
      this.#carrier.send({ requestId, ...call });
    });
  }
}

function subscribe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  // A wrapper, so that one function may subscribe twice and leave once.
  const entry = (value: T): void => listener(value);
  listeners.add(entry);
  return () => listeners.delete(entry);
}
