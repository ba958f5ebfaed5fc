import * as fs from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type Command, Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../contract/redis-settings.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;
const DEFAULT_TIMEOUT_MS = 2_000;

/** Version from which `ZRANGE ... REV` is there; before it, ZREVRANGE. */
const ZRANGE_REV_VERSION = 6.02;

export interface RedisConnectionOptions {
  /** Longest wait for an answer or for a connection, default 2 s: then the connection is given up. */
  timeoutMs?: number;
}

/**
 * One Redis or one cluster, connected again for ever. Commands fail at once while it is away: nothing waits in memory, the
 * journal keeps what is to be sent. `epoch` rises with every lost connection.
 */
export class RedisConnection {
  readonly server: string;
  readonly isCluster: boolean;
  readonly #client: Redis | Cluster;
  readonly #timeoutMs: number;
  readonly #events = new EventEmitter();
  #epoch = 0;
  #versionEpoch = -1;
  #version = 0;
  #lastError = '';

  /** Connects with the first `open`. @throws Error when the CA file of the settings cannot be read. */
  constructor(config: RedisConfig, options: RedisConnectionOptions = {}) {
    this.server = config.hosts.join(',');
    this.isCluster = config.cluster;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const node = nodeOptions(config, this.#timeoutMs);
    const addresses = config.hosts.map(hostAndPort);
    const retry = (times: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10));
    if (config.cluster) {
      const cluster = new Cluster(addresses, {
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: retry,
        slotsRefreshTimeout: this.#timeoutMs,
        slotsRefreshInterval: 5_000,
        redisOptions: node,
        // With TLS a certificate names hosts, while nodes are found by their addresses.
        dnsLookup: (address, callback) => callback(null, address),
      });
      cluster.on('+node', (redis: Redis) => redis.on('close', () => this.#onLost()));
      cluster.on('node error', (error: Error) => this.#onError(error));
      this.#client = cluster;
    } else {
      const redis = new Redis({
        ...node,
        ...addresses[0],
        lazyConnect: true,
        enableOfflineQueue: false,
        retryStrategy: retry,
        // A replica behind an address that was the master's: connect anew, the address may have moved.
        reconnectOnError: (error) => error.message.startsWith('READONLY'),
      });
      this.#client = redis;
    }
    this.#client.on('error', (error: Error) => this.#onError(error));
    this.#client.on('close', () => this.#onLost());
    this.#client.on('ready', () => this.#events.emit('ready'));
  }

  /** Rises whenever a connection was lost: what was written last may be lost too. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the server, or every master, knows `ZRANGE ... REV`. Known after `open`. */
  get hasRangeRev(): boolean {
    return this.#version >= ZRANGE_REV_VERSION;
  }

  /** @throws Error naming what is wrong when commands cannot be sent within the time-out. */
  async open(): Promise<void> {
    const client = this.#client;
    if (client.status === 'wait' || client.status === 'end') {
      client.connect().catch((error: Error) => this.#onError(error));
    }
    if (client.status !== 'ready') {
      const over = new AbortController();
      await Promise.race([
        once(this.#events, 'ready', { signal: over.signal }),
        sleep(this.#timeoutMs, undefined, { signal: over.signal }),
      ]).finally(() => over.abort());
    }
    if (client.status !== 'ready') throw new Error(this.#lastError || `${this.server}: no connection`);
    if (this.#versionEpoch !== this.#epoch) {
      const epoch = this.#epoch;
      this.#version = await this.#lowestVersion();
      this.#versionEpoch = epoch;
    }
  }

  /** Sends at once, behind what was sent before to the same server. @throws Error (rejects) as Redis or the socket says */
  async send(command: Command): Promise<unknown> {
    try {
      return await this.#client.sendCommand(command);
    } catch (error) {
      throw error instanceof Error ? new Error(reasonOf(error), { cause: error }) : error;
    }
  }

  close(): void {
    this.#client.disconnect();
  }

  async #lowestVersion(): Promise<number> {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
    const infos = await Promise.all(nodes.map((node) => node.info('server')));
    const versions = infos.map((info) => {
      const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(info) ?? [];
      return Number(major) + Number(minor) / 100;
    });
    return Math.min(...versions);
  }

  #onLost(): void {
    this.#epoch++;
  }

  #onError(error: Error): void {
    this.#lastError = reasonOf(error);
  }
}

/** Where a cluster gives a general error, the one behind it says more. */
function reasonOf(error: Error): string {
  const last = (error as { lastNodeError?: Error }).lastNodeError;
  return last instanceof Error ? `${error.message} ${last.message}` : error.message;
}

/** @throws Error when the CA file cannot be read. */
export function nodeOptions(config: RedisConfig, timeoutMs: number): RedisOptions {
  const options: RedisOptions = {
    connectionName: 'christmas',
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A server that hangs: without it, answers that nobody waits for any more would be waited for.
    socketTimeout: timeoutMs * 2,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    keepAlive: 10_000,
  };
  if (config.user !== '') options.username = config.user;
  if (config.password !== '') options.password = config.password;
  if (config.tls) options.tls = config.tlsCaFile === '' ? {} : { ca: fs.readFileSync(config.tlsCaFile) };
  return options;
}

/** `host:port`, `[::1]:port` or `host`. @throws RangeError of anything else */
export function hostAndPort(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new RangeError(`redis host: expected host:port, was ${text}`);
  return { host, port: Number(port ?? 6379) };
}
