/**
 * Orders and fills as the engine reported them. Changes are taken at once (outside rAF, also in a hidden window) and
 * published to React at most every {@link PUBLISH_MS}; views that need them earlier read the maps.
 */
import { create } from 'zustand';
import type { FillView, OrderStatus, OrderView } from '../../engine/contract/trading-messages.ts';

export const PUBLISH_MS = 50;
/** Finished orders and fills kept in the page; older ones are in storage. */
export const MAX_FINISHED_ORDERS = 500;
export const MAX_FILLS = 5000;

const finished: ReadonlySet<OrderStatus> = new Set(['filled', 'cancelled', 'rejected']);

export function isFinished(status: OrderStatus): boolean {
  return finished.has(status);
}

export interface OrdersState {
  /** Open orders first, newest first within. */
  orders: OrderView[];
  openCount: number;
  /** Newest first. */
  fills: FillView[];
}

export const useOrdersStore = create<OrdersState>()(() => ({ orders: [], openCount: 0, fills: [] }));

/** Truth behind the store; the only writer is the trading link. */
export class OrderLedger {
  readonly #orders = new Map<number, OrderView>();
  readonly #fills: FillView[] = [];
  readonly #fillSequences = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  /** Called on every change, before React hears of it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get orders(): ReadonlyMap<number, OrderView> {
    return this.#orders;
  }

  /** Oldest first. */
  get fills(): readonly FillView[] {
    return this.#fills;
  }

  replace(orders: readonly OrderView[], fills: readonly FillView[]): void {
    this.#orders.clear();
    this.#fills.length = 0;
    this.#fillSequences.clear();
    for (const order of orders) this.#orders.set(order.orderNumber, order);
    for (const fill of [...fills].sort((a, b) => a.sequence - b.sequence)) this.#addFill(fill);
    this.#changed();
  }

  putOrder(order: OrderView): void {
    this.#orders.set(order.orderNumber, order);
    if (this.#orders.size > MAX_FINISHED_ORDERS * 2) this.#forgetOldest();
    this.#changed();
  }

  putFill(fill: FillView): void {
    this.#addFill(fill);
    this.#changed();
  }

  #addFill(fill: FillView): void {
    if (this.#fillSequences.has(fill.sequence)) return;
    this.#fillSequences.add(fill.sequence);
    this.#fills.push(fill);
    if (this.#fills.length > MAX_FILLS * 1.2) {
      for (const old of this.#fills.splice(0, this.#fills.length - MAX_FILLS)) this.#fillSequences.delete(old.sequence);
    }
  }

  #forgetOldest(): void {
    const done = [...this.#orders.values()].filter((order) => isFinished(order.status));
    done.sort((a, b) => a.updatedUs - b.updatedUs);
    for (const order of done.slice(0, Math.max(0, done.length - MAX_FINISHED_ORDERS))) {
      this.#orders.delete(order.orderNumber);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.publish();
    }, PUBLISH_MS);
  }

  /** Hands the present state to React. */
  publish(): void {
    const open: OrderView[] = [];
    const done: OrderView[] = [];
    for (const order of this.#orders.values()) (isFinished(order.status) ? done : open).push(order);
    open.sort((a, b) => b.orderNumber - a.orderNumber);
    done.sort((a, b) => b.updatedUs - a.updatedUs || b.orderNumber - a.orderNumber);
    done.length = Math.min(done.length, MAX_FINISHED_ORDERS);
    useOrdersStore.setState({
      orders: [...open, ...done],
      openCount: open.length,
      fills: this.#fills.slice(-1000).reverse(),
    });
  }
}
