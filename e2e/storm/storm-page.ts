/**
 * `storm-page.ts RATE SECONDS`: the whole app under the Node host (trading, storage, its database) on the storm venue, its
 * page in Chromium, orders from clicks and keys meanwhile. One JSON row on standard output; 1 when a bar is missed.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { root } from '../../build/run-command.ts';
import { compareExecutions, readJournalLag, summarizeLag } from '../../engine/bench/storm/journal-lag.ts';
import { setRate, stormExecutions, stormStatus, stormSymbols } from '../../engine/bench/storm/storm-processes.ts';
import { stormAddressFile } from '../../engine/bench/storm/storm-venue.ts';
import { defaultSettings } from '../../engine/contract/settings.ts';
import { endNodeHost, type NodeHost, startNodeHost } from '../host/node-app.ts';
import { Ladder } from '../pages/ladder.ts';
import { coresBetween, cpuSecondsBelow } from './cpu-by-process.ts';
import { installPageProbe, type PageFigures } from './page-probe.ts';

const warmUpMs = 10_000;
const settleMs = 3_000;
const inputEveryMs = 150;
const listedLongFrames = 10;
const bars = { framesPerSecond: 50, longTaskMs: 50, inputToFrameP95Ms: 32 } as const;

/** The build with the storm venue in place of the simulated one; nothing else differs. */
function stormBuild(folder: string): string {
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const script = join(root, 'engine', 'bench', 'storm', 'storm-venue.process.ts');
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cjs', 'index.cjs');
  writeFileSync(
    join(folder, 'dist', 'processes', 'venue.cjs'),
    `require(${JSON.stringify(tsx)});require(${JSON.stringify(script)});\n`,
  );
  return join(folder, 'dist', 'main', 'node.cjs');
}

/** Buys and sells at the touch in turns, and keys that choose a size, at uneven times. */
async function act(page: Page, untilMs: number): Promise<void> {
  const rows = await new Ladder(page).rows();
  const ask = rows.filter((row) => row.ask).at(-1);
  const bid = rows.find((row) => row.bid);
  if (ask === undefined || bid === undefined) throw new Error('Expected both sides on the ladder, was one');
  for (let i = 0; Date.now() < untilMs; i++) {
    const nextMs = Date.now() + inputEveryMs + (i % 7) * 9;
    if (i % 3 === 2) await page.keyboard.press(String(1 + (i % 2)));
    else if (i % 3 === 0) await page.mouse.click(ask.x, ask.y, { button: 'left' });
    else await page.mouse.click(bid.x, bid.y, { button: 'right' });
    await page.waitForTimeout(Math.max(0, nextMs - Date.now()));
  }
}

async function waitFor<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const untilMs = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > untilMs) throw new Error(`Expected ${what} within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Folder of the journal of the trading process: the one below the data folder that holds segments. */
function journalFolder(dataDir: string): string {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.xmj')) return entry.parentPath;
  }
  throw new Error(`Expected a journal below ${dataDir}, was none`);
}

async function measure(
  page: Page,
  url: string,
  rate: number,
  seconds: number,
): Promise<{ figures: PageFigures; cores: Record<string, number>; measurementCores: Record<string, number> }> {
  await page.waitForSelector('[data-testid="status-feed"][data-state="live"]', { timeout: 60_000 });
  await waitFor('prices on the ladder', 30, async () => new Ladder(page).bestPrices());
  await setRate(url, rate);
  await act(page, Date.now() + warmUpMs);
  await setRate(url, rate);
  const before = cpuSecondsBelow(process.pid);
  const driverBefore = process.cpuUsage();
  await page.evaluate('stormProbe.start()');
  await act(page, Date.now() + seconds * 1_000);
  const figures = (await page.evaluate('stormProbe.stop()')) as PageFigures;
  const { user, system } = process.cpuUsage(driverBefore);
  const { venue = 0, ...cores } = coresBetween(before, cpuSecondsBelow(process.pid), figures.seconds);
  // On the same two cores as the app: where it trades, both are somewhere else.
  const measurementCores = { venue, driver: Math.round((user + system) / figures.seconds / 10_000) / 100 };
  return { figures, cores, measurementCores };
}

async function run(rate: number, seconds: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'christmas-storm-page-'));
  const dataDir = join(folder, 'data');
  let host: NodeHost | undefined;
  const executablePath = process.env['CHRISTMAS_CHROMIUM'];
  const browser = await chromium.launch(executablePath ? { executablePath } : {});
  try {
    mkdirSync(dataDir);
    const source = { kind: 'sim', seed: 1, symbols: stormSymbols } as const;
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ ...defaultSettings, source }));
    host = await startNodeHost(dataDir, [], {}, stormBuild(folder));
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    // The compiler of tsx names functions through a helper that the page does not have.
    await page.addInitScript({ content: `globalThis.__name=(f)=>f;(${installPageProbe.toString()})()` });
    await page.goto(host.address);
    const url = await waitFor('the address of the storm venue', 30, () => {
      const [found] = readdirSync(dataDir).includes(stormAddressFile) ? [stormAddressFile] : [];
      return found === undefined ? undefined : readFileSync(join(dataDir, found), 'utf8');
    });
    const { figures, cores, measurementCores } = await measure(page, url, rate, seconds);
    const { maxBacklogBytes } = await stormStatus(url);
    const { phases } = await setRate(url, 0);
    const phase = phases.at(-2);
    if (phase === undefined) throw new Error('Expected a phase before the last, was none');
    await page.waitForTimeout(settleMs);
    const sent = await stormExecutions(url);
    await page.close();
    await endNodeHost(host);
    host = undefined;

    const found = readJournalLag(journalFolder(dataDir), phase, phases.at(-1)?.firstIndex ?? 0);
    const compared = compareExecutions(sent, found.executions);
    const framesPerSecond = figures.frames / figures.seconds;
    const inputs = [...figures.inputToFrameMs].sort((a, b) => a - b);
    const at = (fraction: number): number => inputs[Math.floor(fraction * inputs.length)] ?? Number.NaN;
    const passed = {
      framesPerSecond: framesPerSecond >= bars.framesPerSecond,
      noLongTask: figures.longTasks.every((ms) => ms <= bars.longTaskMs),
      inputToFrame: at(0.95) < bars.inputToFrameP95Ms,
      noExecutionLost: sent.length > 0 && compared.missing + compared.repeated + compared.unknown === 0,
    };
    const row = {
      name: 'storm page',
      messagesPerSecond: rate,
      seconds,
      framesPerSecond,
      cores,
      measurementCores,
      longestGapMs: figures.longestGapMs,
      longTasks: { count: figures.longTasks.length, longestMs: Math.max(0, ...figures.longTasks) },
      longFrames: figures.longFrames.sort((a, b) => b.durationMs - a.durationMs).slice(0, listedLongFrames),
      inputToFrameMs: { p50: at(0.5), p95: at(0.95), max: inputs.at(-1), count: inputs.length },
      messages: { received: found.received, missing: found.missing },
      executions: { sent: sent.length, journalled: found.executions.length, ...compared },
      lagUs: summarizeLag(found.lagBySecond.slice(0, seconds)),
      maxBacklogBytes,
      passed,
    };
    console.log(JSON.stringify(row));
    return Object.values(passed).every(Boolean);
  } finally {
    await browser.close();
    if (host !== undefined) await endNodeHost(host);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const [rate, seconds] = process.argv.slice(2).map(Number);
if (rate === undefined || seconds === undefined || !(rate > 0) || !(seconds > 0)) {
  throw new RangeError(`Expected a rate and seconds, was ${process.argv.slice(2).join(' ')}`);
}
process.exitCode = (await run(rate, seconds)) ? 0 : 1;
