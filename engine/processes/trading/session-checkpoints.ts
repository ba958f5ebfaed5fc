import { RecordFlag, RecordKind } from '../../contract/record.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { CHECKPOINT_VERSION } from '../../execution/checkpoint-format.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import type { JournalWriter } from '../../journal/journal-writer.ts';

/**
 * Writes a checkpoint at the start of a session and soon after the journal has started a new segment, so that recovery
 * never reads much more than one segment. Call it between steps only.
 */
export class SessionCheckpoints {
  readonly #core: TradingCore;
  readonly #journal: JournalWriter;
  readonly #nowNs: () => number;
  readonly #slot = new EventSlot();
  /** Segment of the newest checkpoint. */
  #segment = 0;

  constructor(core: TradingCore, journal: JournalWriter, nowNs: () => number) {
    this.#core = core;
    this.#journal = journal;
    this.#nowNs = nowNs;
  }

  /** Writes one now and hands it to the operating system. @throws JournalFailedError */
  write(): void {
    const slot = this.#slot.begin(RecordKind.checkpoint, 0, this.#nowNs());
    slot.flags = RecordFlag.derived;
    slot.id = CHECKPOINT_VERSION;
    try {
      this.#journal.append(slot.setText(this.#core.checkpoint()));
      this.#journal.flush();
    } catch (error) {
      // Too long for a record: recovery reads on from the checkpoint before.
      if (!(error instanceof RangeError)) throw error;
      console.error(`no checkpoint in journal segment ${this.#journal.segment}: ${error.message}`);
    }
    // Asked afterwards: the checkpoint itself may have started the segment it is in.
    this.#segment = this.#journal.segment;
  }

  /** Writes one when the journal is in another segment than the newest. @throws JournalFailedError */
  writeIfRolled(): void {
    if (this.#journal.segment !== this.#segment) this.write();
  }
}
