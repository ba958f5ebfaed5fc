import { RecordKind } from '../../contract/record.ts';
import type { EventSink, EventSlot } from '../../core/event-slot.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import type { JournalWriter } from '../../journal/journal-writer.ts';
import type { StageHistograms } from './stage-histograms.ts';

export interface TradeListener {
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
  readonly eventCounts: Float64Array;
  /** Engine time of the newest market event per instrument, ns. */
  readonly marketTimesNs: Float64Array;
  /** Venue time of the newest market event per instrument, us since the epoch. */
  readonly exchangeTimesUs: Float64Array;
  /** Market records of all instruments. */
  marketEvents = 0;
  /** Monotonic ns when the bytes of the current message left the socket; 0 between messages. */
  readNs = 0;
  #startNs = 0;
  #decoding = false;
  #core: TradingCore | undefined;
  #trades: TradeListener | undefined;

  readonly derived: EventSink = {
    emit: (slot) => {
      this.#journal.append(slot);
    },
  };

  constructor(journal: JournalWriter, stages: StageHistograms, instruments: number, nowNs: () => number) {
    this.#journal = journal;
    this.#stages = stages;
    this.#nowNs = nowNs;
    this.eventCounts = new Float64Array(instruments);
    this.marketTimesNs = new Float64Array(instruments);
    this.exchangeTimesUs = new Float64Array(instruments);
  }

  connect(core: TradingCore, trades: TradeListener): void {
    this.#core = core;
    this.#trades = trades;
  }

  /** A socket message is about to be decoded. */
  beginMessage(readNs: number): void {
    const nowNs = this.#nowNs();
    this.readNs = readNs;
    this.#startNs = nowNs;
    this.#decoding = true;
    this.#stages.read.record(nowNs - readNs);
  }

  /** The message is done. A live source flushes after each, a recording after each slice. */
  endMessage(): void {
    this.#decoding = false;
    this.readNs = 0;
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
      if (slot.exchangeTimeUs > 0) this.exchangeTimesUs[instrument] = slot.exchangeTimeUs;
    }
    if (kind === RecordKind.trade) {
      this.#trades?.onTrade(instrument, slot.exchangeTimeUs, slot.priceTicks, slot.sizeLots, slot.id, slot.side);
    }
    this.#core?.step(slot);
  }
}
