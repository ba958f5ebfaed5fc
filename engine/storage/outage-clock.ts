/** Since when the store is away, and how fast it catches up. */
export class OutageClock {
  readonly #nowMs: () => number;
  #sinceMs = 0;
  /** Committed rows at the times they were looked at, oldest first; of the last seconds. */
  readonly #seen: { atMs: number; rows: number }[] = [];

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Looks at the state of now; called whenever somebody asks for it. */
  observe(isUp: boolean, rows: number): void {
    const atMs = this.#nowMs();
    if (isUp) this.#sinceMs = 0;
    else if (this.#sinceMs === 0) this.#sinceMs = atMs;
    // Another store begins at another number.
    if (rows < (this.#seen.at(-1)?.rows ?? 0)) this.#seen.length = 0;
    this.#seen.push({ atMs, rows });
    while (this.#seen.length > 2 && (this.#seen[0]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#seen.shift();
  }

  /** ms since the epoch since when it is not up; 0 while it is. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Rows a second over the last seconds; 0 before there are two looks. */
  get rowsPerSecond(): number {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.rows - first.rows) / (last.atMs - first.atMs)) * 1000;
  }
}

const WINDOW_MS = 5_000;
