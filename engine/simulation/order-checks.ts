import { Side } from '../contract/units.ts';
import { toSteps } from '../contract/units.ts';
import type { OrderSideName, OrderTypeName, TimeInForceName } from './own-order.ts';
import type { SimulatedMarket } from './simulated-market.ts';
import { VenueError } from './venue-error.ts';

/** Prices further away than this factor of the last price are refused (PERCENT_PRICE_BY_SIDE). */
export const PRICE_FACTOR_UP = 5;
export const PRICE_FACTOR_DOWN = 0.2;
export const MAX_OPEN_ORDERS = 200;

export interface PlaceRequest {
  symbol: string;
  side: OrderSideName;
  type: OrderTypeName;
  timeInForce: TimeInForceName;
  /** 0 for a market order. */
  priceTicks: number;
  lots: number;
  clientOrderId: string;
}

/** Parameters of a request as they came in; numbers are accepted where Binance does. */
export type RequestParameters = Readonly<Record<string, unknown>>;

/** A parameter as text, undefined when absent. @throws VenueError -1102 when it is no text or number. */
export function optionalText(parameters: RequestParameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw mandatory(name);
}

export function requiredText(parameters: RequestParameters, name: string): string {
  const text = optionalText(parameters, name);
  if (text === undefined) throw mandatory(name);
  return text;
}

/** A parameter as a non-negative integer, undefined when absent. @throws VenueError -1100 when it is something else. */
export function optionalInteger(parameters: RequestParameters, name: string): number | undefined {
  const text = optionalText(parameters, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,16}$/.test(text)) {
    throw new VenueError(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,16}$'.`);
  }
  return Number(text);
}

/**
 * Reads the parameters of `order.place` and checks them against the symbol's filters.
 * @throws VenueError as Binance answers: -1102 missing, -1100/-1111/-1115/-1116/-1117 malformed, -1013 filter failure.
 */
export function readPlaceRequest(
  parameters: RequestParameters,
  market: SimulatedMarket,
  newClientOrderId: () => string,
): PlaceRequest {
  const { spec } = market;
  const side = requiredText(parameters, 'side');
  if (side !== 'BUY' && side !== 'SELL') throw new VenueError(-1117, 'Invalid side.');
  const type = requiredText(parameters, 'type');
  if (type !== 'LIMIT' && type !== 'LIMIT_MAKER' && type !== 'MARKET')
    throw new VenueError(-1116, 'Invalid orderType.');
  let timeInForce: TimeInForceName = 'GTC';
  if (type === 'LIMIT') {
    const given = requiredText(parameters, 'timeInForce');
    if (given !== 'GTC' && given !== 'IOC') throw new VenueError(-1115, 'Invalid timeInForce.');
    timeInForce = given;
  } else if (parameters['timeInForce'] !== undefined) {
    throw new VenueError(-1106, "Parameter 'timeInForce' sent when not required.");
  }
  if (type === 'MARKET' && parameters['price'] !== undefined) {
    throw new VenueError(-1106, "Parameter 'price' sent when not required.");
  }
  const lots = stepsOf(parameters, 'quantity', spec.lotSize, 'LOT_SIZE');
  if (lots < 1 || lots > spec.maxLots) throw new VenueError(-1013, 'Filter failure: LOT_SIZE');
  const priceTicks = type === 'MARKET' ? 0 : stepsOf(parameters, 'price', spec.tickSize, 'PRICE_FILTER');
  if (type !== 'MARKET') {
    if (priceTicks < 1 || priceTicks > spec.maxPriceTicks) throw new VenueError(-1013, 'Filter failure: PRICE_FILTER');
    const last = market.lastPriceTicks;
    if (priceTicks > last * PRICE_FACTOR_UP || priceTicks < last * PRICE_FACTOR_DOWN) {
      throw new VenueError(-1013, 'Filter failure: PERCENT_PRICE_BY_SIDE');
    }
  }
  const valuedAt = type === 'MARKET' ? market.lastPriceTicks : priceTicks;
  if (valuedAt * lots * spec.valueUnits < spec.minNotionalUnits)
    throw new VenueError(-1013, 'Filter failure: NOTIONAL');
  const clientOrderId = optionalText(parameters, 'newClientOrderId') ?? newClientOrderId();
  if (!/^[.A-Z:/a-z0-9_-]{1,36}$/.test(clientOrderId)) {
    throw new VenueError(
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[.A-Z:/a-z0-9_-]{1,36}$'.",
    );
  }
  return { symbol: spec.symbol, side, type, timeInForce, priceTicks, lots, clientOrderId };
}

/** 1e-8 quote units that a market buy of `lots` costs on the book as it stands; lots beyond the book cost nothing. */
export function marketBuyCost(market: SimulatedMarket, lots: number): number {
  const levels = new Float64Array(market.engine.levelCount(Side.sell) * 2);
  const count = market.engine.copyLevels(Side.sell, levels);
  let left = lots;
  let units = 0;
  for (let i = 0; i < count && left > 0; i++) {
    const taken = Math.min(left, levels[i * 2 + 1] as number);
    units += (levels[i * 2] as number) * taken * market.spec.valueUnits;
    left -= taken;
  }
  return units;
}

function stepsOf(parameters: RequestParameters, name: string, step: string, filter: string): number {
  const text = requiredText(parameters, name);
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(text)) {
    throw new VenueError(
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
    );
  }
  if (/\.\d{8}\d*[1-9]/.test(text)) throw new VenueError(-1111, `Parameter '${name}' has too much precision.`);
  try {
    return toSteps(text, step);
  } catch (error) {
    throw new VenueError(-1013, `Filter failure: ${filter}${error instanceof RangeError ? '' : ` (${String(error)})`}`);
  }
}

function mandatory(name: string): VenueError {
  return new VenueError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}
