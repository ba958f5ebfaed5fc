import { toSteps } from '../../contract/units.ts';
import { type SymbolSpec, specFrom, stepOf } from '../symbol-spec.ts';

/** From this price on, orders are multiples of the tick; highest first. KRW markets since 2025-07-31. */
const KRW_TICKS: readonly (readonly [from: string, tick: string])[] = [
  ['1000000', '1000'],
  ['500000', '500'],
  ['100000', '100'],
  ['50000', '50'],
  ['10000', '10'],
  ['5000', '5'],
  ['100', '1'],
  ['10', '0.1'],
  ['1', '0.01'],
  ['0.1', '0.001'],
  ['0.01', '0.0001'],
  ['0.001', '0.00001'],
  ['0.0001', '0.000001'],
  ['0', '0.0000001'],
];
const BTC_TICKS = [['0', '0.00000001']] as const;
const USDT_TICKS = [
  ['10', '0.01'],
  ['1', '0.001'],
  ['0.1', '0.0001'],
  ['0.01', '0.00001'],
  ['0.001', '0.000001'],
  ['0', '0.0000001'],
] as const;
const TABLES: Readonly<Record<string, readonly (readonly [from: string, tick: string])[]>> = {
  KRW: KRW_TICKS,
  BTC: BTC_TICKS,
  USDT: USDT_TICKS,
};
/** US dollars of one unit of each quote asset. */
const DOLLARS: Readonly<Record<string, number>> = { KRW: 1 / 1480, BTC: 61_800, USDT: 1 };
const TYPICAL_DOLLARS = 2500;
const FINEST_DECIMALS = 8;

/** Tick of orders at a price, both in quote units. @throws RangeError for a quote asset that Upbit does not have. */
export function upbitTick(quote: string, price: number): string {
  const band = tableOf(quote).find(([from]) => price >= Number(from));
  if (band === undefined) throw new RangeError(`Expected a price from 0, was ${price}`);
  return band[1];
}

/** A market such as `KRW-BTC`; undefined for a quote asset that Upbit does not have. The market ticks as its price does. */
export function upbitSpec(symbol: string, base: string, quote: string, baseDollars: number): SymbolSpec | undefined {
  const quoteDollars = DOLLARS[quote];
  if (quoteDollars === undefined) return undefined;
  const price = baseDollars / quoteDollars;
  const tick = upbitTick(quote, price);
  const ticks = Math.round(price / Number(tick));
  const decimals = tick.includes('.') ? tick.length - 2 : 0;
  const text = (ticks * Number(tick)).toFixed(decimals);
  // 1e-8 coins as long as the deepest level still counts exactly.
  const sizeDecimals = Math.max(0, Math.min(FINEST_DECIMALS, 9 + Math.floor(Math.log10(baseDollars))));
  const spec = specFrom(symbol, base, quote, text, tick, stepOf(sizeDecimals), TYPICAL_DOLLARS / quoteDollars);
  const unit = stepOf(decimals);
  const own = toSteps(tick, unit);
  const bands = tableOf(quote)
    .filter(([from, step]) => Number(from) > price && Number(step) > Number(tick))
    .map(([from, step]) => ({ fromTicks: Math.ceil(toSteps(from, unit) / own), stepTicks: toSteps(step, unit) / own }));
  return bands.length === 0 ? spec : { ...spec, priceBands: bands };
}

function tableOf(quote: string): readonly (readonly [from: string, tick: string])[] {
  const table = TABLES[quote];
  if (table === undefined) throw new RangeError(`Expected quote asset KRW, BTC or USDT, was ${quote}`);
  return table;
}
