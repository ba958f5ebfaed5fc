import * as path from 'node:path';
import type { StorageConfig } from '../contract/process.ts';
import { RECORD_BYTES } from '../contract/record.ts';
import type { StorageRequest, StorageStatus } from '../contract/storage-messages.ts';
import { DiskGuard, type DiskLimits } from './disk-guard.ts';
import { type DataRequest, dataRequestKinds } from '../contract/data-messages.ts';
import { checkPostgres } from './connection/check-postgres.ts';
import { checkRedis } from './connection/check-redis.ts';
import { DataDesk } from './catalog/data-desk.ts';
import { History } from './history.ts';
import type { OpenImport } from './import/import-source.ts';
import { OutageClock } from './outage-clock.ts';
import { PostgresSupply } from './postgres-supply.ts';
import type { Series } from './series-catalog.ts';
import { Tailer } from './tailer.ts';
import { openTickCache } from './tick-cache/open-tick-cache.ts';
import { TickFeed } from './tick-cache/tick-feed.ts';

/** Time for the last records on the way out; main waits 10 s for the whole process. */
const DRAIN_MS = 4_000;
const SERIES_WAIT_MS = 2_000;

export interface StorageServiceHost {
  progress: (text: string) => void;
  log: (text: string) => void;
  /** Opens what the user wants imported; absent where nothing can be. */
  openImport?: OpenImport;
  /** Longest pause between attempts to reach the server, default 5 s. */
  longestRetryMs?: number;
  /** Default: {@link defaultDiskLimits}. */
  diskLimits?: DiskLimits;
}

/** Server, tailer, tick feed and history, wired up. */
export class StorageService {
  readonly #supply: PostgresSupply;
  readonly #ticks: TickFeed;
  readonly #tailer: Tailer;
  readonly #history: History;
  readonly #disk: DiskGuard;
  readonly #outage = new OutageClock();
  readonly #desk: DataDesk;
  #wasConnected = false;

  constructor(config: StorageConfig, host: StorageServiceHost) {
    this.#supply = new PostgresSupply({
      dataDir: config.dataDir,
      postgresUrl: config.postgresUrl,
      ...(config.store === undefined ? {} : { settings: config.store }),
      progress: host.progress,
      log: host.log,
    });
    // A server of the settings takes no room here: the store never waits for it.
    this.#disk = new DiskGuard(
      [...(config.postgresUrl === '' ? [config.dataDir] : []), ...config.journalDirs],
      host.diskLimits,
    );
    this.#tailer = new Tailer({
      hold: () => (config.postgresUrl === '' && this.#disk.level === 'full' ? fullDisk(this.#disk.freeBytes) : ''),
      journalDirs: config.journalDirs,
      connect: () => this.#supply.connect('christmas tailer'),
      log: host.log,
      ...(host.longestRetryMs === undefined ? {} : { longestRetryMs: host.longestRetryMs }),
    });
    this.#ticks = new TickFeed({
      journalDirs: config.journalDirs,
      cache: openTickCache(config.redis),
      log: host.log,
      ...(host.longestRetryMs === undefined ? {} : { longestRetryMs: host.longestRetryMs }),
    });
    this.#history = new History({
      target: () => this.#supply.target(),
      series: (symbol, venue) => this.#series(symbol, venue),
      cachedTrades: (symbol, venue, beforeUs, limit) => this.#ticks.newestTrades(symbol, venue, beforeUs, limit),
    });
    this.#desk = new DataDesk({
      connect: (applicationName) => this.#supply.connect(applicationName),
      journalDirs: config.journalDirs,
      exportsDir: path.join(config.dataDir, 'exports'),
      openImport: host.openImport ?? nothingToImport,
      check: {
        postgres: () => checkPostgres(async () => config.postgresUrl || (await this.#supply.target())),
        redis: async () => {
          if (config.redis === undefined) throw new RangeError('redis.hosts: expected host:port, was nothing');
          return await checkRedis(config.redis);
        },
      },
    });
  }

  /** Returns at once; `status` tells how far it is. */
  start(): void {
    this.#supply.start();
    this.#tailer.start();
    this.#ticks.start();
  }

  status(): StorageStatus {
    const { connected, reason, ...figures } = this.#tailer.status();
    const up = connected && reason === '';
    this.#wasConnected ||= up;
    const state = up ? 'up' : this.#supply.isStarting || (!this.#wasConnected && reason === '') ? 'starting' : 'down';
    this.#outage.observe(up, figures.rows);
    const { freeBytes, level } = this.#disk;
    return {
      state,
      reason: state === 'down' ? reason : '',
      server: this.#supply.server,
      ...figures,
      sinceMs: this.#outage.sinceMs,
      backlogBytes: figures.backlog * RECORD_BYTES,
      recordsPerSecond: Math.round(this.#outage.rowsPerSecond),
      // JSON has no infinity.
      ...(Number.isFinite(freeBytes) ? { disk: { freeBytes, level } } : {}),
      jobs: this.#desk.jobs,
      cache: this.#ticks.status(),
    };
  }

  /** Answers a page. `owner` stands for its port, `requestId` is its own number of the request. */
  request(owner: object, request: StorageRequest, requestId?: number): Promise<unknown> {
    if (request.kind === 'status') return Promise.resolve(this.status());
    if (isDataRequest(request)) return this.#desk.request(request);
    return this.#history.ask(owner, request, requestId);
  }

  cancel(owner: object, requestId: number): void {
    this.#history.cancel(owner, requestId);
  }

  forget(owner: object): void {
    this.#history.forget(owner);
  }

  /** Stores what the journals hold, then stops the server. */
  async stop(): Promise<void> {
    await this.#history.close();
    await this.#desk.stop();
    await Promise.all([this.#tailer.stop(DRAIN_MS), this.#ticks.stop(DRAIN_MS)]);
    await this.#supply.stop();
  }

  /** Waits while records are on their way: a page asks for its chart right after the session has begun. */
  async #series(symbol: string, venue?: string): Promise<Series | undefined> {
    const deadline = Date.now() + SERIES_WAIT_MS;
    for (;;) {
      const series = this.#tailer.currentSeries(symbol, venue);
      if (series !== undefined || Date.now() > deadline) return series;
      const { connected, backlog } = this.#tailer.status();
      if (connected && backlog === 0) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

function fullDisk(freeBytes: number): string {
  return `only ${Math.round(freeBytes / 1024 ** 2)} MB are free: ticks wait in the journal, the room left is for orders and fills`;
}

function isDataRequest(request: StorageRequest): request is DataRequest {
  return (dataRequestKinds as readonly string[]).includes(request.kind);
}

async function nothingToImport(): Promise<never> {
  throw new Error('Imports are not possible here');
}
