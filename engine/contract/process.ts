/** What main and its processes say to each other: the control plane. Small JSON objects, no ticks. */
import type { FaultCommand, FaultStatus } from './fault-menu.ts';
import type { MarketProtocol, VenueId } from './market-protocol.ts';
import type { FeedSetting, Settings, VenueAddress } from './settings.ts';
import type { RedisConfig } from './redis-settings.ts';
import type { RiskRails } from './risk-rails.ts';
import type { ParameterValues } from './strategy-parameters.ts';
import type { TradingReport } from './report.ts';
import type { StorageStatus } from './storage-messages.ts';
import type { StoreSettings } from './store-settings.ts';

export type ProcessRole = 'venue' | 'trading' | 'storage';
/** One process of each role, and further trading processes where symbols are sharded over several. */
export type ProcessName = ProcessRole | `trading-${1 | 2 | 3 | 4 | 5 | 6 | 7}`;

export interface VenueConfig {
  process: 'venue';
  dataDir: string;
  seed: number;
  symbols: string[];
  /** 0 for any free port at first; after a restart the supervisor asks for the same port again. */
  port: number;
  apiKey: string;
  apiSecret: string;
}

/** One venue's market data as the trading process opens it; without addresses: the venue's own public ones. */
export interface FeedConfig {
  venue: VenueId;
  symbols: string[];
  address?: VenueAddress;
}

export type TradingSource =
  | {
      kind: 'sim';
      restUrl: string;
      streamUrl: string;
      apiUrl: string;
      apiKey: string;
      apiSecret: string;
      symbols: string[];
      /** Further protocols of the simulated venue; always with addresses. */
      feeds?: FeedConfig[];
      /** Where every protocol that it speaks is found: for symbols that are added later. */
      addresses?: Partial<Record<MarketProtocol, VenueAddress>>;
    }
  /** `addresses` of venues that are not at their own: for symbols that are added later. */
  | { kind: 'live'; feeds: FeedConfig[]; addresses?: Partial<Record<VenueId, VenueAddress>> }
  | {
      kind: 'replay';
      files: string[];
      /** Found out from the recording when absent. */
      protocol?: MarketProtocol;
      speed: number | 'max';
      symbol?: string;
      tickSize?: string;
      lotSize?: string;
    };

export interface TradingConfig {
  process: 'trading';
  dataDir: string;
  /** Folder of this trading process's journal. */
  journalDir: string;
  source: TradingSource;
  rails: RiskRails;
  strategy: { name: 'imbalance' | 'none'; parameters: ParameterValues; autoStart: boolean; symbol?: string };
  waitStrategy: Settings['waitStrategy'];
  /** Asked of the operating system, never required. Absent: as it is. */
  processPriority?: Settings['processPriority'];
  cpuAffinity?: Settings['cpuAffinity'];
  /** Benches only: waits as told also where there are too few cores to spin. */
  forceWaitStrategy?: boolean;
}

export interface StorageConfig {
  process: 'storage';
  dataDir: string;
  journalDirs: string[];
  /** Empty: the embedded server in the data folder. */
  postgresUrl: string;
  /** Absent: the defaults. */
  store?: StoreSettings;
  /** Absent: the defaults, in memory. */
  redis?: RedisConfig;
}

export type ProcessConfig = VenueConfig | TradingConfig | StorageConfig;

/** What a process says once its services work, in `ready`. */
export interface VenueReady {
  process: 'venue';
  port: number;
  restUrl: string;
  streamUrl: string;
  apiUrl: string;
  /** Where each protocol that it speaks is found. */
  addresses?: Partial<Record<MarketProtocol, VenueAddress>>;
}
export type ProcessReady = VenueReady | { process: 'trading' } | { process: 'storage' };

export interface ProcessHealth {
  cpuFraction: number;
  rssBytes: number;
  heapUsedBytes: number;
  loopDelayP99Ms: number;
}

/** Main to process. `connect` comes with a socket (Node host) or a MessagePort (Electron) attached. */
export type ControlRequest =
  | { type: 'configure'; config: ProcessConfig }
  | {
      type: 'connect';
      upgrade?: {
        url: string;
        headers: Record<string, string | string[] | undefined>;
        method: string;
        headBase64: string;
      };
    }
  | { type: 'query'; requestId: number; query: 'tradingReport' | 'storageStatus' | 'endSession' }
  /** The simulated venue's fault menu; answered with every FaultStatus. Without a command only asks. */
  | { type: 'query'; requestId: number; query: 'faults'; command?: FaultCommand }
  | { type: 'shutdown' };

/** Process to main. `accepting` = alive and listening for `configure`; `ready` = services work. */
export type ControlEvent =
  | { type: 'accepting' }
  | { type: 'ready'; ready: ProcessReady }
  | { type: 'progress'; text: string }
  | { type: 'health'; health: ProcessHealth }
  | { type: 'answer'; requestId: number; ok: true; result: TradingReport | StorageStatus | FaultStatus[] | null }
  | { type: 'answer'; requestId: number; ok: false; error: string }
  /**
   * Symbols were added or removed within the session: what it watches now. Main keeps it for the next start; it is no
   * reason to start anew. `symbols`: those traded on the simulated venue; absent with other sources.
   */
  | { type: 'subscriptions'; symbols?: string[]; feeds: FeedSetting[] }
  /** Recording played to its end. */
  | { type: 'replayFinished' }
  /** The process ends now because of this; it is started again. One line for the user. */
  | { type: 'crashing'; error: string }
  /** The configuration or its input is unusable; restarting would not help. One line for the user. */
  | { type: 'fatal'; error: string };

export type ProcessState = 'starting' | 'accepting' | 'ready' | 'restarting' | 'stopped' | 'failed';

/** What the status bar shows of a process. */
export interface ProcessStatus {
  name: ProcessName;
  state: ProcessState;
  pid: number;
  restarts: number;
  /** Why it is not ready, or why it was restarted last; one line. */
  detail: string;
  /** ms since the epoch of the last state change. */
  sinceMs: number;
  health?: ProcessHealth;
}
