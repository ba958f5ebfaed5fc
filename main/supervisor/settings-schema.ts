import { z } from 'zod';
import { isVenueId, marketProtocols, symbolPattern, type VenueId } from '../../engine/contract/market-protocol.ts';
import type { RiskRails } from '../../engine/contract/risk-rails.ts';
import { defaultRedisSettings } from '../../engine/contract/redis-settings.ts';
import { defaultStoreSettings } from '../../engine/contract/store-settings.ts';
import type { Settings, SourceSetting } from '../../engine/contract/settings.ts';

const symbol = z.string().regex(symbolPattern, 'expected an upper-case symbol such as BTCUSDT');
const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'expected a decimal number');
const positive = z.number().positive();

/** The trading process refuses others, and refuses to start with them: they must never get into the file. */
const rails: z.ZodType<RiskRails> = z.strictObject({
  maxOrderSize: positive,
  maxPosition: positive,
  maxOrderValue: positive,
  priceCollarBps: positive.lt(10_000),
  maxOrdersPerSecond: z.number().int().positive().max(10_000),
  maxDailyLoss: positive,
  maxOpenOrders: z.number().int().positive(),
});

const venue = z
  .string()
  .refine(isVenueId, `expected one of ${marketProtocols.join(', ')} or ccxt:EXCHANGE`) as unknown as z.ZodType<VenueId>;
const feeds = z.array(z.strictObject({ venue, symbols: z.array(symbol).min(1).max(256) })).max(32);
const address = z.strictObject({
  restUrl: z.string().regex(/^https?:\/\/./, 'expected an http:// or https:// URL'),
  streamUrl: z.string().regex(/^wss?:\/\/./, 'expected a ws:// or wss:// URL'),
});

const source: z.ZodType<SourceSetting> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sim'),
    seed: z.number().int().nonnegative(),
    symbols: z.array(symbol).max(32),
    feeds: feeds.optional(),
  }),
  z.strictObject({ kind: z.literal('live'), feeds: feeds.min(1) }),
  z.strictObject({
    kind: z.literal('replay'),
    files: z.array(z.string().min(1)).min(1).max(1_000),
    protocol: z.enum(marketProtocols).optional(),
    speed: z.union([z.number().positive(), z.literal('max')]),
    symbol: symbol.optional(),
  }),
]) as z.ZodType<SourceSetting>;

const postgresUrl = z
  .string()
  .refine((text) => text === '' || /^postgres(ql)?:\/\/./.test(text), 'expected a postgres:// URL or nothing');

const redis = z
  .strictObject({
    // No URL: it could hold a password, and this file is not the place for one.
    hosts: z.array(z.string().regex(/^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i, 'expected host:port')).max(32),
    cluster: z.boolean(),
    user: z.string().max(128),
    tls: z.boolean(),
    tlsCaFile: z.string().max(4_096),
    prefix: z.string().regex(/^[\w.:-]{1,64}$/, 'expected up to 64 letters, digits and . : - _'),
    capacity: z.number().int().min(100).max(200_000),
  })
  .refine(({ hosts, cluster }) => cluster || hosts.length <= 1, {
    path: ['hosts'],
    message: 'expected one host where it is no cluster',
  });

const settings: z.ZodType<Settings> = z.strictObject({
  version: z.literal(1),
  language: z.enum(['en', 'ko']),
  theme: z.enum(['dark', 'light']),
  source,
  rails,
  strategy: z.strictObject({
    name: z.string().min(1).max(64),
    parameters: z.record(z.string(), z.union([z.number(), z.boolean()])),
  }),
  sizePresets: z.record(z.string(), z.array(decimal).min(1).max(9)),
  selectedPreset: z.number().int().min(0).max(8),
  selectedSymbol: symbol,
  layouts: z.record(z.string(), z.unknown()),
  profilingStrip: z.boolean(),
  tapeMinimumSize: z.number().nonnegative(),
  postgresUrl,
  waitStrategy: z.enum(['block', 'hybrid', 'spin']),
  // Later additions: a file of an older version does not have them.
  redis: redis.default(defaultRedisSettings),
  store: z
    .strictObject({
      keepTicksDays: z.number().int().min(0).max(36_500),
      compressAfterDays: z.number().int().min(0).max(36_500),
    })
    .default(defaultStoreSettings),
  selectedVenue: z.string().max(40).default(''),
  venueAddresses: z.partialRecord(venue as z.ZodType<VenueId> & z.core.$ZodRecordKey, address).default({}),
  tradingProcesses: z.number().int().min(1).max(8).default(1),
  processPriority: z.enum(['normal', 'high']).default('normal'),
  cpuAffinity: z.array(z.number().int().min(0).max(1023)).max(64).default([]),
});

/**
 * Checks whole settings.
 * @throws RangeError naming the first bad field, what was expected and its value.
 */
export function checkSettings(value: unknown): Settings {
  const result = settings.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw new RangeError('settings: not valid');
  const path = issue.path.map(String);
  const field = path.length === 0 ? 'settings' : path.join('.');
  // A URL may hold a password: its value is not repeated.
  const isPrivate = field === 'postgresUrl' || field.startsWith('redis.hosts');
  const shown = isPrivate ? '[not shown]' : shownValue(valueAt(value, issue.path));
  throw new RangeError(`${field}: ${lowerFirst(issue.message)}, was ${shown}`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

function shownValue(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
