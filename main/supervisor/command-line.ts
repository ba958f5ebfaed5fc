import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { isMarketProtocol, isVenueId, marketProtocols, symbolPattern } from '../../engine/contract/market-protocol.ts';
import type { FeedSetting, SourceSetting } from '../../engine/contract/settings.ts';
import { defaultSettings } from '../../engine/contract/settings.ts';

/** A bad argument: one line for the user, exit code 2. */
export class ArgumentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArgumentError';
  }
}

/** Where the market comes from and where things are kept: understood by every host. */
export const sourceOptions = {
  venue: { type: 'string' },
  feed: { type: 'string', multiple: true },
  paper: { type: 'boolean' },
  seed: { type: 'string' },
  symbol: { type: 'string' },
  replay: { type: 'string' },
  protocol: { type: 'string' },
  speed: { type: 'string' },
  'tick-size': { type: 'string' },
  'lot-size': { type: 'string' },
  'data-dir': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export type OptionValues = Record<string, string | boolean | string[] | undefined>;

export interface SourceArguments {
  /** Undefined when the command line names no source. */
  source: SourceSetting | undefined;
  symbol: string | undefined;
  tickSize: string | undefined;
  lotSize: string | undefined;
  dataDir: string | undefined;
}

/** @throws ArgumentError naming an unknown or incomplete option. */
export function parseOptions(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>): OptionValues {
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return values as OptionValues;
  } catch (error) {
    // The second sentence explains how to pass positional arguments, of which there are none.
    throw new ArgumentError((error as Error).message.split(/\.\s/)[0] ?? 'Bad arguments');
  }
}

/** @throws ArgumentError naming the argument and its value. */
export function readSource(values: OptionValues): SourceArguments {
  const venue = text(values, 'venue');
  const replay = text(values, 'replay');
  if (venue !== undefined && replay !== undefined) throw new ArgumentError('Expected --venue or --replay, was both');
  if (venue !== undefined && venue !== 'sim' && venue !== 'live') {
    throw new ArgumentError(`--venue: expected sim or live, was "${venue}"`);
  }
  const feeds = readFeeds(values);
  if (feeds.length > 0 && venue === undefined) throw new ArgumentError('--feed: expected only together with --venue');
  if (values['paper'] === true && (venue !== 'sim' || feeds.length === 0)) {
    throw new ArgumentError('--paper: expected only together with --venue sim and --feed');
  }
  const symbol = text(values, 'symbol');
  if (symbol !== undefined && !symbolPattern.test(symbol)) {
    throw new ArgumentError(`--symbol: expected an upper-case symbol such as BTCUSDT, was "${symbol}"`);
  }
  const result: SourceArguments = {
    source: undefined,
    symbol,
    tickSize: stepSize(values, 'tick-size'),
    lotSize: stepSize(values, 'lot-size'),
    dataDir: text(values, 'data-dir'),
  };
  if (replay === undefined) {
    for (const name of ['protocol', 'speed', 'tick-size', 'lot-size']) {
      if (values[name] !== undefined) throw new ArgumentError(`--${name}: expected only together with --replay`);
    }
  } else if (values['seed'] !== undefined) throw new ArgumentError('--seed: expected only together with --venue sim');
  if (venue === 'sim') {
    const usual = symbol === undefined ? (defaultSettings.source as { symbols: string[] }).symbols : [symbol];
    const symbols = values['paper'] === true ? [] : usual;
    const seed = wholeNumber(values, 'seed', 0, 0xffffffff) ?? 1;
    result.source = { kind: 'sim', seed, symbols, ...(feeds.length === 0 ? {} : { feeds }) };
  } else if (values['seed'] !== undefined) throw new ArgumentError('--seed: expected only together with --venue sim');
  if (venue === 'live') {
    if (feeds.length === 0)
      throw new ArgumentError('--venue live: expected at least one --feed VENUE:SYMBOL, was none');
    result.source = { kind: 'live', feeds };
  }
  if (replay !== undefined) {
    const protocol = text(values, 'protocol');
    if (protocol !== undefined && !isMarketProtocol(protocol)) {
      throw new ArgumentError(`--protocol: expected ${marketProtocols.join(', ')}, was "${protocol}"`);
    }
    result.source = {
      kind: 'replay',
      files: replay.split(',').map(readableFile),
      ...(protocol === undefined ? {} : { protocol }),
      speed: speed(values),
      ...(symbol === undefined ? {} : { symbol }),
    };
  }
  return result;
}

/**
 * Feeds as `VENUE:SYMBOL[,SYMBOL...]`, one option each; those of one venue are put together.
 * @throws ArgumentError naming what is not right and the whole value.
 */
function readFeeds(values: OptionValues): FeedSetting[] {
  const given = values['feed'];
  const feeds: FeedSetting[] = [];
  for (const value of Array.isArray(given) ? given : []) {
    const match = /^((?:ccxt:)?[^:]+):(.+)$/.exec(value);
    if (match === null) throw new ArgumentError(`--feed: expected VENUE:SYMBOL[,SYMBOL...], was "${value}"`);
    const [, venue = '', list = ''] = match;
    if (!isVenueId(venue)) {
      throw new ArgumentError(
        `--feed: expected ${marketProtocols.join(', ')} or ccxt:EXCHANGE as venue, was "${value}"`,
      );
    }
    const symbols = list.split(',');
    const bad = symbols.find((name) => !symbolPattern.test(name));
    if (bad !== undefined) {
      throw new ArgumentError(`--feed: expected upper-case symbols such as BTCUSDT, was "${bad}" in "${value}"`);
    }
    const known = feeds.find((feed) => feed.venue === venue);
    if (known === undefined) feeds.push({ venue, symbols: [...new Set(symbols)] });
    else known.symbols = [...new Set([...known.symbols, ...symbols])];
  }
  return feeds;
}

/** A string option; @throws ArgumentError when it is given but empty. */
export function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new ArgumentError(`--${name}: expected a value, was nothing`);
  return value;
}

/** @throws ArgumentError unless the value is a whole number within [min, max]. */
export function wholeNumber(values: OptionValues, name: string, min: number, max: number): number | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new ArgumentError(`--${name}: expected a whole number from ${min} to ${max}, was "${value}"`);
  }
  return number;
}

/** @throws ArgumentError unless the value is a number above zero and at most `max`. */
export function positiveNumber(values: OptionValues, name: string, max: number): number | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || !(number > 0) || number > max) {
    throw new ArgumentError(`--${name}: expected a number above 0 and at most ${max}, was "${value}"`);
  }
  return number;
}

function speed(values: OptionValues): number | 'max' {
  if (values['speed'] === 'max') return 'max';
  try {
    return positiveNumber(values, 'speed', 1_000_000) ?? 1;
  } catch {
    throw new ArgumentError(`--speed: expected max or a number above 0, was "${String(values['speed'])}"`);
  }
}

function stepSize(values: OptionValues, name: string): string | undefined {
  const value = text(values, name);
  if (value !== undefined && (!/^\d+(\.\d+)?$/.test(value) || !(Number(value) > 0))) {
    throw new ArgumentError(`--${name}: expected a decimal number above 0, was "${value}"`);
  }
  return value;
}

function readableFile(path: string): string {
  if (path === '') throw new ArgumentError('--replay: expected FILE[,FILE...], was an empty name');
  const absolute = resolve(path);
  let isFile: boolean;
  try {
    isFile = statSync(absolute).isFile();
    accessSync(absolute, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ArgumentError(`--replay: cannot read ${path} (${code === 'ENOENT' ? 'no such file' : code})`);
  }
  if (!isFile) throw new ArgumentError(`--replay: expected a file, was a folder: ${path}`);
  return absolute;
}
