/** Frames before the first listener are kept up to this many; a page that never listens must not fill memory. */
const MAX_EARLY_FRAMES = 256;

/** Listeners of a page-side frame port; closing is told exactly once, also to a listener that comes late. */
export class FrameListeners {
  readonly #frame: ((frame: Uint8Array) => void)[] = [];
  readonly #close: ((reason: string) => void)[] = [];
  #early: Uint8Array[] = [];
  #closedReason: string | undefined;

  get closed(): boolean {
    return this.#closedReason !== undefined;
  }

  /** @returns false when the frame had to be refused. */
  deliver(frame: Uint8Array): boolean {
    if (this.#closedReason !== undefined) return true;
    if (this.#frame.length === 0) {
      if (this.#early.length >= MAX_EARLY_FRAMES) return false;
      this.#early.push(frame);
      return true;
    }
    for (const listener of this.#frame) listener(frame);
    return true;
  }

  close(reason: string): void {
    if (this.#closedReason !== undefined) return;
    this.#closedReason = reason;
    this.#early = [];
    for (const listener of this.#close) listener(reason);
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame.push(listener);
    const early = this.#early;
    this.#early = [];
    for (const frame of early) listener(frame);
  }

  onClose(listener: (reason: string) => void): void {
    this.#close.push(listener);
    if (this.#closedReason !== undefined) listener(this.#closedReason);
  }
}
