/**
 * `npm run storm [-- flood|page|heap] [--rate N] [--seconds N] [--minutes N]`: the app under load, measured. Progress goes
 * to standard error, one JSON row to standard output; ends by itself, 1 when a bar is missed.
 *
 *   flood   no page: 50 000 messages/s for 60 s; nothing lost, lag flat
 *   page    the whole app and its page in Chromium: 20 000 messages/s for 60 s; frames, long tasks, input to frame
 *   heap    moderate load for 20 minutes; slope of the heap after forced collections
 */
import { parseArgs } from 'node:util';
import { runFlood } from '../engine/bench/storm/storm-flood.ts';
import { runHeapSlope } from '../engine/bench/storm/heap-slope.ts';
import { buildStale } from './bundle.ts';
import { chromiumNeed } from './provision/needs.ts';
import { provide } from './provision/provision.ts';
import { runScript } from './run-command.ts';

const defaults = { flood: 50_000, page: 20_000, heap: 2_000 } as const;

const log = (line: string): void => console.error(line);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rate: { type: 'string' }, seconds: { type: 'string' }, minutes: { type: 'string' } },
  });
  const mode = positionals[0] ?? 'flood';
  if (mode !== 'flood' && mode !== 'page' && mode !== 'heap') {
    console.error(`Expected flood, page or heap, was ${mode}`);
    return 2;
  }
  const rate = wholeNumber('rate', values.rate, defaults[mode], 1_000_000);
  const seconds = wholeNumber('seconds', values.seconds, 60, 86_400);
  const minutes = wholeNumber('minutes', values.minutes, 20, 1_440);
  if (rate === undefined || seconds === undefined || minutes === undefined) return 2;
  await buildStale(log);
  if (mode === 'page') {
    const browser = await provide(chromiumNeed);
    if ('missing' in browser) {
      console.error(`storm page: no Chromium (${browser.missing})`);
      return 1;
    }
    const env = { CHRISTMAS_CHROMIUM: browser.found };
    return (await runScript('e2e/storm/storm-page.ts', [String(rate), String(seconds)], { env })).code;
  }
  const row = mode === 'flood' ? await runFlood(rate, seconds, log) : await runHeapSlope(rate, minutes, log);
  console.log(JSON.stringify(row));
  const passed = typeof row.passed === 'boolean' ? row.passed : Object.values(row.passed).every(Boolean);
  return passed ? 0 : 1;
}

function wholeNumber(name: string, text: string | undefined, standard: number, most: number): number | undefined {
  if (text === undefined) return standard;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  console.error(`--${name}: expected a whole number from 1 to ${most}, was ${text}`);
  return undefined;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`storm: ${(error as Error).message}`);
  process.exitCode = 1;
}
