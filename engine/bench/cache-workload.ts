import * as net from 'node:net';
import { RedisServer, redisConfig } from '../storage/tick-cache/redis.test-support.ts';
import { RedisTickCache } from '../storage/tick-cache/redis-tick-cache.ts';
import { TickColumns } from '../storage/tick-cache/tick-columns.ts';

export const SERIES = 'bench|binance-spot|BTCUSDT|0.01|0.00001';
const START_US = Date.UTC(2026, 0, 2) * 1000;

/** Ticks [from, from + count) of an endless series: rising times, as a venue sends them. */
export function ticksFrom(from: number, count: number): TickColumns {
  const ticks = new TickColumns(count);
  for (let n = from; n < from + count; n++) {
    ticks.push(
      START_US + n * 137,
      4_000_000_000 + n,
      1 + (n % 2),
      6_000_000 + ((n * 7919) % 1013),
      1 + ((n * 31) % 997),
    );
  }
  return ticks;
}

/** A server of its own, and a cache on it. */
export async function withRedis<T>(run: (cache: RedisTickCache, server: RedisServer) => Promise<T>): Promise<T> {
  const server = await RedisServer.start();
  try {
    const cache = new RedisTickCache(redisConfig([server.address]));
    await cache.open();
    const result = await run(cache, server);
    await cache.close();
    return result;
  } finally {
    await server.stop();
  }
}

/** A socket that writes requests and counts the bytes of the answers: what nothing on top of it can beat. */
export class BareSocket {
  readonly #socket: net.Socket;
  /** Bytes of answers: those that came, those asked for in all, and those waited for now. */
  #received = 0;
  #asked = 0;
  #wanted = 0;
  #wake: (() => void) | undefined;

  static async open(port: number): Promise<BareSocket> {
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    return new BareSocket(socket);
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.#received += bytes.length;
      if (this.#received < this.#wanted) return;
      this.#wake?.();
      this.#wake = undefined;
    });
  }

  /** Writes a request whose answer has so many bytes; waits until no more than `aheadBytes` of answers are to come. */
  async send(request: Uint8Array, answerBytes: number, aheadBytes: number): Promise<void> {
    this.#socket.write(request);
    this.#asked += answerBytes;
    await this.settle(aheadBytes);
  }

  /** Waits until no more than `aheadBytes` of answers are to come. */
  async settle(aheadBytes = 0): Promise<void> {
    this.#wanted = this.#asked - aheadBytes;
    if (this.#received >= this.#wanted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Calls `send` for at least `forMs`, `inFlight` of them at a time. @returns calls a millisecond */
export async function callsPerMs(forMs: number, inFlight: number, send: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + forMs;
  let calls = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await send();
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return calls / (performance.now() - startMs);
}
