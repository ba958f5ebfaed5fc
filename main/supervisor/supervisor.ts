import { isDeepStrictEqual } from 'node:util';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCommand, FaultStatus } from '../../engine/contract/fault-menu.ts';
import type {
  ControlRequest,
  ProcessConfig,
  ProcessName,
  ProcessReady,
  ProcessRole,
  ProcessStatus,
  TradingSource,
  VenueReady,
} from '../../engine/contract/process.ts';
import type { TradingReport } from '../../engine/contract/report.ts';
import type { FeedSetting, Settings, SourceSetting } from '../../engine/contract/settings.ts';
import type { StorageStatus } from '../../engine/contract/storage-messages.ts';
import { railsShare, roleOf, tradingProcessName } from '../../engine/contract/trading-shards.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Launcher } from './launcher.ts';
import {
  dealtSource,
  joinedParts,
  mergedReport,
  partOf,
  shardOfSymbol,
  shardsOf,
  type SourcePart,
  withAddress,
  withPart,
} from './deal-symbols.ts';
import { LogFile } from './log-file.ts';
import { defaultProcessTimings, ManagedProcess, type ProcessTimings } from './managed-process.ts';
import type { Redactor } from './redactor.ts';
import type { Secrets } from './secret-store.ts';
import type { SettingsStore } from './settings-store.ts';

export interface SupervisorOptions<Transfer> {
  launcher: Launcher<Transfer>;
  directory: DataDirectory;
  settings: SettingsStore;
  secrets: Secrets;
  /** Keeps changed ones. */
  saveSecrets: (secrets: Secrets) => Promise<void>;
  redactor: Redactor;
  /** Decimal strings for a recording whose instrument is not known; from the command line. */
  replayUnits?: { tickSize?: string; lotSize?: string };
  /** Headless runs: start the strategy as soon as the book is live. Only the first start of trading does. */
  autoStart?: { strategy: 'imbalance' | 'none'; symbol?: string };
  timings?: Partial<Record<ProcessName, Partial<ProcessTimings>>>;
}

/** Starting the embedded database the first time takes a while; it reports progress. */
const baseTimings: Record<ProcessRole, Partial<ProcessTimings>> = {
  venue: {},
  trading: { readyMs: 60_000 },
  storage: { readyMs: 120_000, shutdownMs: 20_000 },
};

/**
 * A young generation that ticks die in: fewer, shorter collections on the path of an order. It begins large, too: left to
 * itself it starts at 1 MB and is collected several times a second. Little survives in it: one thread is done with that
 * sooner than it can wait for helpers that share two cores with everything else.
 */
const v8Flags: Record<ProcessRole, readonly string[]> = {
  venue: ['--max-semi-space-size=32'],
  trading: ['--min-semi-space-size=16', '--max-semi-space-size=64', '--no-parallel-scavenge'],
  storage: [],
};

type Unsubscribe = () => void;

/**
 * Which processes run, in which order, with which configuration. Knows a host only as a {@link Launcher}.
 *
 * All processes are launched at once; `trading` gets its configuration when the venue is ready, because that holds the
 * venue's addresses. Changing the source restarts venue and trading; rails and strategy reach trading from the page and
 * only the next start of it from here; `waitStrategy`, priority, CPUs and the replay's speed likewise.
 */
export class Supervisor<Transfer> {
  readonly #options: SupervisorOptions<Transfer>;
  readonly #venue: ManagedProcess<Transfer>;
  readonly #storage: ManagedProcess<Transfer>;
  /** Those that the symbols are sharded over; the first is plain `trading`. */
  #trading: ManagedProcess<Transfer>[] = [];
  readonly #logs = new Map<string, LogFile>();
  readonly #processListeners = new Set<(processes: ProcessStatus[]) => void>();
  readonly #settingsListeners = new Set<(settings: Settings) => void>();
  readonly #replayListeners = new Set<() => void>();
  /** By trading process: what it watches, once one of them was given other symbols; empty before. */
  #parts: SourcePart[] = [];
  #venueReady: VenueReady | undefined;
  #secrets: Secrets;
  #autoStarted = false;
  #stopping = false;
  /** Changes of the source that are not done yet. */
  #sourceChanges = 0;
  /** Changes of the source run one after another. */
  #sequence: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions<Transfer>) {
    this.#options = options;
    this.#secrets = options.secrets;
    options.redactor.add(...Object.values(options.secrets));
    this.#redactPostgresPassword();
    this.#venue = this.#manage('venue', () => this.#venueConfig(), 'nothing');
    this.#storage = this.#manage('storage', () => this.#storageConfig(), 'nothing');
    this.#deal();
  }

  start(): void {
    if (this.#source.kind === 'sim') this.#venue.start();
    for (const trading of this.#trading) trading.start();
    this.#storage.start();
  }

  /** Orderly end: who writes first, then who reads, then the venue. Leaves no process behind. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#stopTrading();
    await Promise.all([this.#storage.stop(), this.#venue.stop()]);
    for (const log of this.#logs.values()) log.close();
  }

  /** The log of main itself. */
  log(line: string): void {
    this.#logOf('main').line(line);
  }

  get settingsForPage(): Settings {
    return this.#options.settings.getForPage();
  }

  get processes(): ProcessStatus[] {
    const venue = this.#source.kind === 'sim' ? [this.#venue] : [];
    return [...venue, ...this.#trading, this.#storage].map((process) => process.status);
  }

  onProcesses(listener: (processes: ProcessStatus[]) => void): Unsubscribe {
    this.#processListeners.add(listener);
    return () => this.#processListeners.delete(listener);
  }

  /** Listeners get what a page may see. */
  onSettings(listener: (settings: Settings) => void): Unsubscribe {
    this.#settingsListeners.add(listener);
    return () => this.#settingsListeners.delete(listener);
  }

  onReplayFinished(listener: () => void): Unsubscribe {
    this.#replayListeners.add(listener);
    return () => this.#replayListeners.delete(listener);
  }

  /** Validates, saves, applies. @throws RangeError naming field and value. */
  updateSettings(patch: Partial<Settings>): Settings {
    const before = this.#options.settings.get();
    const after = this.#options.settings.update(patch);
    this.#redactPostgresPassword();
    const page = this.settingsForPage;
    for (const listener of this.#settingsListeners) listener(page);
    const isOtherSource = !isDeepStrictEqual(withoutSpeed(before.source), withoutSpeed(after.source));
    if (isOtherSource) this.#changeSource(`source changes from ${before.source.kind} to ${after.source.kind}`);
    else if (this.#trading.length !== shardsOf(after.source, after.tradingProcesses)) {
      this.#changeSource(`symbols are dealt to ${after.tradingProcesses} trading processes`);
    }
    if (before.postgresUrl !== after.postgresUrl) this.#run(this.#storage.restart('the database changed'));
    else if (!isDeepStrictEqual(before.store, after.store)) {
      this.#run(this.#storage.restart('how long ticks are kept changed'));
    } else if (!isDeepStrictEqual(before.redis, after.redis)) {
      this.#run(this.#storage.restart('where the newest ticks are kept changed'));
    }
    return page;
  }

  /** Keeps the password of the Redis of the settings, where no page and no log sees it; empty for none. @throws RangeError */
  async setRedisPassword(redisPassword: string): Promise<void> {
    const secrets = { ...this.#secrets, redisPassword };
    this.#options.redactor.add(redisPassword);
    await this.#options.saveSecrets(secrets);
    this.#secrets = secrets;
    this.#run(this.#storage.restart('the password of Redis changed'));
  }

  async restartProcess(name: ProcessName): Promise<void> {
    this.#requireWanted(name);
    this.log(`restart of ${name} asked for`);
    await this.#processOf(name).restart('asked for');
  }

  /** Hands a page's connection to a process. @throws Error when the process cannot take it now. */
  connect(name: ProcessName, request: Extract<ControlRequest, { type: 'connect' }>, transfer: Transfer): void {
    this.#requireWanted(name);
    const process = this.#processOf(name);
    if (!process.connect(request, transfer)) throw new Error(`${name} is ${process.state}, not ready`);
  }

  /** Figures of the session so far. */
  async tradingReport(): Promise<TradingReport> {
    const reports = await Promise.all(this.#trading.map((trading) => trading.query('tradingReport')));
    const chosen = shardOfSymbol(this.#source, this.#options.autoStart?.symbol, this.#trading.length);
    return mergedReport(reports as TradingReport[], chosen);
  }

  /** Ends the session: everything decided is in the journal when this resolves. */
  async endSession(): Promise<void> {
    await Promise.all(this.#trading.map((trading) => trading.query('endSession')));
  }

  /** The simulated venue's fault menu; without a command only asks. @throws Error when the session has no such venue. */
  async venueFault(command?: FaultCommand): Promise<FaultStatus[]> {
    this.#requireWanted('venue');
    return (await this.#venue.query('faults', command)) as FaultStatus[];
  }

  async storageStatus(): Promise<StorageStatus> {
    return (await this.#storage.query('storageStatus')) as StorageStatus;
  }

  get #source(): SourceSetting {
    return this.#options.settings.get().source;
  }

  #requireWanted(name: ProcessName): void {
    if (this.#stopping) throw new Error('Christmas is closing');
    if (name === 'venue' && this.#source.kind !== 'sim') throw new Error('venue runs only with the simulated market');
    this.#processOf(name);
  }

  #processOf(name: ProcessName): ManagedProcess<Transfer> {
    const all = [this.#venue, ...this.#trading, this.#storage];
    const found = all.find((process) => process.status.name === name);
    if (found === undefined) {
      throw new RangeError(`process: expected ${all.map((each) => each.status.name).join(', ')}, was ${name}`);
    }
    return found;
  }

  /** As many trading processes as the settings ask for and the source is worth. Only while none runs. */
  #deal(): void {
    this.#parts = [];
    const count = shardsOf(this.#source, this.#options.settings.get().tradingProcesses);
    this.#trading = Array.from({ length: count }, (_, shard) => {
      return this.#manage(tradingProcessName(shard), () => this.#tradingConfig(shard), 'the venue');
    });
  }

  async #stopTrading(): Promise<void> {
    await Promise.all(this.#trading.map((trading) => trading.stop()));
  }

  #manage(
    name: ProcessName,
    configuration: () => ProcessConfig | undefined,
    waitingFor: string,
  ): ManagedProcess<Transfer> {
    return new ManagedProcess<Transfer>({
      name,
      v8Flags: v8Flags[roleOf(name)],
      launcher: this.#options.launcher,
      timings: { ...defaultProcessTimings, ...baseTimings[roleOf(name)], ...this.#options.timings?.[name] },
      configuration,
      waitingFor,
      onStatus: () => this.#onStatus(),
      onReady: (ready) => this.#onReady(ready),
      onReplayFinished: () => {
        for (const listener of this.#replayListeners) listener();
      },
      onSubscriptions: ({ symbols, feeds }) => this.#keepSubscriptions(name, symbols, feeds),
      onOutput: (stream, chunk) => this.#logOf(name).output(stream, chunk),
      log: (line) => this.#logOf(name).line(`[main] ${line}`),
    });
  }

  #onStatus(): void {
    const { processes } = this;
    for (const listener of this.#processListeners) listener(processes);
  }

  #onReady(ready: ProcessReady): void {
    if (ready.process !== 'venue') return;
    this.log(`venue listens at ${ready.restUrl} ${ready.streamUrl} ${ready.apiUrl}`);
    const before = this.#venueReady;
    this.#venueReady = ready;
    for (const trading of this.#trading) {
      if (before === undefined || before.port === ready.port) trading.configure();
      // Its port was taken while it was away: trading knows only the old one.
      else this.#run(trading.restart(`the venue moved to port ${ready.port}`));
    }
  }

  /** A session was given other symbols from its page: kept for its next start. It goes on as it is. */
  #keepSubscriptions(name: ProcessName, symbols: string[] | undefined, feeds: FeedSetting[]): void {
    const source = this.#source;
    const shard = this.#trading.findIndex((trading) => trading.status.name === name);
    const whole = this.#tradingSource();
    // What a session says that is about to end is about the source before.
    if (this.#sourceChanges > 0 || shard < 0 || whole === undefined || source.kind === 'replay') return;
    const count = this.#trading.length;
    // From now on nothing is dealt anew until all start again: each keeps what it has.
    if (this.#parts.length === 0) this.#parts = this.#trading.map((_, i) => partOf(dealtSource(whole, i, count)));
    this.#parts[shard] = { symbols: symbols ?? [], feeds };
    try {
      this.#options.settings.keepSource(joinedParts(source, this.#parts));
    } catch (error) {
      this.log(`the session's symbols were not saved: ${(error as Error).message}`);
      return;
    }
    const page = this.settingsForPage;
    for (const listener of this.#settingsListeners) listener(page);
  }

  #changeSource(reason: string): void {
    this.#sourceChanges++;
    const change = this.#sequence.then(async () => {
      if (this.#stopping) return;
      this.log(reason);
      await this.#stopTrading();
      await this.#venue.stop();
      this.#venueReady = undefined;
      if (this.#stopping) return;
      const before = this.#trading.length;
      this.#deal();
      if (this.#source.kind === 'sim') this.#venue.start();
      for (const trading of this.#trading) trading.start();
      // Journals of further processes are new to it.
      if (this.#trading.length > before) this.#run(this.#storage.restart('there are more journals'));
      this.#onStatus();
    });
    this.#sequence = change
      .catch(() => undefined)
      .then(() => {
        this.#sourceChanges--;
      });
    this.#run(change);
  }

  #run(task: Promise<void>): void {
    task.catch((error: unknown) => this.log(`failed: ${error instanceof Error ? error.stack : String(error)}`));
  }

  #venueConfig(): ProcessConfig {
    const { directory } = this.#options;
    const secrets = this.#secrets;
    const source = this.#source;
    if (source.kind !== 'sim') throw new Error('Expected the simulated market as source');
    return {
      process: 'venue',
      dataDir: directory.root,
      seed: source.seed,
      symbols: source.symbols,
      port: this.#venueReady?.port ?? 0,
      apiKey: secrets.simApiKey,
      apiSecret: secrets.simApiSecret,
    };
  }

  #tradingConfig(shard: number): ProcessConfig | undefined {
    const { directory, settings, autoStart } = this.#options;
    const count = this.#trading.length;
    const whole = this.#tradingSource();
    if (whole === undefined) return undefined;
    const source = withPart(whole, this.#parts[shard]) ?? dealtSource(whole, shard, count);
    const { rails, strategy, waitStrategy, processPriority, cpuAffinity } = settings.get();
    const name = autoStart?.strategy ?? (strategy.name === 'imbalance' ? 'imbalance' : 'none');
    // A crash restarts into a safe, disarmed state.
    const isChosen = shard === shardOfSymbol(this.#source, autoStart?.symbol, count);
    const startNow = autoStart !== undefined && name !== 'none' && isChosen && !this.#autoStarted;
    if (isChosen) this.#autoStarted = true;
    return {
      process: 'trading',
      dataDir: directory.root,
      // What is filled on paper must never be taken for what a venue holds.
      journalDir: join(tradesAtVenue(source) ? directory.journalSim : directory.journalReplay, `trading-${shard}`),
      source,
      rails: railsShare(rails, shard, count),
      strategy: {
        name,
        parameters: strategy.parameters,
        autoStart: startNow,
        ...(autoStart?.symbol === undefined ? {} : { symbol: autoStart.symbol }),
      },
      waitStrategy,
      processPriority,
      cpuAffinity,
    };
  }

  #tradingSource(): TradingSource | undefined {
    const source = this.#source;
    if (source.kind === 'replay') return { ...source, ...this.#options.replayUnits };
    if (source.kind === 'live') {
      const addresses = this.#options.settings.get().venueAddresses;
      return { kind: 'live', feeds: source.feeds.map((feed) => withAddress(feed, addresses)), addresses };
    }
    if (this.#venueReady === undefined) return undefined;
    const { restUrl, streamUrl, apiUrl, addresses = {} } = this.#venueReady;
    const { simApiKey, simApiSecret } = this.#secrets;
    return {
      kind: 'sim',
      restUrl,
      streamUrl,
      apiUrl,
      apiKey: simApiKey,
      apiSecret: simApiSecret,
      symbols: source.symbols,
      feeds: (source.feeds ?? []).map((feed) => withAddress(feed, addresses)),
      addresses,
    };
  }

  #storageConfig(): ProcessConfig {
    const { directory, settings } = this.#options;
    return {
      process: 'storage',
      dataDir: directory.root,
      journalDirs: [directory.journalSim, directory.journalReplay].flatMap((folder) => this.#journalsIn(folder)),
      postgresUrl: settings.get().postgresUrl,
      store: settings.get().store,
      redis: { ...settings.get().redis, password: this.#secrets.redisPassword },
    };
  }

  /** Of the processes that there are, and those that earlier sessions left behind: what is in them is to be stored too. */
  #journalsIn(folder: string): string[] {
    const own = this.#trading.map((_, shard) => `trading-${shard}`);
    const left = readdirSync(folder).filter((name) => /^trading-\d$/.test(name));
    return [...new Set([...own, ...left])].sort().map((name) => join(folder, name));
  }

  #redactPostgresPassword(): void {
    const url = this.#options.settings.get().postgresUrl;
    if (url === '' || !URL.canParse(url)) return;
    const { password, searchParams } = new URL(url);
    this.#options.redactor.add(password, decoded(password), searchParams.get('password') ?? '');
  }

  #logOf(name: string): LogFile {
    let log = this.#logs.get(name);
    if (log === undefined) {
      log = new LogFile(join(this.#options.directory.logs, `${name}.log`), this.#options.redactor);
      this.#logs.set(name, log);
    }
    return log;
  }
}

/** A password may hold a % that begins no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tradesAtVenue(source: TradingSource): boolean {
  return source.kind === 'sim' && source.symbols.length > 0;
}

function withoutSpeed(source: SourceSetting): unknown {
  return source.kind === 'replay' ? { ...source, speed: 0 } : source;
}
