import { WebSocket } from 'ws';
import { hmacHex, signedPayload } from './protocol/request-signing.ts';
import { type SimulatedVenue, type SimulatedVenueConfig, startSimulatedVenue } from './start-simulated-venue.ts';

export const API_KEY = 'test-key';
export const API_SECRET = 'test-secret';

export type Json = Record<string, unknown>;

export interface Answer {
  id: string;
  status: number;
  result?: unknown;
  error?: { code: number; msg: string };
  rateLimits?: { rateLimitType: string; count: number; limit: number }[];
}

/** Starts a venue whose clock only moves by {@link ManualClock.pass}. */
export async function startManualVenue(
  config: Partial<SimulatedVenueConfig> = {},
): Promise<{ venue: SimulatedVenue; clock: ManualClock }> {
  const clock = new ManualClock();
  const venue = await startSimulatedVenue({
    seed: 1,
    symbols: ['BTCUSDT'],
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    flow: 'off',
    nowMs: () => clock.nowMs,
    autoAdvance: false,
    ...config,
  });
  clock.venue = venue;
  return { venue, clock };
}

export class ManualClock {
  nowMs = 1_760_000_000_000;
  venue: SimulatedVenue | undefined;

  /** Lets `ms` pass in steps and the venue run along. */
  pass(ms: number, stepMs = 10): void {
    for (let left = ms; left > 0; left -= stepMs) {
      this.nowMs += Math.min(stepMs, left);
      this.venue?.advance(this.nowMs);
    }
  }
}

/** A WebSocket that keeps what it received; `next` takes messages in order and waits for those still to come. */
export class Inbox {
  readonly socket: WebSocket;
  readonly received: Json[] = [];
  closed = false;
  #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.received.push(JSON.parse(String(data)) as Json);
      this.#wake();
    });
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open(url: string): Promise<Inbox> {
    const socket = new WebSocket(url);
    const inbox = new Inbox(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return inbox;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message not yet taken that matches; rejects after two seconds or when the connection ends. */
  async next(matches: (message: Json) => boolean = () => true): Promise<Json> {
    const deadline = Date.now() + 2000;
    for (;;) {
      const at = this.received.findIndex(matches);
      if (at >= 0) return this.received.splice(at, 1)[0] as Json;
      if (this.closed) throw new Error(`Expected a message, was a closed connection`);
      if (Date.now() > deadline)
        throw new Error(`Expected a message, was ${JSON.stringify(this.received).slice(0, 500)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async untilClosed(): Promise<void> {
    const deadline = Date.now() + 2000;
    while (!this.closed && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    if (!this.closed) throw new Error('Expected the venue to close the connection');
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Signs and sends WebSocket API requests. */
export class ApiClient {
  readonly inbox: Inbox;
  readonly #now: () => number;
  #count = 0;

  constructor(inbox: Inbox, now: () => number = Date.now) {
    this.inbox = inbox;
    this.#now = now;
  }

  static async open(url: string, now?: () => number): Promise<ApiClient> {
    return new ApiClient(await Inbox.open(url), now);
  }

  /** Sends a signed request and waits for its answer. `secret` and `params` may spoil it. */
  async call(method: string, params: Json = {}, secret = API_SECRET): Promise<Answer> {
    const id = this.post(method, params, secret);
    return (await this.inbox.next((message) => message['id'] === id)) as unknown as Answer;
  }

  /** Sends a signed request without waiting. Returns its id. */
  post(method: string, params: Json = {}, secret = API_SECRET): string {
    const signed: Json = { apiKey: API_KEY, timestamp: this.#now(), ...params };
    const id = `r${++this.#count}`;
    this.inbox.send({ id, method, params: { ...signed, signature: hmacHex(secret, signedPayload(signed)) } });
    return id;
  }

  limit(side: 'BUY' | 'SELL', price: string, quantity: string, more: Json = {}): Promise<Answer> {
    return this.call('order.place', {
      symbol: 'BTCUSDT',
      side,
      type: 'LIMIT',
      timeInForce: 'GTC',
      price,
      quantity,
      ...more,
    });
  }

  /** Takes the next user data event of a type. */
  async event(type: string): Promise<Json> {
    const message = await this.inbox.next((item) => (item['event'] as Json | undefined)?.['e'] === type);
    return message['event'] as Json;
  }
}
