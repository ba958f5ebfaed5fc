import { BookState, OrderSource, RailCode } from '../contract/record.ts';
import type { RiskRails } from '../contract/risk-rails.ts';
import { Side, type InstrumentSpec } from '../contract/units.ts';
import { checkRails, MAX_ORDERS_PER_SECOND } from './check-rails.ts';

/**
 * What the rails look at, filled by the caller before each check and reused: one consistent snapshot, no look-ups
 * half-way. Prices in ticks, sizes in lots, money in quote units.
 */
export class RiskContext {
  timeNs = 0;
  source: OrderSource = OrderSource.manual;
  side: Side = Side.none;
  priceTicks = 0;
  sizeLots = 0;
  postOnly = false;
  immediateOrCancel = false;
  reduceOnly = false;
  bookState: BookState = BookState.connecting;
  /** Mid, else last trade; 0 or below: unknown. */
  referenceTicks = 0;
  positionLots = 0;
  workingBuyLots = 0;
  workingSellLots = 0;
  openOrders = 0;
  /** Realised + unrealised - fees since the day began, all instruments. */
  dayPnl = 0;
  killActive = false;
  orderEntryUp = false;
}

/** Limits of one instrument in lots and ticks; replaced as a whole. */
interface CompiledRails {
  readonly rails: RiskRails;
  readonly maxOrderLots: Float64Array;
  readonly maxPositionLots: Float64Array;
}

/** Largest whole number of lots within `base` units; a hair of rounding must not cost a lot. */
function lotsWithin(base: number, lotSize: string): number {
  return Math.floor(base / Number(lotSize) + 1e-6);
}

/**
 * Pre-trade rails. Manual, strategy and kill-switch orders pass the same checks; the kill switch is exempt only from
 * those that would keep it from getting flat (book state, rate, daily loss, number of open orders, kill state).
 * Fails closed: without a reference price nothing passes.
 */
export class RiskRailsCheck {
  readonly #instruments: readonly InstrumentSpec[];
  #quotePerTickLot: Float64Array;
  #compiled: CompiledRails;
  /** Times of the newest orders that counted towards the rate, a ring. */
  readonly #times = new Float64Array(MAX_ORDERS_PER_SECOND).fill(Number.NEGATIVE_INFINITY);
  #next = 0;
  /** Limit that refused the last order, in the rail's own unit. */
  brokenLimit = 0;

  /** @param instruments the step's list, which grows. */
  constructor(instruments: readonly InstrumentSpec[], rails: RiskRails) {
    this.#instruments = instruments;
    this.#quotePerTickLot = quotePerTickLotOf(instruments);
    this.#compiled = this.#compile(checkRails(rails));
  }

  get rails(): RiskRails {
    return this.#compiled.rails;
  }

  /** One more instrument is in the list that was handed over. */
  instrumentAdded(): void {
    this.#quotePerTickLot = quotePerTickLotOf(this.#instruments);
    this.#compiled = this.#compile(this.#compiled.rails);
  }

  /** Takes new rails as a whole. @throws RangeError naming field and value; the old rails stay. */
  replace(rails: unknown): void {
    this.#compiled = this.#compile(checkRails(rails));
  }

  maxOrderLots(instrument: number): number {
    return this.#compiled.maxOrderLots[instrument] as number;
  }

  /** Highest and lowest limit price within the collar around a reference, whole ticks rounded inward. */
  collarHighTicks(referenceTicks: number): number {
    return Math.floor(referenceTicks * (1 + this.#compiled.rails.priceCollarBps / 10_000));
  }
  collarLowTicks(referenceTicks: number): number {
    return Math.ceil(referenceTicks * (1 - this.#compiled.rails.priceCollarBps / 10_000));
  }

  /** Quote value of an order. */
  valueOf(instrument: number, priceTicks: number, sizeLots: number): number {
    return priceTicks * sizeLots * (this.#quotePerTickLot[instrument] as number);
  }

  /** 0 when the order may go out, else the RailCode that refuses it ({@link brokenLimit} tells the limit). */
  check(instrument: number, c: RiskContext): RailCode | 0 {
    const { rails } = this.#compiled;
    const kill = c.source === OrderSource.killSwitch;
    this.brokenLimit = 0;
    if (
      (c.side !== Side.buy && c.side !== Side.sell) ||
      !Number.isSafeInteger(c.sizeLots) ||
      c.sizeLots <= 0 ||
      !Number.isSafeInteger(c.priceTicks) ||
      c.priceTicks <= 0 ||
      (c.postOnly && c.immediateOrCancel)
    ) {
      return RailCode.invalidOrder;
    }
    if (!c.orderEntryUp) return RailCode.orderEntryDown;
    if (c.killActive && !kill) return RailCode.killSwitch;
    if (c.bookState !== BookState.live && !kill) return RailCode.bookNotLive;
    if (!(c.referenceTicks > 0) || !Number.isFinite(c.referenceTicks)) return RailCode.noReferencePrice;
    if (c.priceTicks > this.collarHighTicks(c.referenceTicks) || c.priceTicks < this.collarLowTicks(c.referenceTicks)) {
      return this.#broken(RailCode.priceCollar, rails.priceCollarBps);
    }
    const maxOrderLots = this.#compiled.maxOrderLots[instrument] as number;
    if (c.sizeLots > maxOrderLots) return this.#broken(RailCode.maxOrderSize, rails.maxOrderSize);
    const value = this.valueOf(instrument, c.priceTicks, c.sizeLots);
    // Each as "not within": a figure that is no number must refuse, not pass.
    if (!(value <= rails.maxOrderValue)) return this.#broken(RailCode.maxOrderValue, rails.maxOrderValue);
    const { minNotional } = this.#instruments[instrument] as InstrumentSpec;
    if (!(value >= minNotional)) return this.#broken(RailCode.minNotional, minNotional);
    const reducing = isReducing(c);
    if (c.reduceOnly && !reducing) return this.#broken(RailCode.notReducing, c.positionLots);
    if (!reducing && this.#exceedsPosition(instrument, c)) return this.#broken(RailCode.maxPosition, rails.maxPosition);
    if (kill) return 0;
    if (!(c.dayPnl > -rails.maxDailyLoss) && !reducing) return this.#broken(RailCode.dailyLoss, rails.maxDailyLoss);
    if (c.openOrders >= rails.maxOpenOrders) return this.#broken(RailCode.tooManyOpenOrders, rails.maxOpenOrders);
    if (!this.rateAllows(c.timeNs)) return this.#broken(RailCode.orderRate, rails.maxOrdersPerSecond);
    return 0;
  }

  /** May one more order (or a strategy's cancel) go out within this second? */
  rateAllows(timeNs: number): boolean {
    const { maxOrdersPerSecond } = this.#compiled.rails;
    const at = (this.#next - maxOrdersPerSecond + MAX_ORDERS_PER_SECOND) % MAX_ORDERS_PER_SECOND;
    return timeNs - (this.#times[at] as number) >= 1e9;
  }

  /** Counts an order, or a strategy's cancel, that went out. */
  countMessage(timeNs: number): void {
    this.#times[this.#next] = timeNs;
    this.#next = (this.#next + 1) % MAX_ORDERS_PER_SECOND;
  }

  /** Worst case: everything that works on this side fills too. */
  #exceedsPosition(instrument: number, c: RiskContext): boolean {
    const max = this.#compiled.maxPositionLots[instrument] as number;
    return c.side === Side.buy
      ? !(c.positionLots + c.workingBuyLots + c.sizeLots <= max)
      : !(c.positionLots - c.workingSellLots - c.sizeLots >= -max);
  }

  #broken(code: RailCode, limit: number): RailCode {
    this.brokenLimit = limit;
    return code;
  }

  #compile(rails: RiskRails): CompiledRails {
    return {
      rails,
      maxOrderLots: Float64Array.from(this.#instruments, (i) => lotsWithin(rails.maxOrderSize, i.lotSize)),
      maxPositionLots: Float64Array.from(this.#instruments, (i) => lotsWithin(rails.maxPosition, i.lotSize)),
    };
  }
}

function quotePerTickLotOf(instruments: readonly InstrumentSpec[]): Float64Array {
  return Float64Array.from(instruments, (i) => Number(i.tickSize) * Number(i.lotSize));
}

/** True when the order, with everything working on its side, cannot take the position through zero. */
function isReducing(c: RiskContext): boolean {
  return c.side === Side.sell
    ? c.positionLots > 0 && c.workingSellLots + c.sizeLots <= c.positionLots
    : c.positionLots < 0 && c.workingBuyLots + c.sizeLots <= -c.positionLots;
}
