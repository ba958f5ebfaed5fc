import type { DialectClient, DialectContext, DialectSession, Payload, PayloadKind } from './dialect.ts';

/** What every dialect's end of a connection has: payloads leave through the faults, and the times of both directions. */
export abstract class StreamSession implements DialectSession {
  protected readonly context: DialectContext;
  /** ms of the venue's clock. */
  lastHeardMs: number;
  lastSentMs: number;
  readonly #client: DialectClient;
  #isOpen = true;

  constructor(client: DialectClient, context: DialectContext) {
    this.#client = client;
    this.context = context;
    this.lastHeardMs = this.lastSentMs = context.markets.nowMs;
  }

  onMessage(text: string): void {
    this.lastHeardMs = this.context.markets.nowMs;
    this.answer(text);
  }

  onClosed(): void {
    this.#isOpen = false;
    this.leave();
  }

  /** `symbol` is empty where it is about none. */
  send(symbol: string, kind: PayloadKind, payload: Payload): void {
    if (!this.#isOpen) return;
    const { faults, protocol, markets } = this.context;
    const sent = faults.payload(protocol, symbol, kind, payload);
    if (sent === undefined) return;
    this.lastSentMs = markets.nowMs;
    this.#client.send(sent);
  }

  close(code: number, reason: string): void {
    if (this.#isOpen) this.#client.close(code, reason);
  }

  protected abstract answer(text: string): void;
  /** Gives up all subscriptions. */
  protected abstract leave(): void;
}

/** The JSON of a request, undefined when it is none. */
export function parseRequest(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
