/** A frame port that opens itself again: at once, then with growing pauses, for as long as it is wanted. */
import type { FramePort } from '../../engine/contract/frame.ts';

export interface PortEvents {
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  onClose(reason: string): void;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;
/** A process that ends while it is asked may never answer. */
const OPEN_LIMIT_MS = 5_000;

/** Pause before attempt `attempt` (0-based), with up to a quarter of jitter. `random` is in [0, 1). */
export function reconnectDelayMs(attempt: number, random: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (1 - random * 0.25);
}

export class ReconnectingPort {
  readonly #open: () => Promise<FramePort>;
  readonly #events: PortEvents;
  #port: FramePort | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  #opening = false;

  constructor(open: () => Promise<FramePort>, events: PortEvents) {
    this.#open = open;
    this.#events = events;
  }

  start(): void {
    this.#wanted = true;
    void this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const port = this.#port;
    this.#port = undefined;
    port?.close();
  }

  /** False when there is no port: nothing was sent. */
  send(frame: Uint8Array): boolean {
    if (!this.#port) return false;
    this.#port.send(frame);
    return true;
  }

  /** Tries at once, when it is known that the other end is back. */
  retryNow(): void {
    if (!this.#wanted || this.#port || this.#opening) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    if (this.#opening || this.#port || !this.#wanted) return;
    this.#opening = true;
    try {
      const port = await this.#openInTime();
      if (!this.#wanted) {
        port.close();
        return;
      }
      this.#port = port;
      port.onClose((reason) => {
        if (this.#port !== port) return;
        this.#port = undefined;
        this.#events.onClose(reason);
        this.#retryLater();
      });
      port.onFrame((frame) => {
        if (this.#port !== port) return;
        this.#attempt = 0;
        this.#events.onFrame(frame);
      });
      this.#events.onOpen();
    } catch (error) {
      this.#events.onClose(error instanceof Error ? error.message : String(error));
      this.#retryLater();
    } finally {
      this.#opening = false;
    }
  }

  async #openInTime(): Promise<FramePort> {
    const opening = this.#open();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`No connection within ${OPEN_LIMIT_MS / 1_000} s`)), OPEN_LIMIT_MS);
    });
    try {
      return await Promise.race([opening, limit]);
    } catch (error) {
      // One that comes too late is nobody's.
      opening.then(
        (late) => late.close(),
        () => undefined,
      );
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #retryLater(): void {
    if (!this.#wanted || this.#timer !== undefined) return;
    const delayMs = reconnectDelayMs(this.#attempt++, Math.random());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#connect();
    }, delayMs);
  }
}
