import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { marketProtocols } from '../../engine/contract/market-protocol.ts';
import type { SourceSetting } from '../../engine/contract/settings.ts';
import {
  ArgumentError,
  parseOptions,
  positiveNumber,
  readSource,
  sourceOptions,
  text,
} from '../supervisor/command-line.ts';
import { readFaultArgument, type TimedFault } from './fault-argument.ts';

export interface HeadlessArguments {
  source: SourceSetting;
  symbol: string | undefined;
  tickSize: string | undefined;
  lotSize: string | undefined;
  strategy: 'imbalance' | 'none';
  /** Length of a session on a venue, from ready. */
  seconds: number;
  /** What the simulated venue does wrong, and when. */
  faults: TimedFault[];
  dataDir: string | undefined;
  /** Absolute path, or `-` for standard output. */
  report: string;
}

export const headlessUsage = `Usage: npm run -s headless -- (--venue sim|live | --replay FILE[,FILE...]) [options]
  --venue sim           trade the simulated market [--seed N] [--symbol BTCUSDT] [--seconds S]
                        [--feed VENUE:SYMBOL[,SYMBOL] ...] watches other protocols that it speaks as well;
                        with --paper those alone, filled on paper
  --venue live          public data of real venues, filled on paper: --feed VENUE:SYMBOL[,SYMBOL] for each
                        [--symbol BTCUSDT] [--seconds S]
  --replay FILE[,FILE]  play a recording [--protocol P] [--speed max|N] [--symbol BTCUSDT]
                        [--tick-size S] [--lot-size S]
                        P is ${marketProtocols.join(', ')} (default: what the
                        recording is found to be); captures of cryptofeed take in what lies beside them
  --fault F@SECONDS     the simulated venue goes wrong then: gap:count=1,symbol=BTCUSDT@5 (repeatable)
  --strategy NAME       imbalance or none (default: none)
  --data-dir DIR        keep journal and database there (default: a temporary folder, removed afterwards)
  --report PATH|-       where the JSON report goes (default: -, standard output)`;

const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 7 * 24 * 3_600;

/** @returns undefined for --help. @throws ArgumentError naming the argument and its value. */
export function readHeadlessArguments(args: readonly string[]): HeadlessArguments | undefined {
  const values = parseOptions(args, {
    ...sourceOptions,
    seconds: { type: 'string' },
    strategy: { type: 'string' },
    fault: { type: 'string', multiple: true },
    report: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (values['help'] === true) return undefined;
  const { source, symbol, tickSize, lotSize, dataDir } = readSource(values);
  if (source === undefined) throw new ArgumentError('Expected --venue live, --venue sim or --replay FILE');
  const strategy = text(values, 'strategy') ?? 'none';
  if (strategy !== 'imbalance' && strategy !== 'none') {
    throw new ArgumentError(`--strategy: expected imbalance or none, was "${strategy}"`);
  }
  const seconds = positiveNumber(values, 'seconds', MAX_SECONDS);
  if (seconds !== undefined && source.kind === 'replay') {
    throw new ArgumentError('--seconds: expected only together with --venue');
  }
  const length = seconds ?? DEFAULT_SECONDS;
  const faults = readFaults(values['fault'] as string[] | undefined, source, length);
  return {
    source,
    symbol,
    tickSize,
    lotSize,
    strategy,
    seconds: length,
    faults,
    dataDir,
    report: reportPath(text(values, 'report') ?? '-'),
  };
}

function readFaults(given: readonly string[] = [], source: SourceSetting, seconds: number): TimedFault[] {
  if (given.length > 0 && source.kind !== 'sim') {
    throw new ArgumentError('--fault: expected only together with --venue sim');
  }
  const faults = given.map(readFaultArgument);
  const late = faults.find(({ atSeconds }) => atSeconds > seconds);
  if (late !== undefined) {
    throw new ArgumentError(`--fault: expected a second of the session (${seconds} s), was ${late.atSeconds}`);
  }
  return faults;
}

/** Found out before the run, not after hours of it. */
function reportPath(path: string): string {
  if (path === '-') return path;
  const absolute = resolve(path);
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new ArgumentError(`--report: expected a file, was a folder: ${path}`);
  }
  if (statSync(dirname(absolute), { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ArgumentError(`--report: no such folder: ${dirname(path)}`);
  }
  return absolute;
}
