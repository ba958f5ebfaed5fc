import type { MarketProtocol } from '../contract/market-protocol.ts';

/** How a venue tells its time over REST. */
export interface VenueTime {
  /** Relative to the REST base address. */
  path: string;
  /** Last digit of what it says, us. */
  resolutionUs: number;
  /** us since the epoch. @throws RangeError naming the field when the answer is another. */
  read(body: Uint8Array): number;
}

const decoder = new TextDecoder();

function binance(path: string): VenueTime {
  return { path, resolutionUs: 1_000, read: (body) => timeAt(body, ['serverTime'], 1_000) };
}

const bybit: VenueTime = {
  path: '/v5/market/time',
  resolutionUs: 1,
  read: (body) => timeAt(body, ['result', 'timeNano'], 1e-3),
};

/**
 * Venues with a time of at least a second's resolution. Upbit has none: the `Date` of its answers is cut to the second
 * and set by its front, so that its clock is known from the feed alone.
 */
export const venueTimes: Readonly<Partial<Record<MarketProtocol, VenueTime>>> = {
  'binance-spot': binance('/api/v3/time'),
  'binance-usdm': binance('/fapi/v1/time'),
  'binance-coinm': binance('/dapi/v1/time'),
  bybit,
  'bybit-spot': bybit,
  okx: { path: '/api/v5/public/time', resolutionUs: 1_000, read: (body) => timeAt(body, ['data', '0', 'ts'], 1_000) },
  kraken: {
    path: '/0/public/Time',
    resolutionUs: 1e6,
    read: (body) => timeAt(body, ['result', 'unixtime'], 1e6),
  },
};

/** A number, or a decimal string of any length, at a path of fields; times `usPerUnit`. */
function timeAt(body: Uint8Array, path: readonly string[], usPerUnit: number): number {
  const text = decoder.decode(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`Expected JSON with ${path.join('.')}, was "${text.slice(0, 80)}"`, { cause: error });
  }
  for (const field of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
  const isText = typeof value === 'string' && /^\d{1,20}$/.test(value);
  const units = typeof value === 'number' || isText ? Number(value) : Number.NaN;
  const us = units * usPerUnit;
  // Between 2001 and 2200: anything else is another unit, or nonsense.
  if (!(us > 1e15 && us < 7.3e15)) {
    throw new RangeError(`${path.join('.')}: expected a time, was ${JSON.stringify(value)?.slice(0, 80)}`);
  }
  return us;
}
