import type { LinkClock } from '../../simulation/faults/link-clock.ts';

interface Timer {
  atMs: number;
  order: number;
  run: () => void;
}

/** Time that passes only from one timer to the next: a minute takes as long as what happens in it. */
export class VirtualClock implements LinkClock {
  #nowMs: number;
  #order = 0;
  /** Binary heap, earliest first; equal times in the order they were set. */
  readonly #heap: Timer[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  at(timeMs: number, run: () => void): void {
    const heap = this.#heap;
    const timer = { atMs: Math.max(timeMs, this.#nowMs), order: ++this.#order, run };
    let i = heap.length;
    heap.push(timer);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[i] = heap[parent] as Timer;
      i = parent;
    }
    heap[i] = timer;
  }

  /** Runs the next timer. False when there is none. */
  step(): boolean {
    const heap = this.#heap;
    const next = heap[0];
    const last = heap.pop();
    if (next === undefined || last === undefined) return false;
    if (last !== next) this.#sink(last);
    this.#nowMs = next.atMs;
    next.run();
    return true;
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right] as Timer, heap[child] as Timer)) child = right;
      if (!isBefore(heap[child] as Timer, timer)) break;
      heap[i] = heap[child] as Timer;
      i = child;
    }
    heap[i] = timer;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
