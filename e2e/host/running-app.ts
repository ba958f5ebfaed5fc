import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { ProcessName } from '../../engine/contract/process.ts';
import { VenueClient } from '../venue-client.ts';
import { descendantsOf, isRunning, listProcesses, waitForEnd } from './process-list.ts';

/** One start of Christmas with its page: what a host must provide. */
export interface Launch {
  page: Page;
  mainPid: number;
  /** What main printed so far. */
  output(): string;
  /** Orderly end; resolves when main has exited, to its exit code. */
  end(): Promise<number | null>;
}

/** Starts the app over a data folder and opens its page. */
export type Launcher = (dataDir: string) => Promise<Launch>;

/** The app under test, the same over both hosts. */
export class RunningApp {
  readonly dataDir: string;
  readonly venue: VenueClient;
  readonly #launcher: Launcher;
  #launch: Launch;
  readonly #seen = new Set<number>();
  /** Problems the page reported: console errors, CSP violations, uncaught exceptions. */
  readonly problems: string[] = [];

  private constructor(dataDir: string, launcher: Launcher, launch: Launch) {
    this.dataDir = dataDir;
    this.venue = new VenueClient(dataDir);
    this.#launcher = launcher;
    this.#launch = launch;
    this.#watch();
  }

  static async start(dataDir: string, launcher: Launcher): Promise<RunningApp> {
    return new RunningApp(dataDir, launcher, await launcher(dataDir));
  }

  get page(): Page {
    return this.#launch.page;
  }

  get mainPid(): number {
    return this.#launch.mainPid;
  }

  /** Process id of a process as the status bar shows it; waits until it is ready. */
  async pid(name: ProcessName): Promise<number> {
    const cell = this.page.getByTestId(`status-process-${name}`);
    await expect(cell).toHaveAttribute('data-state', 'ready', { timeout: 30_000 });
    const pid = Number(await cell.getAttribute('data-pid'));
    expect(pid, `pid of ${name}`).toBeGreaterThan(0);
    return pid;
  }

  /** `kill -9` of one process. @returns the pid it had. */
  async kill(name: ProcessName): Promise<number> {
    const pid = await this.pid(name);
    this.noteProcesses();
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Closes Christmas in good order and starts it again over the same data folder, with a new page. */
  async restart(): Promise<void> {
    await this.#end();
    this.#launch = await this.#launcher(this.dataDir);
    this.#watch();
  }

  /** Closes Christmas and checks that nothing it started is left. */
  async close(): Promise<void> {
    await this.#end();
  }

  /** Everything main printed, and every log file. */
  logs(): string {
    const parts = [this.#launch.output()];
    const folder = join(this.dataDir, 'logs');
    if (statSync(folder, { throwIfNoEntry: false })) {
      for (const name of readdirSync(folder)) parts.push(`--- ${name}\n${readFileSync(join(folder, name), 'utf8')}`);
    }
    return parts.join('\n');
  }

  /** Remembers what runs now, so that {@link close} can tell whether it is gone. */
  noteProcesses(): void {
    this.#seen.add(this.mainPid);
    for (const entry of descendantsOf(this.mainPid)) this.#seen.add(entry.pid);
  }

  #watch(): void {
    const { page } = this.#launch;
    page.on('console', (message) => {
      // A process that is not ready yet refuses the page's port; the page tries again.
      const refused = /^WebSocket connection to .*(503|closed before|ERR_CONNECTION)/.test(message.text());
      if (message.type() === 'error' && !refused) this.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.message}`));
  }

  async #end(): Promise<void> {
    if (isRunning(this.mainPid)) this.noteProcesses();
    const code = await this.#launch.end();
    const left = await waitForEnd([...this.#seen], 10_000);
    // A database whose parent was killed has no parent left to be found by, only its folder.
    const byFolder = listProcesses().filter(
      (entry) => entry.command.includes(this.dataDir) && entry.pid !== process.pid,
    );
    const all = [...left, ...byFolder].map((entry) => `${entry.pid} ${entry.command}`);
    for (const entry of [...left, ...byFolder]) if (isRunning(entry.pid)) process.kill(entry.pid, 'SIGKILL');
    expect(all, 'processes left behind').toEqual([]);
    expect(code, `exit code of main\n${this.#launch.output()}`).toBe(0);
  }
}
