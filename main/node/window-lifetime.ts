export interface WindowLifetimeOptions {
  platform: NodeJS.Platform;
  /** Pages connected now. */
  pages(): number;
  /** The user closed the window. */
  onClosed(): void;
  /** The browser ended without ever showing the page; `reason` is its signal or exit code. */
  onNeverOpened(reason: string): void;
  /** A page that reloads is away for a moment only. */
  reloadMs?: number;
  /** Sockets of a browser that ended close a little later than it. */
  settleMs?: number;
}

/**
 * Decides when the window was closed. Normally its browser process ends. But macOS browsers go on without a window, and a
 * browser left over from a run that crashed takes the window over while the one started ends at once: then the pages
 * decide.
 */
export class WindowLifetime {
  readonly #options: WindowLifetimeOptions;
  #sawPage = false;
  #pagesDecide: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WindowLifetimeOptions) {
    this.#options = options;
    this.#pagesDecide = options.platform === 'darwin';
  }

  pagesChanged(): void {
    clearTimeout(this.#timer);
    if (this.#options.pages() > 0) this.#sawPage = true;
    else if (this.#pagesDecide && this.#sawPage) {
      this.#timer = setTimeout(() => this.#options.onClosed(), this.#options.reloadMs ?? 5_000);
    }
  }

  browserEnded(reason: string): void {
    setTimeout(() => {
      if (this.#options.pages() > 0) this.#pagesDecide = true;
      else if (this.#sawPage) this.#options.onClosed();
      else {
        this.#pagesDecide = true;
        this.#options.onNeverOpened(reason);
      }
    }, this.#options.settleMs ?? 500);
  }
}
