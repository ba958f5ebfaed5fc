import { type AlertLevel, RecordFlag, RecordKind } from '../contract/record.ts';
import { EventSlot, type EventSink } from '../core/event-slot.ts';
import type { AlertView } from '../contract/trading-messages.ts';
import type { TradingListener } from './trading-core-options.ts';
import type { TradingState } from './trading-state.ts';
import { alertView } from './trading-views.ts';

/** Way out for the records that the step makes itself. Silent while an older session is restored. */
export class JournalledOutput {
  readonly slot = new EventSlot();
  readonly listener: TradingListener;
  readonly #state: TradingState;
  readonly #sink: EventSink;

  constructor(state: TradingState, sink: EventSink, listener: TradingListener) {
    this.#state = state;
    this.#sink = sink;
    this.listener = listener;
  }

  /** The slot to fill; hand it to {@link emit} before anything else is begun. */
  begin(kind: number, instrument: number): EventSlot {
    return this.slot.begin(kind, instrument, this.#state.nowNs);
  }

  /** Marks a record as derived and hands it to the journal, which writes its sequence. */
  emit(slot: EventSlot = this.slot): void {
    if (this.#state.restoring) return;
    slot.flags |= RecordFlag.derived;
    this.#sink.emit(slot);
  }

  alert(level: AlertLevel, text: string): void {
    if (this.#state.restoring) return;
    const slot = this.begin(RecordKind.alert, 0);
    slot.id = level;
    this.emit(slot.setText(text));
    this.show(alertView(slot, this.#state.timeUs(slot.timeNs)));
  }

  /** Shows an alert that is journalled already: one of ours, or an input of the venue adapter's. */
  show(view: AlertView): void {
    this.#state.alerts.push(view);
    this.listener.onAlert?.(view);
  }
}
