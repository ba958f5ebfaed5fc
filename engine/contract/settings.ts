/** User settings: one JSON file in the data folder, owned by main, validated there. */
import type { MarketProtocol } from './market-protocol.ts';
import { defaultRiskRails, type RiskRails } from './risk-rails.ts';
import type { ParameterValues } from './strategy-parameters.ts';

export type SourceSetting =
  | { kind: 'sim'; seed: number; symbols: string[] }
  | { kind: 'replay'; files: string[]; protocol: MarketProtocol; speed: number | 'max'; symbol?: string };

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
  /** Serialised dock layouts by name; `current` is what was on screen last. */
  layouts: Record<string, unknown>;
  profilingStrip: boolean;
  tapeMinimumSize: number;
  /** Postgres URL, or empty for the embedded server. Shown to the page only as host and port. */
  postgresUrl: string;
  waitStrategy: 'block' | 'hybrid' | 'spin';
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
  layouts: {},
  profilingStrip: false,
  tapeMinimumSize: 0,
  postgresUrl: '',
  waitStrategy: 'block',
};
