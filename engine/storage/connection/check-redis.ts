import { TLSSocket } from 'node:tls';
import { Redis } from 'ioredis';
import type { ConnectionLack, ConnectionReport } from '../../contract/connection-report.ts';
import type { RedisConfig } from '../../contract/redis-settings.ts';
import { hostAndPort, nodeOptions } from '../tick-cache/redis-connection.ts';
import { isAtLeast } from '../timescale/find-timescale.ts';
import { CHECK_TIMEOUT_MS, checkConnection } from './check-connection.ts';

/** First with streams, which live ticks are published by. */
const OLDEST_VERSION = [5, 0] as const;

/** Checks the first host on a connection of its own. @throws RangeError when there is no host */
export async function checkRedis(config: RedisConfig, timeoutMs = CHECK_TIMEOUT_MS): Promise<ConnectionReport> {
  const host = config.hosts[0];
  if (host === undefined) throw new RangeError('redis.hosts: expected host:port, was nothing');
  let client: Redis | undefined;
  let refusal: Error | undefined;
  let hasSilentHandshake = false;
  const report = await checkConnection(
    async () => {
      const redis = new Redis({
        // The time of the check comes first.
        ...nodeOptions(config, timeoutMs * 2),
        ...hostAndPort(host),
        connectionName: 'christmas check',
        lazyConnect: true,
        enableReadyCheck: false,
        retryStrategy: null as never,
      });
      client = redis;
      // What a command is answered after a refused login says less than the refusal.
      redis.on('error', (error: Error) => {
        refusal ??= error;
      });
      const ask = async <T>(answer: Promise<T>): Promise<T> => {
        try {
          return await answer;
        } catch (error) {
          throw refusal ?? error;
        }
      };
      await ask(redis.connect());
      return {
        roundTrip: () => ask(redis.ping()),
        async examine() {
          const info = await ask(redis.info());
          const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
          const version = field('redis_version');
          const lacks: ConnectionLack[] = [];
          if (!isAtLeast(version, OLDEST_VERSION)) lacks.push('oldServer');
          const isCluster = field('cluster_enabled') === '1';
          if (isCluster && !config.cluster) lacks.push('clusterOn');
          if (!isCluster && config.cluster) lacks.push('clusterOff');
          // A replica of a cluster sends writes on to its master.
          if (field('role') === 'slave' && !isCluster) lacks.push('readOnly');
          if (field('maxmemory') !== '0' && field('maxmemory_policy') !== 'noeviction') lacks.push('eviction');
          return { versions: [`Redis ${version}`], lacks };
        },
      };
    },
    () => {
      // A Redis without TLS waits for the end of a line that never comes.
      const socket: unknown = client?.stream;
      hasSilentHandshake = client?.status === 'connecting' && socket instanceof TLSSocket && !socket.connecting;
      client?.disconnect();
    },
    timeoutMs,
  );
  return report.failure === 'timedOut' && hasSilentHandshake ? { ...report, failure: 'tls' } : report;
}
