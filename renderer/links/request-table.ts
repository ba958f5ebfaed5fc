/** Requests under way on one port, each with its own promise. Every one ends: answered, timed out, or cut off. */

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class RequestTable {
  readonly #pending = new Map<number, Pending>();
  readonly #timeoutMs: number;
  #nextId = 1;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Registers a request, sends it with its id, and waits. `send` returns false when there is nowhere to send it. */
  start(send: (requestId: number) => boolean, unavailable: string): Promise<unknown> {
    const requestId = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(requestId);
        reject(new Error(`Expected an answer within ${this.#timeoutMs / 1000} s, was none`));
      }, this.#timeoutMs);
      this.#pending.set(requestId, { resolve, reject, timer });
      if (!send(requestId)) this.#take(requestId)?.reject(new Error(unavailable));
    });
  }

  settle(
    reply: { requestId: number; ok: true; result?: unknown } | { requestId: number; ok: false; error: string },
  ): void {
    const pending = this.#take(reply.requestId);
    if (!pending) return;
    if (reply.ok) pending.resolve(reply.result);
    else pending.reject(new Error(reply.error));
  }

  rejectAll(reason: string): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(new Error(reason));
  }

  get size(): number {
    return this.#pending.size;
  }

  #take(requestId: number): Pending | undefined {
    const pending = this.#pending.get(requestId);
    if (pending) {
      clearTimeout(pending.timer);
      this.#pending.delete(requestId);
    }
    return pending;
  }
}
