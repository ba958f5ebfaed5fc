import { createHash } from 'node:crypto';
import type { RedisConfig } from '../../contract/redis-settings.ts';
import { type EncodedCommand, textCommand, ticksOfMembers, xaddCommand, zaddCommand } from './redis-command.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { checkCapacity, type LiveOrigin, type TickCache, type TickKind } from './tick-cache.ts';
import type { TickColumns } from './tick-columns.ts';
import { MEMBER_BYTES } from './tick-member.ts';

/** A ZADD of this many is 60 KB: long enough to be quick, short enough to let other clients in between. */
const MEMBERS_PER_COMMAND = 1_000;
/** ZADDs of one replacement on their way at a time: what a slow server leaves in memory. */
const COMMANDS_IN_FLIGHT = 16;
/** Series that nobody writes any more leave the server after a week. */
const EXPIRE_S = 7 * 86_400;
/** A half-filled replacement that was given up. */
const EXPIRE_FILLING_S = 3_600;
/** Entries (batches) of a live stream, about. */
const LIVE_ENTRIES = 1_000;

/**
 * Runs the reading command that the arguments are and joins its members: one reply of 3 KB instead of a hundred, which
 * ioredis would take apart for most of the time (31 k reads/s instead of 9 k). One key, so it is right in a cluster.
 */
const JOIN_SCRIPT = 'return table.concat(redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2)))';
const JOIN_SCRIPT_SHA = createHash('sha1').update(JOIN_SCRIPT).digest('hex');

/**
 * Ticks in Redis, one server or a cluster: a sorted set a series and kind, score = exchange time, members as in
 * tick-member.ts, trimmed once a batch. Keys are `<prefix>:{<series>}:<kind>`, so that what belongs to one series shares
 * a slot and no command ever crosses slots. Every write can be repeated.
 *
 * Commands are encoded whole and written one behind the other without waiting: that is pipelining already, and twice as
 * quick as ioredis' auto-pipelining, which collects commands for a turn of the event loop and waits for all their answers.
 */
export class RedisTickCache implements TickCache {
  readonly kind: 'redis' | 'redis-cluster';
  readonly capacity: number;
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  /** Set when the account may not run scripts. */
  #scriptRefused = false;

  constructor(config: RedisConfig, options: RedisConnectionOptions = {}) {
    this.capacity = checkCapacity(config.capacity);
    this.#prefix = config.prefix;
    this.#connection = new RedisConnection(config, options);
    this.kind = config.cluster ? 'redis-cluster' : 'redis';
  }

  get server(): string {
    return this.#connection.server;
  }

  get epoch(): number {
    return this.#connection.epoch;
  }

  open(): Promise<void> {
    return this.#connection.open();
  }

  async add(seriesName: string, kind: TickKind, ticks: TickColumns, live?: LiveOrigin): Promise<void> {
    if (ticks.length === 0) return;
    const key = this.#key(seriesName, kind);
    const commands = zadds(key, ticks);
    commands.push(textCommand('zremrangebyrank', key, '0', String(-this.capacity - 1)));
    commands.push(textCommand('expire', key, String(EXPIRE_S)));
    if (live !== undefined) {
      const liveKey = `${key}:live`;
      commands.push(xaddCommand(liveKey, ticks, live, LIVE_ENTRIES), textCommand('expire', liveKey, String(EXPIRE_S)));
    }
    await this.#sendAll(commands);
  }

  async replace(seriesName: string, kind: TickKind, ticks: TickColumns): Promise<void> {
    const key = this.#key(seriesName, kind);
    if (ticks.length === 0) {
      await this.#connection.send(textCommand('unlink', key));
      return;
    }
    // Filled beside it and put in its place at once: a transaction of this size would hold up everybody else.
    const filling = `${key}:filling`;
    await this.#connection.send(textCommand('unlink', filling));
    const commands = zadds(filling, ticks);
    for (let i = 0; i < commands.length; i += COMMANDS_IN_FLIGHT) {
      await this.#sendAll(commands.slice(i, i + COMMANDS_IN_FLIGHT));
    }
    await this.#sendAll([
      textCommand('zremrangebyrank', filling, '0', String(-this.capacity - 1)),
      textCommand('expire', filling, String(EXPIRE_FILLING_S)),
    ]);
    await this.#connection.send(textCommand('rename', filling, key));
    await this.#connection.send(textCommand('expire', key, String(EXPIRE_S)));
  }

  async newest(seriesName: string, kind: TickKind, beforeUs: number, limit: number): Promise<TickColumns> {
    const key = this.#key(seriesName, kind);
    return ticksOfMembers(await this.#members(key, this.#range(beforeUs, limit)));
  }

  async count(seriesName: string, kind: TickKind): Promise<number> {
    return Number(await this.#connection.send(textCommand('zcard', this.#key(seriesName, kind))));
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** Name of the stream of live ticks of a series and kind. */
  liveKey(seriesName: string, kind: TickKind): string {
    return `${this.#key(seriesName, kind)}:live`;
  }

  #key(seriesName: string, kind: TickKind): string {
    return `${this.#prefix}:{${seriesName}}:${kind}`;
  }

  /** The command that reads newest first, its key left out. */
  #range(beforeUs: number, limit: number): string[] {
    const isNewest = beforeUs >= Number.MAX_SAFE_INTEGER;
    if (this.#connection.hasRangeRev) {
      return isNewest
        ? ['ZRANGE', '0', String(limit - 1), 'REV']
        : ['ZRANGE', `(${beforeUs}`, '-inf', 'BYSCORE', 'REV', 'LIMIT', '0', String(limit)];
    }
    return isNewest
      ? ['ZREVRANGE', '0', String(limit - 1)]
      : ['ZREVRANGEBYSCORE', `(${beforeUs}`, '-inf', 'LIMIT', '0', String(limit)];
  }

  async #members(key: string, range: string[]): Promise<Buffer> {
    const [name = '', ...args] = range;
    if (!this.#scriptRefused) {
      try {
        return (await this.#evaluate(key, range)) as Buffer;
      } catch (error) {
        // An account without scripts (ACL) reads member by member.
        if (!(error as Error).message.startsWith('NOPERM')) throw error;
        this.#scriptRefused = true;
      }
    }
    const members = (await this.#connection.send(textCommand(name.toLowerCase(), key, ...args))) as Buffer[];
    return Buffer.concat(members, members.length * MEMBER_BYTES);
  }

  async #evaluate(key: string, range: string[]): Promise<unknown> {
    try {
      return await this.#connection.send(textCommand('evalsha', JOIN_SCRIPT_SHA, '1', key, ...range));
    } catch (error) {
      // A server that has not met it yet: the first time, after a restart, another master.
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return await this.#connection.send(textCommand('eval', JOIN_SCRIPT, '1', key, ...range));
    }
  }

  /** Sends all without waiting, then waits for all: what fails is told when nothing is on its way any more. */
  async #sendAll(commands: readonly EncodedCommand[]): Promise<void> {
    const results = await Promise.allSettled(commands.map((command) => this.#connection.send(command)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

function zadds(key: string, ticks: TickColumns): EncodedCommand[] {
  const commands: EncodedCommand[] = [];
  for (let from = 0; from < ticks.length; from += MEMBERS_PER_COMMAND) {
    commands.push(zaddCommand(key, ticks, from, Math.min(ticks.length, from + MEMBERS_PER_COMMAND)));
  }
  return commands;
}
