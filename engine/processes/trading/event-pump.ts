import { RecordKind } from '../../contract/record.ts';
import type { EventSink, EventSlot } from '../../core/event-slot.ts';
import { grownFloat64 } from '../../core/grown-array.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import type { JournalWriter } from '../../journal/journal-writer.ts';
import type { StageHistograms } from './stage-histograms.ts';

export interface PumpListener {
  /** After the timer was stepped: what is derived from time outside of the step. */
  onTimer(timeNs: number): void;
  onTrade(instrument: number, timeUs: number, priceTicks: number, sizeLots: number, id: number, side: number): void;
}

/**
 * The one way into the step: every input record is appended to the journal first, then stepped. What the step derives
 * comes back through `derived` and is only journalled.
 */
export class EventPump implements EventSink {
  readonly #journal: JournalWriter;
  readonly #stages: StageHistograms;
  readonly #nowNs: () => number;
  /** Market events per instrument since the start; pages compare it to see that something is new. */
  eventCounts: Float64Array;
  /** Engine time of the newest market event per instrument, ns. */
  marketTimesNs: Float64Array;
  /** Venue time of the newest market event per instrument, us since the epoch. */
  exchangeTimesUs: Float64Array;
  /** Smallest receive time minus venue time per instrument since it was taken, ns. */
  #smallestLagsNs: Float64Array;
  readonly #originUs: number;
  /** Market records of all instruments. */
  marketEvents = 0;
  /** Monotonic ns when the bytes of the current message left the socket; 0 between messages. */
  readNs = 0;
  #startNs = 0;
  #decoding = false;
  #core: TradingCore | undefined;
  #listener: PumpListener | undefined;

  readonly derived: EventSink = {
    emit: (slot) => {
      this.#journal.append(slot);
    },
  };

  /** @param originUs wall clock of engine time 0, us since the epoch. */
  constructor(
    journal: JournalWriter,
    stages: StageHistograms,
    instruments: number,
    nowNs: () => number,
    originUs: number,
  ) {
    this.#journal = journal;
    this.#stages = stages;
    this.#nowNs = nowNs;
    this.eventCounts = new Float64Array(instruments);
    this.marketTimesNs = new Float64Array(instruments);
    this.exchangeTimesUs = new Float64Array(instruments);
    this.#smallestLagsNs = new Float64Array(instruments).fill(Number.POSITIVE_INFINITY);
    this.#originUs = originUs;
  }

  connect(core: TradingCore, listener: PumpListener): void {
    this.#core = core;
    this.#listener = listener;
  }

  /** Makes room for an instrument that joins; its record comes next. */
  addInstrument(index: number): void {
    this.eventCounts = grownFloat64(this.eventCounts, index + 1);
    this.marketTimesNs = grownFloat64(this.marketTimesNs, index + 1);
    this.exchangeTimesUs = grownFloat64(this.exchangeTimesUs, index + 1);
    this.#smallestLagsNs = grownFloat64(this.#smallestLagsNs, index + 1);
    this.#smallestLagsNs[index] = Number.POSITIVE_INFINITY;
  }

  /** A socket message is about to be decoded. */
  beginMessage(readNs: number): void {
    const nowNs = this.#nowNs();
    this.readNs = readNs;
    this.#startNs = nowNs;
    this.#decoding = true;
    this.#stages.read.record(nowNs - readNs);
  }

  /** The message is done. A live source flushes after all of one read, a recording after each slice. */
  endMessage(): void {
    this.#decoding = false;
    this.readNs = 0;
  }

  /** Smallest receive time minus venue time since the last call, ns; Infinity where no message came. */
  takeSmallestLagNs(instrument: number): number {
    const lagNs = this.#smallestLagsNs[instrument] as number;
    this.#smallestLagsNs[instrument] = Number.POSITIVE_INFINITY;
    return lagNs;
  }

  /** Hands what was journalled to the operating system, in one write; measured as stage `journal`. */
  flush(): void {
    const { failure, flushedSequence, lastSequence } = this.#journal;
    // Nothing to write is no write: it would make the stage look faster than it is. A failed journal still throws.
    if (failure === undefined && flushedSequence === lastSequence) return;
    const beforeNs = this.#nowNs();
    this.#journal.flush();
    this.#stages.journal.record(this.#nowNs() - beforeNs);
  }

  emit(slot: EventSlot): void {
    if (this.#decoding) {
      this.#decoding = false;
      this.#stages.decode.record(this.#nowNs() - this.#startNs);
    }
    this.#journal.append(slot);
    const kind = slot.kind;
    const instrument = slot.instrument;
    if (kind >= RecordKind.snapshotBegin && kind <= RecordKind.bookState) {
      this.marketEvents++;
      this.eventCounts[instrument]!++;
      this.marketTimesNs[instrument] = slot.timeNs;
      const { exchangeTimeUs } = slot;
      if (exchangeTimeUs > 0) {
        this.exchangeTimesUs[instrument] = exchangeTimeUs;
        const lagNs = slot.timeNs - (exchangeTimeUs - this.#originUs) * 1000;
        if (lagNs < (this.#smallestLagsNs[instrument] as number)) this.#smallestLagsNs[instrument] = lagNs;
      }
    }
    if (kind === RecordKind.trade) {
      this.#listener?.onTrade(instrument, slot.exchangeTimeUs, slot.priceTicks, slot.sizeLots, slot.id, slot.side);
    }
    this.#core?.step(slot);
    if (kind === RecordKind.timer) this.#listener?.onTimer(slot.timeNs);
  }
}
