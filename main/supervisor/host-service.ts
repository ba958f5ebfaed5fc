import { z } from 'zod';
import { type HostCall, type HostEvent, type HostReply, processNames } from '../../engine/contract/host-messages.ts';
import type { ProcessName } from '../../engine/contract/process.ts';
import { readFaultCommand } from '../../engine/contract/read-fault-command.ts';
import type { Settings } from '../../engine/contract/settings.ts';
import type { Supervisor } from './supervisor.ts';

const processName = z.enum(processNames as [ProcessName, ...ProcessName[]]);
const requestId = z.number().int().nonnegative();

/** What a page may ask; everything else is refused before it reaches the supervisor. */
const requestSchema = z.discriminatedUnion('method', [
  z.strictObject({ requestId, method: z.literal('getSettings') }),
  z.strictObject({ requestId, method: z.literal('updateSettings'), patch: z.record(z.string(), z.unknown()) }),
  z.strictObject({ requestId, method: z.literal('getProcesses') }),
  z.strictObject({ requestId, method: z.literal('restartProcess'), name: processName }),
  z.strictObject({ requestId, method: z.literal('setRedisPassword'), password: z.string().max(1_024) }),
  z.strictObject({ requestId, method: z.literal('pickFiles') }),
  // The command is read by what reads it from the command line, with the same words for what is wrong.
  z.strictObject({ requestId, method: z.literal('venueFault'), command: z.unknown().optional() }),
]);

/** Answers a page's HostApi calls, the same in both hosts. Messages come from a page: nothing in them is trusted. */
export class HostService<Transfer> {
  readonly #supervisor: Supervisor<Transfer>;
  readonly #pickFiles: () => Promise<string[]>;

  constructor(supervisor: Supervisor<Transfer>, pickFiles: () => Promise<string[]>) {
    this.#supervisor = supervisor;
    this.#pickFiles = pickFiles;
  }

  /** Never rejects: what goes wrong is in the reply. */
  async answer(message: unknown): Promise<HostReply> {
    const parsed = requestSchema.safeParse(message);
    if (!parsed.success) {
      const id = (message as { requestId?: unknown } | null)?.requestId;
      const issue = parsed.error.issues[0];
      const error = `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'not valid'}`;
      return { type: 'reply', requestId: typeof id === 'number' ? id : -1, ok: false, error };
    }
    const { requestId: id, ...call } = parsed.data;
    try {
      return { type: 'reply', requestId: id, ok: true, result: await this.#call(call as HostCall) };
    } catch (error) {
      return { type: 'reply', requestId: id, ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Sends events until the returned function is called. */
  subscribe(send: (event: HostEvent) => void): () => void {
    const ends = [
      this.#supervisor.onSettings((settings) => send({ type: 'settings', settings })),
      this.#supervisor.onProcesses((processes) => send({ type: 'processes', processes })),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  async #call(call: HostCall): Promise<unknown> {
    switch (call.method) {
      case 'getSettings':
        return this.#supervisor.settingsForPage;
      case 'updateSettings':
        return this.#supervisor.updateSettings(call.patch as Partial<Settings>);
      case 'getProcesses':
        return this.#supervisor.processes;
      case 'restartProcess':
        await this.#supervisor.restartProcess(call.name);
        return undefined;
      case 'setRedisPassword':
        await this.#supervisor.setRedisPassword(call.password);
        return undefined;
      case 'pickFiles':
        return this.#pickFiles();
      case 'venueFault':
        return this.#supervisor.venueFault(call.command === undefined ? undefined : readFaultCommand(call.command));
    }
  }
}
