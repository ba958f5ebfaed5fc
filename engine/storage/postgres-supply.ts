import { setTimeout as sleep } from 'node:timers/promises';
import { defaultStoreSettings, type StoreSettings } from '../contract/store-settings.ts';
import { EmbeddedPostgres } from './embedded-postgres.ts';
import { PostgresSession, type PostgresTarget } from './postgres-session.ts';
import { layoutOf, type PreparedStore, prepareStore } from './prepare-store.ts';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;
/** How long a caller waits for a server that is being started. */
const WAIT_MS = 20_000;

export interface PostgresSupplyOptions {
  dataDir: string;
  /** Empty: the embedded server. */
  postgresUrl: string;
  /** Default: {@link defaultStoreSettings}. */
  settings?: StoreSettings;
  progress: (text: string) => void;
  log: (text: string) => void;
}

/** Gives connections: to the server of the settings, or to the embedded one, which it starts and starts again. */
export class PostgresSupply {
  /** `embedded`, or host and port; never the URL, which holds a password. */
  readonly server: string;
  readonly #options: PostgresSupplyOptions;
  readonly #embedded: EmbeddedPostgres | undefined;
  #target: PostgresTarget | undefined;
  #reason = '';
  #starting = false;
  #stopping = false;
  #started: Promise<void> = Promise.resolve();
  #prepared = false;

  constructor(options: PostgresSupplyOptions) {
    this.#options = options;
    if (options.postgresUrl === '') {
      this.server = 'embedded';
      this.#embedded = new EmbeddedPostgres(options.dataDir, {
        progress: options.progress,
        onExit: (reason) => this.#onExit(reason),
      });
    } else {
      this.server = hostAndPort(options.postgresUrl);
      this.#target = options.postgresUrl;
    }
  }

  /** True until the embedded server runs. */
  get isStarting(): boolean {
    return this.#starting && this.#reason === '';
  }

  start(): void {
    if (this.#embedded !== undefined) this.#started = this.#keepStarting(this.#embedded);
  }

  /** Where the server is. Waits for one that is being started; rejects with the reason while it cannot be started. */
  async target(): Promise<PostgresTarget> {
    const deadline = Date.now() + WAIT_MS;
    while (this.#target === undefined) {
      if (this.#stopping) throw new Error('the storage process is stopping');
      if (this.#reason !== '') throw new Error(this.#reason);
      if (Date.now() > deadline) throw new Error('Postgres is still starting');
      await sleep(20);
    }
    return this.#target;
  }

  /** A connection to a store whose schema and policies are up to date. */
  async connect(applicationName: string): Promise<PreparedStore> {
    const target = await this.target();
    const settings = this.#options.settings ?? defaultStoreSettings;
    if (!this.#prepared) {
      await prepareStore(target, settings, this.#options.log);
      this.#prepared = true;
    }
    const db = await PostgresSession.open(target, { applicationName });
    try {
      return { db, layout: await layoutOf(db, settings) };
    } catch (error) {
      db.destroy();
      // Somebody emptied the database: the next attempt makes the store anew.
      this.#prepared = false;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#embedded?.stop();
    await this.#started;
    // It may have come up between the two.
    await this.#embedded?.stop();
  }

  async #keepStarting(embedded: EmbeddedPostgres): Promise<void> {
    this.#starting = true;
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stopping) {
      try {
        this.#target = await embedded.start();
        this.#reason = '';
        break;
      } catch (error) {
        if (this.#stopping) break;
        this.#reason = (error as Error).message;
        this.#options.log(`${this.#reason}; again in ${retryMs} ms`);
        await sleep(retryMs, undefined, { ref: false });
        retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
      }
    }
    this.#starting = false;
  }

  #onExit(reason: string): void {
    // While it starts, an early exit is the starter's business.
    if (this.#stopping || this.#starting || this.#embedded === undefined) return;
    this.#target = undefined;
    this.#options.log(`${reason}; starting it again`);
    this.#started = this.#keepStarting(this.#embedded);
  }
}

function hostAndPort(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.hostname || 'localhost'}:${parsed.port || '5432'}`;
  } catch {
    // Not a URL: the connection attempt says so; nothing of it is shown, it may hold a password.
    return 'invalid Postgres URL';
  }
}
