import type { Tick } from './tick.ts';

/** Ticks as growing columns: no object a tick. Entries at and after `length` hold anything. */
export class TickColumns {
  length = 0;
  /** us since the epoch. */
  timeUs: Float64Array;
  id: Float64Array;
  side: Uint8Array;
  priceTicks: Float64Array;
  sizeLots: Float64Array;

  constructor(room = 64) {
    this.timeUs = new Float64Array(room);
    this.id = new Float64Array(room);
    this.side = new Uint8Array(room);
    this.priceTicks = new Float64Array(room);
    this.sizeLots = new Float64Array(room);
  }

  static of(ticks: readonly Tick[]): TickColumns {
    const columns = new TickColumns(ticks.length);
    for (const { timeUs, id, side, priceTicks, sizeLots } of ticks)
      columns.push(timeUs, id, side, priceTicks, sizeLots);
    return columns;
  }

  push(timeUs: number, id: number, side: number, priceTicks: number, sizeLots: number): void {
    const at = this.length;
    if (at === this.timeUs.length) this.reserve(Math.max(64, at * 2));
    this.timeUs[at] = timeUs;
    this.id[at] = id;
    this.side[at] = side;
    this.priceTicks[at] = priceTicks;
    this.sizeLots[at] = sizeLots;
    this.length = at + 1;
  }

  clear(): void {
    this.length = 0;
  }

  /** Tick `i` as an object. */
  at(i: number): Tick {
    return {
      timeUs: this.timeUs[i] as number,
      id: this.id[i] as number,
      side: this.side[i] as number,
      priceTicks: this.priceTicks[i] as number,
      sizeLots: this.sizeLots[i] as number,
    };
  }

  toTicks(): Tick[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  /** A copy of ticks [from, to). */
  slice(from: number, to: number): TickColumns {
    const part = new TickColumns(0);
    part.timeUs = this.timeUs.slice(from, to);
    part.id = this.id.slice(from, to);
    part.side = this.side.slice(from, to);
    part.priceTicks = this.priceTicks.slice(from, to);
    part.sizeLots = this.sizeLots.slice(from, to);
    part.length = part.timeUs.length;
    return part;
  }

  /** Writes tick `from` over tick `to`. */
  copy(from: number, to: number): void {
    this.timeUs[to] = this.timeUs[from] as number;
    this.id[to] = this.id[from] as number;
    this.side[to] = this.side[from] as number;
    this.priceTicks[to] = this.priceTicks[from] as number;
    this.sizeLots[to] = this.sizeLots[from] as number;
  }

  /** Moves the ticks from `from` on to `to`: makes a place, or removes what lies between. */
  move(from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.timeUs.length) this.reserve(Math.max(64, length * 2));
    for (const column of [this.timeUs, this.id, this.side, this.priceTicks, this.sizeLots]) {
      column.copyWithin(to, from, this.length);
    }
    this.length = length;
  }

  /** Room for `room` ticks. */
  reserve(room: number): void {
    this.timeUs = grown(this.timeUs, new Float64Array(room));
    this.id = grown(this.id, new Float64Array(room));
    this.side = grown(this.side, new Uint8Array(room));
    this.priceTicks = grown(this.priceTicks, new Float64Array(room));
    this.sizeLots = grown(this.sizeLots, new Float64Array(room));
  }
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
