import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { defaultRedisSettings, type RedisConfig } from '../../contract/redis-settings.ts';

/** False where there is no redis-server: tests that need one are then skipped, which CI counts as a failure. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const inCi = !['', 'false', '0'].includes(process.env['CI'] ?? '');
export const needsRedis =
  hasRedis || inCi ? {} : { skip: 'NOT TESTED here: needs redis-server (apt-get install redis-server)' };

/** A real redis-server in a folder of its own, without persistence unless `args` ask for it. */
export class RedisServer {
  readonly port: number;
  readonly #dir = fs.mkdtempSync(path.join(os.tmpdir(), 'christmas-redis-'));
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
  }

  /** On a free port. */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), args);
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Again, on the same port and in the same folder. */
  async start(): Promise<void> {
    const own = ['--port', String(this.port), '--dir', this.#dir, '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', [...own, '--loglevel', 'warning', ...this.#args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    const port = /--tls-port,(\d+)/.exec(this.#args.join())?.[1];
    for (let i = 0; ; i++) {
      if (await canConnect(Number(port ?? this.port))) return;
      if (child.exitCode !== null || i > 500) throw new Error(`redis-server did not start:\n${said}`);
      await sleep(10);
    }
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** Throws away what it has written to disk; between `kill` and `start`. */
  wipe(): void {
    for (const name of fs.readdirSync(this.#dir)) fs.rmSync(path.join(this.#dir, name), { recursive: true });
  }

  /** Stops it from running without closing anything: it hangs until `thaw`. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.kill();
    fs.rmSync(this.#dir, { recursive: true, force: true });
  }

  /** A plain client; the caller disconnects it. */
  client(): Redis {
    return new Redis({ port: this.port });
  }
}

/** Three masters with a replica each. */
export class RedisCluster {
  readonly nodes: RedisServer[];

  private constructor(nodes: RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(args: readonly string[] = []): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const own = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0'];
    for (let i = 0; i < 6; i++) nodes.push(await RedisServer.start([...own, ...args]));
    const cluster = new RedisCluster(nodes);
    const created = spawnSync('redis-cli', [
      ...['--cluster', 'create', ...nodes.map((node) => node.address)],
      ...['--cluster-replicas', '1', '--cluster-yes'],
    ]);
    if (created.status !== 0) throw new Error(`redis-cli --cluster create:\n${created.stdout}${created.stderr}`);
    await cluster.settled();
    return cluster;
  }

  get hosts(): string[] {
    return this.nodes.map((node) => node.address);
  }

  /** Waits until every living node calls the cluster whole and every master has a replica that follows it. */
  async settled(replicas = 3): Promise<void> {
    for (let i = 0; i < 600; i++) {
      const states = await Promise.all(this.nodes.map((node) => stateOf(node)));
      const living = states.filter((state) => state !== undefined);
      const followers = living.filter((state) => state.isFollowing).length;
      if (living.every((state) => state.isOk) && followers >= replicas) return;
      await sleep(50);
    }
    throw new Error('the cluster did not become whole');
  }

  /** The node that serves a slot. */
  async masterOf(slot: number): Promise<{ server: RedisServer; id: string }> {
    for (const node of this.nodes) {
      if (node.pid === 0 || !(await canConnect(node.port))) continue;
      const client = node.client();
      try {
        const slots = await client.cluster('SLOTS');
        const found = slots.find(([from, to]) => slot >= from && slot <= to)?.[2] as
          | [string, number, string]
          | undefined;
        const server = this.nodes.find((each) => each.port === found?.[1]);
        if (found !== undefined && server !== undefined) return { server, id: found[2] };
      } finally {
        client.disconnect();
      }
    }
    throw new Error(`no node serves slot ${slot}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

async function stateOf(node: RedisServer): Promise<{ isOk: boolean; isFollowing: boolean } | undefined> {
  if (!(await canConnect(node.port))) return undefined;
  const client = node.client();
  try {
    const [cluster, replication] = await Promise.all([client.cluster('INFO'), client.info('replication')]);
    return {
      isOk: /cluster_state:ok/.test(String(cluster)),
      isFollowing: /master_link_status:up/.test(replication),
    };
  } finally {
    client.disconnect();
  }
}

export function redisConfig(hosts: string[], changes: Partial<RedisConfig> = {}): RedisConfig {
  return { ...defaultRedisSettings, hosts, password: '', ...changes };
}

/** A free port below 55535: a node of a cluster listens on one 10 000 above it, too. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
