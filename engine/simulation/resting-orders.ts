/** Ids and prices of the background's orders on one side: any of them can be drawn or removed in constant time. */
export class RestingOrders {
  readonly ids: number[] = [];
  readonly prices: number[] = [];
  readonly #indexOf = new Map<number, number>();

  add(id: number, priceTicks: number): void {
    this.#indexOf.set(id, this.ids.length);
    this.ids.push(id);
    this.prices.push(priceTicks);
  }

  /** False when the order is not one of these. */
  remove(id: number): boolean {
    const at = this.#indexOf.get(id);
    if (at === undefined) return false;
    const lastId = this.ids.pop() as number;
    const lastPrice = this.prices.pop() as number;
    if (lastId !== id) {
      this.ids[at] = lastId;
      this.prices[at] = lastPrice;
      this.#indexOf.set(lastId, at);
    }
    this.#indexOf.delete(id);
    return true;
  }
}
