import type { Order } from './order.ts';
import type { ActionSink } from './trading-core-options.ts';

const ActionKind = { place: 1, cancel: 2, cancelAll: 3, queryOrder: 4, queryOpenOrders: 5, crossed: 6 } as const;
type ActionKind = (typeof ActionKind)[keyof typeof ActionKind];

interface Action {
  kind: ActionKind;
  order: Order | undefined;
  instrument: number;
  timeNs: number;
  reason: string;
}

/**
 * Actions of a step, held back until the step is done, so that a sink may feed records back into the step from inside
 * (a send that fails at once). Entries are reused.
 */
export class ActionQueue implements ActionSink {
  readonly #sink: ActionSink;
  readonly #actions: Action[] = [];
  #size = 0;
  #flushing = false;

  constructor(sink: ActionSink) {
    this.#sink = sink;
  }

  place(order: Order, timeNs: number): void {
    this.#push(ActionKind.place, order, order.instrument, timeNs);
  }
  cancel(order: Order, timeNs: number): void {
    this.#push(ActionKind.cancel, order, order.instrument, timeNs);
  }
  cancelAll(instrument: number, timeNs: number): void {
    this.#push(ActionKind.cancelAll, undefined, instrument, timeNs);
  }
  queryOrder(order: Order, timeNs: number): void {
    this.#push(ActionKind.queryOrder, order, order.instrument, timeNs);
  }
  queryOpenOrders(instrument: number, timeNs: number): void {
    this.#push(ActionKind.queryOpenOrders, undefined, instrument, timeNs);
  }
  crossed(instrument: number, timeNs: number, reason: string): void {
    this.#push(ActionKind.crossed, undefined, instrument, timeNs, reason);
  }

  /** Hands everything out; what is added meanwhile goes out too, from the outermost call. */
  flush(): void {
    if (this.#flushing || this.#size === 0) return;
    this.#flushing = true;
    try {
      for (let i = 0; i < this.#size; i++) {
        const { kind, order, instrument, timeNs, reason } = this.#actions[i] as Action;
        if (kind === ActionKind.place) this.#sink.place(order as Order, timeNs);
        else if (kind === ActionKind.cancel) this.#sink.cancel(order as Order, timeNs);
        else if (kind === ActionKind.cancelAll) this.#sink.cancelAll(instrument, timeNs);
        else if (kind === ActionKind.queryOrder) this.#sink.queryOrder(order as Order, timeNs);
        else if (kind === ActionKind.queryOpenOrders) this.#sink.queryOpenOrders(instrument, timeNs);
        else this.#sink.crossed(instrument, timeNs, reason);
      }
    } finally {
      this.#size = 0;
      this.#flushing = false;
    }
  }

  #push(kind: ActionKind, order: Order | undefined, instrument: number, timeNs: number, reason = ''): void {
    const action = this.#actions[this.#size];
    if (action === undefined) {
      this.#actions.push({ kind, order, instrument, timeNs, reason });
    } else {
      action.kind = kind;
      action.order = order;
      action.instrument = instrument;
      action.timeNs = timeNs;
      action.reason = reason;
    }
    this.#size++;
  }
}
