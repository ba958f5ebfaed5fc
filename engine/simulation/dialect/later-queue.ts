/** What is to happen when the venue's clock has come that far. */
export class LaterQueue {
  #waiting: { dueMs: number; run: () => void }[] = [];

  /** Runs at once when it is due already. */
  add(dueMs: number, nowMs: number, run: () => void): void {
    if (dueMs <= nowMs) run();
    else this.#waiting.push({ dueMs, run });
  }

  /** Runs all that is due, earliest first. */
  runDue(nowMs: number): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs);
    for (const { run } of due) run();
  }
}
