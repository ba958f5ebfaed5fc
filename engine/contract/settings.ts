/** User settings: one JSON file in the data folder, owned by main, validated there. */
import type { MarketProtocol, VenueId } from './market-protocol.ts';
import { defaultRedisSettings, type RedisSettings } from './redis-settings.ts';
import { defaultRiskRails, type RiskRails } from './risk-rails.ts';
import { defaultStoreSettings, type StoreSettings } from './store-settings.ts';
import type { ParameterValues } from './strategy-parameters.ts';

/** Market data of one venue. */
export interface FeedSetting {
  venue: VenueId;
  symbols: string[];
}

/**
 * - `sim`: the simulated exchange on loopback. `symbols` are traded over its Binance spot order entry; `feeds` are
 *   further protocols that it speaks, without order entry: watched beside `symbols`, filled on paper where there are none.
 * - `live`: public data of real venues, orders filled on paper.
 * - `replay`: a recording, orders filled on paper; its protocol is found out where none is given.
 */
export type SourceSetting =
  | { kind: 'sim'; seed: number; symbols: string[]; feeds?: FeedSetting[] }
  | { kind: 'live'; feeds: FeedSetting[] }
  | { kind: 'replay'; files: string[]; protocol?: MarketProtocol; speed: number | 'max'; symbol?: string };

export interface Settings {
  version: 1;
  language: 'en' | 'ko';
  theme: 'dark' | 'light';
  source: SourceSetting;
  rails: RiskRails;
  strategy: { name: string; parameters: ParameterValues };
  /** Order size presets 1-5, base units, decimal strings, per symbol; `default` for symbols without an entry. */
  sizePresets: Record<string, string[]>;
  selectedPreset: number;
  selectedSymbol: string;
  /** Venue of the selected symbol; empty where any venue that has it will do. */
  selectedVenue: string;
  /** Serialised dock layouts by name; `current` is what was on screen last. */
  layouts: Record<string, unknown>;
  profilingStrip: boolean;
  tapeMinimumSize: number;
  /** Postgres URL, or empty for the embedded server. Shown to the page only as host and port. */
  postgresUrl: string;
  /** Where the newest ticks are kept; its password: `setRedisPassword`. */
  redis: RedisSettings;
  /** How long ticks are kept, and when they are compressed. */
  store: StoreSettings;
  waitStrategy: 'block' | 'hybrid' | 'spin';
  /** Other addresses for a venue's public data: a testnet, a gateway, a recorder on loopback. */
  venueAddresses: Partial<Record<VenueId, VenueAddress>>;
  /**
   * Symbols are dealt to this many trading processes, at most one each. Rails of the whole account are shared out evenly
   * (day's loss, orders a second): what one process loses does not stop the others before their own share is lost.
   */
  tradingProcesses: number;
  /** Asked of the operating system for the trading processes; what it granted is shown, never required. */
  processPriority: 'normal' | 'high';
  /** CPU numbers for the trading processes; empty leaves it to the operating system. */
  cpuAffinity: number[];
}

export interface VenueAddress {
  restUrl: string;
  streamUrl: string;
}

export const defaultSettings: Settings = {
  version: 1,
  language: 'en',
  theme: 'dark',
  source: { kind: 'sim', seed: 1, symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] },
  rails: defaultRiskRails,
  strategy: { name: 'imbalance', parameters: {} },
  sizePresets: { default: ['0.01', '0.05', '0.1', '0.25', '0.5'] },
  selectedPreset: 0,
  selectedSymbol: 'BTCUSDT',
  selectedVenue: '',
  layouts: {},
  profilingStrip: false,
  tapeMinimumSize: 0,
  postgresUrl: '',
  redis: defaultRedisSettings,
  store: defaultStoreSettings,
  waitStrategy: 'block',
  venueAddresses: {},
  tradingProcesses: 1,
  processPriority: 'normal',
  cpuAffinity: [],
};
