/**
 * Several trading processes share the symbols of a session: each has its own journal, its own sockets, its own step. What
 * they number by themselves (orders, fills, alerts) is told apart by the process it came from.
 */
import type { ProcessName, ProcessRole } from './process.ts';
import type { RiskRails } from './risk-rails.ts';

export const MAX_TRADING_PROCESSES = 8;

/** Above every number that a process gives to an order, a fill or an alert; times the most processes below 2^53. */
const NUMBERS_A_SHARD = 1e15;

/** The first is plain `trading`: alone it is all there is. */
export function tradingProcessName(shard: number): ProcessName {
  if (!Number.isInteger(shard) || shard < 0 || shard >= MAX_TRADING_PROCESSES) {
    throw new RangeError(`shard: expected 0..${MAX_TRADING_PROCESSES - 1}, was ${shard}`);
  }
  return shard === 0 ? 'trading' : (`trading-${shard}` as ProcessName);
}

export function roleOf(name: ProcessName): ProcessRole {
  return name === 'venue' || name === 'storage' ? name : 'trading';
}

/** A number of one process as it is known outside of it. */
export function globalNumber(shard: number, number: number): number {
  return shard * NUMBERS_A_SHARD + number;
}

/** Which process a {@link globalNumber} is of, and what it is called there. */
export function localNumber(global: number): { shard: number; number: number } {
  const shard = Math.floor(global / NUMBERS_A_SHARD);
  return { shard, number: global - shard * NUMBERS_A_SHARD };
}

/**
 * What one of `count` processes may do of the whole account's rails: an even part of the day's loss and of the orders a
 * second. The parts add up to the whole; a rate below one a process is one. The other rails are of one order or one
 * instrument, and each instrument belongs to one process.
 */
export function railsShare(rails: RiskRails, shard: number, count: number): RiskRails {
  if (count === 1) return rails;
  const rate = Math.floor(rails.maxOrdersPerSecond / count) + (shard < rails.maxOrdersPerSecond % count ? 1 : 0);
  return { ...rails, maxDailyLoss: rails.maxDailyLoss / count, maxOrdersPerSecond: Math.max(1, rate) };
}

/** The whole account's rails by the parts in force. */
export function wholeRails(shares: readonly RiskRails[]): RiskRails {
  const [first] = shares;
  if (first === undefined) throw new RangeError('shares: expected at least one, was none');
  const sum = (key: 'maxDailyLoss' | 'maxOrdersPerSecond'): number =>
    Number(shares.reduce((total, share) => total + share[key], 0).toPrecision(12));
  return { ...first, maxDailyLoss: sum('maxDailyLoss'), maxOrdersPerSecond: sum('maxOrdersPerSecond') };
}
