import type { StorageConfig } from '../contract/process.ts';
import type { StorageRequest, StorageStatus } from '../contract/storage-messages.ts';
import { History } from './history.ts';
import { MemoryTickCache } from './tick-cache/memory-tick-cache.ts';
import { PostgresSupply } from './postgres-supply.ts';
import type { Series } from './series-catalog.ts';
import { Tailer } from './tailer.ts';
import type { TickCache } from './tick-cache/tick-cache.ts';

/** Time for the last records on the way out; main waits 10 s for the whole process. */
const DRAIN_MS = 4_000;
const SERIES_WAIT_MS = 2_000;

export interface StorageServiceHost {
  progress: (text: string) => void;
  log: (text: string) => void;
  /** Longest pause between attempts to reach the server, default 5 s. */
  longestRetryMs?: number;
}

/** Server, tailer, cache and history, wired up. */
export class StorageService {
  readonly #supply: PostgresSupply;
  readonly #cache: TickCache = new MemoryTickCache();
  readonly #tailer: Tailer;
  readonly #history: History;
  #wasConnected = false;

  constructor(config: StorageConfig, host: StorageServiceHost) {
    this.#supply = new PostgresSupply({
      dataDir: config.dataDir,
      postgresUrl: config.postgresUrl,
      ...(config.store === undefined ? {} : { settings: config.store }),
      progress: host.progress,
      log: host.log,
    });
    this.#tailer = new Tailer({
      journalDirs: config.journalDirs,
      connect: () => this.#supply.connect('christmas tailer'),
      cache: this.#cache,
      log: host.log,
      ...(host.longestRetryMs === undefined ? {} : { longestRetryMs: host.longestRetryMs }),
    });
    this.#history = new History({
      target: () => this.#supply.target(),
      series: (symbol, venue) => this.#series(symbol, venue),
      cache: this.#cache,
    });
  }

  /** Returns at once; `status` tells how far it is. */
  start(): void {
    this.#supply.start();
    this.#tailer.start();
  }

  status(): StorageStatus {
    const { connected, reason, ...figures } = this.#tailer.status();
    const up = connected && reason === '';
    this.#wasConnected ||= up;
    const state = up ? 'up' : this.#supply.isStarting || (!this.#wasConnected && reason === '') ? 'starting' : 'down';
    return { state, reason: state === 'down' ? reason : '', server: this.#supply.server, ...figures };
  }

  /** Answers a page. `owner` stands for its port. */
  request(owner: object, request: StorageRequest): Promise<unknown> {
    if (request.kind === 'status') return Promise.resolve(this.status());
    return this.#history.ask(owner, request);
  }

  forget(owner: object): void {
    this.#history.forget(owner);
  }

  /** Stores what the journals hold, then stops the server. */
  async stop(): Promise<void> {
    await this.#history.close();
    await this.#tailer.stop(DRAIN_MS);
    await this.#supply.stop();
    await this.#cache.close();
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
