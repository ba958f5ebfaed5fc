/** A snapshot may be told by another server of the venue than the updates before it: their clocks are this close. */
const TOLERANCE_US = 1e6;
/** A time that runs ahead of this machine's by more than this since the last is not believed: it would doubt all that follow. */
const MAX_JUMP_US = 10e6;
/** After as many refusals in a row the doubt is about the times: the next snapshot is taken as it is. */
const MAX_REFUSALS = 3;

/**
 * Tells a snapshot of long ago, which only the next update would expose, by its time: it is older than what the venue
 * has told of this book already, on whatever connection.
 */
export class SnapshotAge {
  #heardUs = 0;
  #heardNs = 0;
  #refusals = 0;

  /** A message was taken. @param timeUs when the venue sent it, since the epoch; 0 unknown. */
  hear(timeUs: number, timeNs: number): void {
    this.#refusals = 0;
    if (timeUs === 0) return;
    const aheadUs = timeUs - this.#heardUs - (timeNs - this.#heardNs) / 1000;
    if (this.#heardUs !== 0 && aheadUs > MAX_JUMP_US) return;
    this.#heardUs = timeUs;
    this.#heardNs = timeNs;
  }

  /** ms that a snapshot is older than what was heard before, when it must not be taken; else 0. */
  refuse(timeUs: number): number {
    if (timeUs === 0 || timeUs >= this.#heardUs - TOLERANCE_US || this.#refusals >= MAX_REFUSALS) return 0;
    this.#refusals++;
    return Math.round((this.#heardUs - timeUs) / 1000);
  }
}
