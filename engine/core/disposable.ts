/** Something that holds a resource until `dispose` is called. Disposing twice is harmless. */
export interface Disposable {
  dispose(): void;
}

/**
 * Collects resources and releases them in reverse order. Everything is released even when a release throws; the first
 * error is thrown at the end.
 */
export class DisposableStore implements Disposable {
  #items: (() => void)[] = [];
  #disposed = false;

  /** Adds a resource, or a function that releases one. Released at once when already disposed. */
  add(item: Disposable | (() => void)): void {
    const release = typeof item === 'function' ? item : () => item.dispose();
    if (this.#disposed) release();
    else this.#items.push(release);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const items = this.#items;
    this.#items = [];
    let failed = false;
    let firstError: unknown;
    for (let i = items.length - 1; i >= 0; i--) {
      try {
        (items[i] as () => void)();
      } catch (error) {
        if (!failed) firstError = error;
        failed = true;
      }
    }
    if (failed) throw firstError;
  }
}
