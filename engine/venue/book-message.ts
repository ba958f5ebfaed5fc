/** Levels that a message may hold, both sides together; as much room again is for levels that it pushes out. */
export const MAX_LEVELS = 8192;
const ROOM = 2 * MAX_LEVELS;

/** One decoded book message: its levels in the order sent, and whatever it proves itself with. Reused. */
export class BookMessage {
  instrument = -1;
  /** Replaces the whole book. */
  snapshot = false;
  /** us since the epoch: the newest change in the message; 0 unknown. */
  timeUs = 0;
  /** us since the epoch: the oldest new change; 0 where the venue does not promise rising times. */
  oldestUs = 0;
  hasChecksum = false;
  /** Unsigned. */
  checksum = 0;
  hasSequence = false;
  previousSequence = 0;
  sequence = 0;

  /** Levels, bids and asks mixed: 1 for a bid, 0 for an ask. */
  count = 0;
  readonly bid = new Uint8Array(ROOM);
  readonly ticks = new Float64Array(ROOM);
  readonly lots = new Float64Array(ROOM);
  readonly priceDecimals = new Uint8Array(ROOM);
  readonly sizeDecimals = new Uint8Array(ROOM);

  reset(instrument: number): void {
    this.instrument = instrument;
    this.snapshot = this.hasChecksum = this.hasSequence = false;
    this.timeUs = this.oldestUs = this.checksum = this.previousSequence = this.sequence = this.count = 0;
  }

  /** No further level of the message's own fits. */
  get isFull(): boolean {
    return this.count >= MAX_LEVELS;
  }

  /** @throws RangeError when the message has too many levels. */
  add(bid: boolean, ticks: number, lots: number, priceDecimals: number, sizeDecimals: number): void {
    if (this.isFull) throw new RangeError(`Expected at most ${MAX_LEVELS} levels in a message, was more`);
    const at = this.count++;
    this.bid[at] = bid ? 1 : 0;
    this.ticks[at] = ticks;
    this.lots[at] = lots;
    this.priceDecimals[at] = priceDecimals;
    this.sizeDecimals[at] = sizeDecimals;
  }

  /** Adds the removal of a level that the others pushed out of the venue's depth: at most one for each of them. */
  addPushedOut(bid: boolean, ticks: number): void {
    const at = this.count++;
    this.bid[at] = bid ? 1 : 0;
    this.ticks[at] = ticks;
    this.lots[at] = 0;
  }
}
