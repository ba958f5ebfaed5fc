import type { OwnFill, OwnOrder } from './own-order.ts';
import { type SymbolSpec, UNITS_PER_ASSET } from './symbol-spec.ts';
import { VenueError } from './venue-error.ts';

/** Illustrative low tier; the venue tells them by `account.commission`. */
export const MAKER_FEE = 0.0002;
export const TAKER_FEE = 0.0004;

/** What a new account holds, in whole assets; assets not named get {@link OTHER_START}. */
const START: Record<string, number> = { USDT: 1_000_000, BTC: 100, ETH: 1000, SOL: 10_000 };
const OTHER_START = 100_000;

/** Free and locked funds of one asset, in 1e-8 of it. */
export interface Balance {
  free: number;
  locked: number;
}

/**
 * Balances of one API key. Funds of a working order are locked when it is placed and paid from there; fees are taken
 * from what is received (base asset when buying, quote asset when selling), as Binance does by default. All amounts
 * are integers of 1e-8, so that nothing is lost to rounding but the last digit of a fee.
 */
export class Account {
  readonly balances = new Map<string, Balance>();
  /** Assets changed since they were last taken by {@link takeChanged}. */
  readonly #changed = new Set<string>();

  /** Opens the account for the assets of these symbols; those it has already keep their funds. */
  open(specs: readonly SymbolSpec[]): void {
    for (const { baseAsset, quoteAsset } of specs) {
      for (const asset of [baseAsset, quoteAsset]) {
        if (this.balances.has(asset)) continue;
        this.balances.set(asset, { free: (START[asset] ?? OTHER_START) * UNITS_PER_ASSET, locked: 0 });
        this.#changed.add(asset);
      }
    }
  }

  balance(asset: string): Balance {
    const balance = this.balances.get(asset);
    if (balance === undefined) throw new RangeError(`Expected an asset of this venue, was "${asset}"`);
    return balance;
  }

  /**
   * Locks what the order may cost: its value when buying, its size when selling.
   * @throws VenueError -2010 when the account has less.
   */
  lock(order: OwnOrder, spec: SymbolSpec, units: number): void {
    const asset = lockedAsset(order, spec);
    const balance = this.balance(asset);
    if (balance.free < units) throw new VenueError(-2010, 'Account has insufficient balance for requested action.');
    balance.free -= units;
    balance.locked += units;
    order.lockedUnits = units;
    this.#changed.add(asset);
  }

  /** Frees what is left of the order's lock. */
  release(order: OwnOrder, spec: SymbolSpec): void {
    if (order.lockedUnits === 0) return;
    const asset = lockedAsset(order, spec);
    const balance = this.balance(asset);
    balance.locked -= order.lockedUnits;
    balance.free += order.lockedUnits;
    order.lockedUnits = 0;
    this.#changed.add(asset);
  }

  /** Books one fill: pays from the lock, credits what was bought or earned less the fee, updates the order. */
  applyFill(
    order: OwnOrder,
    spec: SymbolSpec,
    trade: { tradeId: number; priceTicks: number; lots: number; isMaker: boolean; timeMs: number },
  ): OwnFill {
    const isBuyer = order.side === 'BUY';
    const quoteUnits = trade.priceTicks * trade.lots * spec.valueUnits;
    const baseUnits = trade.lots * spec.lotUnits;
    const paid = isBuyer ? quoteUnits : baseUnits;
    const received = isBuyer ? baseUnits : quoteUnits;
    const fee = Math.round(received * (trade.isMaker ? MAKER_FEE : TAKER_FEE));
    // A limit buy that trades at a better price gives the difference back at once.
    const unlocked = isBuyer && order.priceTicks > 0 ? order.priceTicks * trade.lots * spec.valueUnits : paid;
    const payAsset = isBuyer ? spec.quoteAsset : spec.baseAsset;
    const receiveAsset = isBuyer ? spec.baseAsset : spec.quoteAsset;
    const pay = this.balance(payAsset);
    pay.locked -= unlocked;
    pay.free += unlocked - paid;
    order.lockedUnits -= unlocked;
    this.balance(receiveAsset).free += received - fee;
    this.#changed.add(payAsset).add(receiveAsset);
    order.executedLots += trade.lots;
    order.quoteUnits += quoteUnits;
    order.updateMs = trade.timeMs;
    order.status = order.executedLots === order.origLots ? 'FILLED' : 'PARTIALLY_FILLED';
    return {
      symbol: order.symbol,
      tradeId: trade.tradeId,
      orderId: order.orderId,
      priceTicks: trade.priceTicks,
      lots: trade.lots,
      quoteUnits,
      commissionUnits: fee,
      commissionAsset: receiveAsset,
      timeMs: trade.timeMs,
      isBuyer,
      isMaker: trade.isMaker,
    };
  }

  /** Sets a balance read back from the store. */
  restore(asset: string, balance: Balance): void {
    this.balances.set(asset, { ...balance });
  }

  /** Assets whose balance changed since the last call. */
  takeChanged(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }
}

function lockedAsset(order: OwnOrder, spec: SymbolSpec): string {
  return order.side === 'BUY' ? spec.quoteAsset : spec.baseAsset;
}
