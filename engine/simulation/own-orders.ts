import { isWorking, type OwnOrder } from './own-order.ts';

/** Finished orders that can still be asked for; the oldest half goes when there are more. */
const MAX_FINISHED = 20_000;

/** The account's orders by symbol and id and by client id. */
export class OwnOrders {
  readonly #bySymbol = new Map<string, Map<number, OwnOrder>>();
  readonly #byClientId = new Map<string, OwnOrder>();
  readonly #workingCount = new Map<string, number>();
  readonly #finished: OwnOrder[] = [];

  add(order: OwnOrder): void {
    let orders = this.#bySymbol.get(order.symbol);
    if (orders === undefined) {
      orders = new Map();
      this.#bySymbol.set(order.symbol, orders);
    }
    orders.set(order.orderId, order);
    this.#byClientId.set(clientKey(order.symbol, order.clientOrderId), order);
    if (isWorking(order)) this.#workingCount.set(order.symbol, this.workingCount(order.symbol) + 1);
    else this.#finished.push(order);
  }

  /** A working order has ended. */
  finish(order: OwnOrder): void {
    this.#workingCount.set(order.symbol, this.workingCount(order.symbol) - 1);
    this.#finished.push(order);
    if (this.#finished.length <= MAX_FINISHED) return;
    for (const old of this.#finished.splice(0, MAX_FINISHED >> 1)) {
      this.#bySymbol.get(old.symbol)?.delete(old.orderId);
      const key = clientKey(old.symbol, old.clientOrderId);
      if (this.#byClientId.get(key) === old) this.#byClientId.delete(key);
    }
  }

  workingCount(symbol: string): number {
    return this.#workingCount.get(symbol) ?? 0;
  }

  byId(symbol: string, orderId: number): OwnOrder | undefined {
    return this.#bySymbol.get(symbol)?.get(orderId);
  }

  /** The newest with this client id: it may be used again once its order has ended. */
  byClientId(symbol: string, clientOrderId: string): OwnOrder | undefined {
    return this.#byClientId.get(clientKey(symbol, clientOrderId));
  }

  /** Orders of one or all symbols, oldest first. */
  list(symbol?: string): OwnOrder[] {
    const of = symbol === undefined ? [...this.#bySymbol.values()] : [this.#bySymbol.get(symbol) ?? new Map()];
    return of.flatMap((orders) => [...(orders as Map<number, OwnOrder>).values()]);
  }
}

function clientKey(symbol: string, clientOrderId: string): string {
  return `${symbol} ${clientOrderId}`;
}
