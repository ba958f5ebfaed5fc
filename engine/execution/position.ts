import { Side, type InstrumentSpec } from '../contract/units.ts';

/** Quote value of one lot at one tick. */
export function quotePerTickLot(spec: Pick<InstrumentSpec, 'tickSize' | 'lotSize'>): number {
  return Number(spec.tickSize) * Number(spec.lotSize);
}

/**
 * Position of one instrument at average cost. Lots and the cash flow in ticks * lots are exact integers (below 2^53:
 * at 10 million ticks that is 900 million lots of turnover on one side); only the cost of a partly closed position is
 * fractional, and it vanishes when the position is flat, so no error accumulates. Quote units appear at the edge.
 */
export class Position {
  readonly #quotePerTickLot: number;
  /** Signed: above 0 long. */
  positionLots = 0;
  /** What sells brought in minus what buys cost, ticks * lots, exact. */
  cashTickLots = 0;
  /** Signed cost of the open position, ticks * lots. */
  openCostTickLots = 0;
  /** Quote units. */
  fees = 0;
  boughtLots = 0;
  soldLots = 0;

  constructor(spec: Pick<InstrumentSpec, 'tickSize' | 'lotSize'>) {
    this.#quotePerTickLot = quotePerTickLot(spec);
  }

  /** Flat, with no history. */
  reset(): void {
    this.positionLots = 0;
    this.cashTickLots = 0;
    this.openCostTickLots = 0;
    this.fees = 0;
    this.boughtLots = 0;
    this.soldLots = 0;
  }

  applyFill(side: Side, priceTicks: number, sizeLots: number, feeQuote: number): void {
    const signed = side === Side.buy ? sizeLots : -sizeLots;
    const before = this.positionLots;
    const after = before + signed;
    this.cashTickLots -= signed * priceTicks;
    if (!Number.isSafeInteger(this.cashTickLots)) {
      throw new RangeError(`Expected turnover below 2^53 ticks * lots, was ${this.cashTickLots}`);
    }
    if (after === 0) this.openCostTickLots = 0;
    else if (before === 0 || before > 0 !== after > 0) this.openCostTickLots = after * priceTicks;
    else if (before > 0 === signed > 0) this.openCostTickLots += signed * priceTicks;
    else this.openCostTickLots *= after / before;
    this.positionLots = after;
    this.fees += feeQuote;
    if (signed > 0) this.boughtLots += sizeLots;
    else this.soldLots += sizeLots;
  }

  /** Ticks, fractional; 0 when flat. */
  get averagePriceTicks(): number {
    return this.positionLots === 0 ? 0 : this.openCostTickLots / this.positionLots;
  }

  /** Quote units, fees not deducted. */
  get realizedPnl(): number {
    return (this.cashTickLots + this.openCostTickLots) * this.#quotePerTickLot;
  }

  /** Quote units at a mark price in (fractional) ticks; 0 when the mark is unknown (0 or below). */
  unrealizedPnl(markTicks: number): number {
    if (this.positionLots === 0 || !(markTicks > 0)) return 0;
    return (this.positionLots * markTicks - this.openCostTickLots) * this.#quotePerTickLot;
  }

  /** Realised + unrealised - fees, quote units. */
  netPnl(markTicks: number): number {
    return this.realizedPnl + this.unrealizedPnl(markTicks) - this.fees;
  }
}
