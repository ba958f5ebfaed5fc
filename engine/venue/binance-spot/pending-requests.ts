/** What a request asked for. */
export const RequestKind = {
  subscribe: 1,
  time: 2,
  account: 3,
  place: 4,
  cancel: 5,
  cancelAll: 6,
  orderStatus: 7,
  trades: 8,
  openOrders: 9,
  logon: 10,
} as const;
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

export interface PendingRequest {
  kind: RequestKind;
  orderNumber: number;
  instrument: number;
  sentNs: number;
  /** Trades: how much of the order was executed; when it is over, what was left of it, and why it ended. */
  executedLots: number;
  cancelledLots: number;
  reason: string;
}

/** Requests on their way, in the order of sending. Bounded by time: each is answered or expires. */
export class PendingRequests {
  readonly #timeoutNs: number;
  readonly #requests = new Map<number, PendingRequest>();
  #nextId = 1;

  constructor(timeoutNs: number) {
    this.#timeoutNs = timeoutNs;
  }

  /** Notes a request; returns its id. */
  add(
    kind: RequestKind,
    orderNumber: number,
    instrument: number,
    sentNs: number,
    executedLots = 0,
    cancelledLots = 0,
    reason = '',
  ): number {
    const id = this.#nextId++;
    this.#requests.set(id, { kind, orderNumber, instrument, sentNs, executedLots, cancelledLots, reason });
    return id;
  }

  /** Takes a request off the list; undefined when it is not (or no longer) on it. */
  take(id: number): PendingRequest | undefined {
    const request = this.#requests.get(id);
    if (request !== undefined) this.#requests.delete(id);
    return request;
  }

  /** Takes the oldest request when it has waited too long. */
  takeExpired(timeNs: number): PendingRequest | undefined {
    for (const [id, request] of this.#requests) {
      if (timeNs - request.sentNs <= this.#timeoutNs) return undefined;
      this.#requests.delete(id);
      return request;
    }
    return undefined;
  }

  /** Takes all, oldest first. */
  takeAll(): PendingRequest[] {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    return all;
  }
}
