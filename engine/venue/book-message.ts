/** Levels that a message may hold, both sides together. */
const MAX_LEVELS = 8192;

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
  readonly bid = new Uint8Array(MAX_LEVELS);
  readonly ticks = new Float64Array(MAX_LEVELS);
  readonly lots = new Float64Array(MAX_LEVELS);
  readonly priceDecimals = new Uint8Array(MAX_LEVELS);
  readonly sizeDecimals = new Uint8Array(MAX_LEVELS);

  reset(instrument: number): void {
    this.instrument = instrument;
    this.snapshot = this.hasChecksum = this.hasSequence = false;
    this.timeUs = this.oldestUs = this.checksum = this.previousSequence = this.sequence = this.count = 0;
  }

  /** @throws RangeError when the message has too many levels. */
  add(bid: boolean, ticks: number, lots: number, priceDecimals: number, sizeDecimals: number): void {
    const at = this.count;
    if (at === MAX_LEVELS) throw new RangeError(`Expected at most ${MAX_LEVELS} levels in a message, was more`);
    this.bid[at] = bid ? 1 : 0;
    this.ticks[at] = ticks;
    this.lots[at] = lots;
    this.priceDecimals[at] = priceDecimals;
    this.sizeDecimals[at] = sizeDecimals;
    this.count = at + 1;
  }
}
