import { VenueError } from '../venue-error.ts';

export const WEIGHT_PER_MINUTE = 6000;
export const ORDERS_PER_TEN_SECONDS = 100;
/** Requests refused within one minute before the address is banned. */
const REFUSALS_BEFORE_BAN = 200;
const BAN_MS = 60_000;

/** One entry of `rateLimits` in WebSocket API answers and of exchangeInfo (there without a count). */
export interface RateLimitView {
  rateLimitType: 'REQUEST_WEIGHT' | 'ORDERS';
  interval: 'MINUTE' | 'SECOND';
  intervalNum: number;
  limit: number;
  count: number;
}

class Window {
  count = 0;
  readonly lengthMs: number;
  #startMs = 0;

  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
  }

  /** Empties the window when a new one has begun. */
  at(nowMs: number): this {
    const startMs = nowMs - (nowMs % this.lengthMs);
    if (startMs !== this.#startMs) {
      this.#startMs = startMs;
      this.count = 0;
    }
    return this;
  }
  endMs(nowMs: number): number {
    return nowMs - (nowMs % this.lengthMs) + this.lengthMs;
  }
}

/** Request weight a minute and orders per ten seconds. All clients of the loopback venue share one address, so one count. */
export class RateLimits {
  readonly #weight = new Window(60_000);
  readonly #orders = new Window(10_000);
  readonly #refusals = new Window(60_000);
  readonly ordersPerTenSeconds: number;
  readonly weightPerMinute: number;
  #bannedUntilMs = 0;

  constructor(ordersPerTenSeconds = ORDERS_PER_TEN_SECONDS, weightPerMinute = WEIGHT_PER_MINUTE) {
    this.ordersPerTenSeconds = ordersPerTenSeconds;
    this.weightPerMinute = weightPerMinute;
  }

  /** @throws VenueError -1003, status 429, or 418 while banned for not having backed off. */
  spendWeight(weight: number, nowMs: number): void {
    if (nowMs < this.#bannedUntilMs) throw this.#refuse(418, this.#bannedUntilMs);
    const window = this.#weight.at(nowMs);
    window.count += weight;
    if (window.count <= this.weightPerMinute) return;
    const refusals = this.#refusals.at(nowMs);
    if (++refusals.count >= REFUSALS_BEFORE_BAN) this.#bannedUntilMs = nowMs + BAN_MS;
    throw this.#refuse(429, window.endMs(nowMs));
  }

  /** @throws VenueError -1015, status 429. */
  spendOrder(nowMs: number): void {
    const window = this.#orders.at(nowMs);
    if (window.count >= this.ordersPerTenSeconds) {
      throw new VenueError(
        -1015,
        `Too many new orders; current limit is ${this.ordersPerTenSeconds} orders per 10 SECOND.`,
        429,
        window.endMs(nowMs),
      );
    }
    window.count++;
  }

  usedWeight(nowMs: number): number {
    return this.#weight.at(nowMs).count;
  }

  view(nowMs: number, withOrders: boolean): RateLimitView[] {
    const weight: RateLimitView = {
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit: this.weightPerMinute,
      count: this.#weight.at(nowMs).count,
    };
    if (!withOrders) return [weight];
    const orders: RateLimitView = {
      rateLimitType: 'ORDERS',
      interval: 'SECOND',
      intervalNum: 10,
      limit: this.ordersPerTenSeconds,
      count: this.#orders.at(nowMs).count,
    };
    return [orders, weight];
  }

  #refuse(status: 418 | 429, untilMs: number): VenueError {
    const message =
      status === 418
        ? `Way too much request weight used; IP banned until ${untilMs}.`
        : `Too much request weight used; current limit is ${this.weightPerMinute} request weight per 1 MINUTE.`;
    return new VenueError(-1003, message, status, untilMs);
  }
}
