import { type ContinuityRule, spotRule } from './continuity-rule.ts';
import type { MarketMessage } from './market-message.ts';

/** U, u, pu, event time us, bid count, ask count; then the pairs of bids, then of asks. */
const HEADER = 6;

/**
 * Depth updates kept while the snapshot is on its way: decoded numbers in one bounded typed array, oldest first.
 * The updates in it are always contiguous; see {@link append}.
 */
export class DiffBuffer {
  readonly #maxFields: number;
  readonly #namesPrevious: boolean;
  #data = new Float64Array(4096);
  #start = 0;
  #end = 0;
  #count = 0;
  #lastId = 0;
  #lastUs = 0;

  /** @param maxFields bound in numbers; a level takes two. */
  constructor(maxFields = 1 << 19, rule: ContinuityRule = spotRule) {
    this.#maxFields = maxFields;
    this.#namesPrevious = rule.namesPrevious;
  }

  get count(): number {
    return this.#count;
  }
  /** U of the oldest update; 0 when empty. */
  get firstUpdateId(): number {
    return this.#count === 0 ? 0 : (this.#data[this.#start] as number);
  }
  /** pu of the oldest update, -1 without; 0 when empty. */
  get firstPreviousId(): number {
    return this.#count === 0 ? 0 : (this.#data[this.#start + 2] as number);
  }
  /** u of the oldest update; 0 when empty. */
  get firstLastUpdateId(): number {
    return this.#count === 0 ? 0 : (this.#data[this.#start + 1] as number);
  }

  /**
   * Adds an update. One that repeats what is held is left out; one that does not follow on, counts anew (an old id of a
   * later time), or no longer fits, first empties the buffer: what came before it is of no use.
   * @returns updates thrown away, the new one included when it was a repeat.
   */
  append(m: MarketMessage): number {
    const isOldId = this.#count > 0 && m.lastUpdateId <= this.#lastId;
    if (isOldId && m.eventTimeUs <= this.#lastUs) return 1;
    let discarded = 0;
    const follows = this.#namesPrevious ? m.previousUpdateId === this.#lastId : m.firstUpdateId <= this.#lastId + 1;
    if (isOldId || (this.#count > 0 && !follows)) {
      discarded = this.#count;
      this.clear();
    }
    const { bids, asks } = m;
    const fields = HEADER + 2 * (bids.count + asks.count);
    if (this.#end - this.#start + fields > this.#maxFields) {
      discarded = this.#count;
      this.clear();
    }
    this.#reserve(fields);
    const data = this.#data;
    let at = this.#end;
    data[at++] = m.firstUpdateId;
    data[at++] = m.lastUpdateId;
    data[at++] = m.previousUpdateId;
    data[at++] = m.eventTimeUs;
    data[at++] = bids.count;
    data[at++] = asks.count;
    for (let i = 0; i < 2 * bids.count; i++) data[at++] = bids.pairs[i] as number;
    for (let i = 0; i < 2 * asks.count; i++) data[at++] = asks.pairs[i] as number;
    this.#end = at;
    this.#count++;
    this.#lastId = m.lastUpdateId;
    this.#lastUs = m.eventTimeUs;
    return discarded;
  }

  /** Moves the oldest update into `m`. */
  shiftInto(m: MarketMessage): void {
    const data = this.#data;
    let at = this.#start;
    m.firstUpdateId = data[at++] as number;
    m.lastUpdateId = data[at++] as number;
    m.previousUpdateId = data[at++] as number;
    m.eventTimeUs = data[at++] as number;
    const { bids, asks } = m;
    bids.count = data[at++] as number;
    asks.count = data[at++] as number;
    bids.reserve(bids.count);
    asks.reserve(asks.count);
    for (let i = 0; i < 2 * bids.count; i++) bids.pairs[i] = data[at++] as number;
    for (let i = 0; i < 2 * asks.count; i++) asks.pairs[i] = data[at++] as number;
    this.#take(at - this.#start);
  }

  /** Drops the oldest update. */
  drop(): void {
    if (this.#count === 0) return;
    const levels = (this.#data[this.#start + 4] as number) + (this.#data[this.#start + 5] as number);
    this.#take(HEADER + 2 * levels);
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    this.#count = 0;
  }

  #take(fields: number): void {
    this.#start += fields;
    if (--this.#count === 0) this.clear();
  }

  #reserve(fields: number): void {
    if (this.#end + fields <= this.#data.length) return;
    const used = this.#end - this.#start;
    let length = this.#data.length;
    while (length < used + fields) length *= 2;
    const target = length === this.#data.length ? this.#data : new Float64Array(length);
    if (target === this.#data) target.copyWithin(0, this.#start, this.#end);
    else target.set(this.#data.subarray(this.#start, this.#end));
    this.#data = target;
    this.#start = 0;
    this.#end = used;
  }
}
