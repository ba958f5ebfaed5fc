import { MAX_FRAME_BYTES } from './frame.ts';

/** Frames that may arrive before anybody listens; a port whose owner never listens must not grow without bound. */
const MAX_EARLY_FRAMES = 256;

/**
 * Listeners of one frame port: keeps what arrives before the first listener (bounded), and says "closed" exactly once,
 * also to a listener that comes late.
 */
export class FrameInbox {
  readonly #frameListeners: ((frame: Uint8Array) => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #early: Uint8Array[] = [];
  #closedReason: string | undefined;

  get closed(): boolean {
    return this.#closedReason !== undefined;
  }

  /** Delivers a frame. @returns false when it had to be refused: too many frames and nobody listens. */
  deliver(frame: Uint8Array): boolean {
    if (this.#closedReason !== undefined) return true;
    if (this.#frameListeners.length === 0) {
      if (this.#early.length >= MAX_EARLY_FRAMES) return false;
      this.#early.push(frame);
      return true;
    }
    for (const listener of this.#frameListeners) listener(frame);
    return true;
  }

  /** Marks the port closed; only the first call has an effect. */
  close(reason: string): void {
    if (this.#closedReason !== undefined) return;
    this.#closedReason = reason;
    this.#early = [];
    for (const listener of this.#closeListeners) listener(reason);
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frameListeners.push(listener);
    const early = this.#early;
    this.#early = [];
    for (const frame of early) listener(frame);
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListeners.push(listener);
    if (this.#closedReason !== undefined) listener(this.#closedReason);
  }
}

/** @throws RangeError when a frame is larger than the limit every carrier must hold. */
export function checkFrameSize(frame: Uint8Array): void {
  if (frame.byteLength > MAX_FRAME_BYTES) {
    throw new RangeError(`Expected at most ${MAX_FRAME_BYTES} bytes of frame, was ${frame.byteLength}`);
  }
}
