import type { RiskRails } from '../contract/risk-rails.ts';

const wholeFields = new Set(['maxOrdersPerSecond', 'maxOpenOrders']);
const fields: readonly (keyof RiskRails)[] = [
  'maxOrderSize',
  'maxPosition',
  'maxOrderValue',
  'priceCollarBps',
  'maxOrdersPerSecond',
  'maxDailyLoss',
  'maxOpenOrders',
];
/** Ring of order times is preallocated to this. */
export const MAX_ORDERS_PER_SECOND = 10_000;

/**
 * Checks rails from settings or the page. Fails closed: a missing, unknown, negative, non-finite or non-numeric field is
 * an error, never "no limit".
 * @throws RangeError naming the field and the value.
 */
export function checkRails(value: unknown): RiskRails {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(`Expected risk rails as an object, was ${JSON.stringify(value) ?? String(value)}`);
  }
  const input = value as Record<string, unknown>;
  for (const key of Object.keys(input)) {
    if (!(fields as readonly string[]).includes(key)) throw new RangeError(`Expected a risk rail, was "${key}"`);
  }
  const checked: Partial<Record<keyof RiskRails, number>> = {};
  for (const field of fields) {
    const limit = input[field];
    if (limit === undefined) throw new RangeError(`rails.${field}: expected a number above 0, was missing`);
    if (typeof limit !== 'number' || !Number.isFinite(limit) || limit <= 0) {
      throw new RangeError(`rails.${field}: expected a number above 0, was ${JSON.stringify(limit) ?? String(limit)}`);
    }
    if (wholeFields.has(field) && !Number.isInteger(limit)) {
      throw new RangeError(`rails.${field}: expected a whole number, was ${limit}`);
    }
    checked[field] = limit;
  }
  const rails = checked as RiskRails;
  if (rails.maxOrdersPerSecond > MAX_ORDERS_PER_SECOND) {
    throw new RangeError(
      `rails.maxOrdersPerSecond: expected at most ${MAX_ORDERS_PER_SECOND}, was ${rails.maxOrdersPerSecond}`,
    );
  }
  if (rails.priceCollarBps >= 10_000) {
    throw new RangeError(`rails.priceCollarBps: expected below 10000, was ${rails.priceCollarBps}`);
  }
  return rails;
}
