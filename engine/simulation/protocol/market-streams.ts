import type { WebSocket } from 'ws';
import type { FeedSink, PublicTrade, SimulatedMarket, DepthIntervalMs } from '../simulated-market.ts';
import type { VenueFaults } from './faults.ts';
import { aggregateTradeJson, bookTickerJson, depthUpdateJson, tradeJson } from './market-messages.ts';
import { sendBounded } from './send-bounded.ts';

/** Binance cuts a stream connection that sends more. */
const MAX_MESSAGES_PER_SECOND = 5;
const MAX_STREAMS = 1024;

interface StreamClient {
  socket: WebSocket;
  /** `/stream`: messages come wrapped with their stream's name. */
  combined: boolean;
  streams: Set<string>;
  windowStartMs: number;
  messages: number;
}

interface Topic {
  name: string;
  clients: Set<StreamClient>;
}

/**
 * Market data connections: who gets which stream. Messages are encoded as events happen (only for streams somebody
 * listens to) and leave together on {@link flush}.
 */
export class MarketStreams implements FeedSink {
  readonly #topics = new Map<string, Topic>();
  readonly #clients = new Set<StreamClient>();
  readonly #faults: VenueFaults;
  readonly #nowMs: () => number;
  #pending: { topic: Topic; json: string }[] = [];

  constructor(faults: VenueFaults, nowMs: () => number) {
    this.#faults = faults;
    this.#nowMs = nowMs;
  }

  /** `path` is `/ws`, `/ws/<stream>[/<stream>...]` or `/stream?streams=a/b`. */
  accept(socket: WebSocket, path: string): void {
    const [route, query = ''] = path.split('?', 2) as [string, string | undefined];
    const combined = route === '/stream';
    const names = combined
      ? (new URLSearchParams(query).get('streams') ?? '').split('/')
      : route.slice('/ws'.length).replaceAll('%40', '@').split('/');
    const client: StreamClient = { socket, combined, streams: new Set(), windowStartMs: 0, messages: 0 };
    this.#clients.add(client);
    for (const name of names) if (name !== '') this.#subscribe(client, name);
    socket.on('message', (data) => this.#onMessage(client, String(data)));
    socket.on('close', () => {
      for (const name of client.streams) this.#topics.get(name)?.clients.delete(client);
      this.#clients.delete(client);
    });
  }

  /** Cuts all stream connections, as a network would. */
  cut(): void {
    for (const client of this.#clients) client.socket.terminate();
  }

  onTrade(market: SimulatedMarket, trade: PublicTrade): void {
    const topic = this.#listened(`${market.streamPrefix}@trade`);
    if (topic !== undefined) this.#pending.push({ topic, json: tradeJson(market, trade) });
  }

  onAggregateTrade(market: SimulatedMarket, trade: PublicTrade, aggregateId: number, firstTradeId: number): void {
    const topic = this.#listened(`${market.streamPrefix}@aggTrade`);
    if (topic === undefined) return;
    this.#pending.push({ topic, json: aggregateTradeJson(market, trade, aggregateId, firstTradeId) });
  }

  onQuote(market: SimulatedMarket): void {
    const topic = this.#listened(`${market.streamPrefix}@bookTicker`);
    if (topic !== undefined) this.#pending.push({ topic, json: bookTickerJson(market) });
  }

  onDepth(
    market: SimulatedMarket,
    intervalMs: DepthIntervalMs,
    firstUpdateId: number,
    bidTicks: number[],
    askTicks: number[],
  ): void {
    const names = intervalMs === 100 ? ['@depth@100ms'] : ['@depth', '@depth@1000ms'];
    for (const name of names) {
      const topic = this.#listened(market.streamPrefix + name);
      if (topic === undefined) continue;
      if (this.#faults.loseDepthUpdates > 0) {
        this.#faults.loseDepthUpdates--;
        continue;
      }
      this.#pending.push({ topic, json: depthUpdateJson(market, firstUpdateId, bidTicks, askTicks) });
    }
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    if (this.#faults.stallStreams) return;
    for (const { topic, json } of pending) {
      let wrapped: string | undefined;
      for (const client of topic.clients) {
        if (client.combined) wrapped ??= `{"stream":"${topic.name}","data":${json}}`;
        sendBounded(client.socket, client.combined ? (wrapped as string) : json);
      }
    }
  }

  #listened(name: string): Topic | undefined {
    const topic = this.#topics.get(name);
    return topic !== undefined && topic.clients.size > 0 ? topic : undefined;
  }

  #subscribe(client: StreamClient, name: string): void {
    client.streams.add(name);
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { name, clients: new Set() };
      this.#topics.set(name, topic);
    }
    topic.clients.add(client);
  }

  #unsubscribe(client: StreamClient, name: string): void {
    client.streams.delete(name);
    const topic = this.#topics.get(name);
    topic?.clients.delete(client);
    if (topic?.clients.size === 0) this.#topics.delete(name);
  }

  #onMessage(client: StreamClient, text: string): void {
    const nowMs = this.#nowMs();
    if (nowMs - client.windowStartMs >= 1000) {
      client.windowStartMs = nowMs;
      client.messages = 0;
    }
    if (++client.messages > MAX_MESSAGES_PER_SECOND) {
      client.socket.close(1008, 'Too many requests');
      return;
    }
    let request: { method?: unknown; params?: unknown; id?: unknown };
    try {
      request = JSON.parse(text) as typeof request;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      sendBounded(client.socket, JSON.stringify({ code: 3, msg: `Invalid JSON: ${detail}` }));
      return;
    }
    const answer = this.#answer(client, request);
    sendBounded(client.socket, JSON.stringify(answer));
  }

  #answer(client: StreamClient, request: { method?: unknown; params?: unknown; id?: unknown }): object {
    const { method, params, id = null } = request ?? {};
    if (method === 'LIST_SUBSCRIPTIONS') return { result: [...client.streams], id };
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') {
      return {
        code: 2,
        msg: 'Invalid request: unknown variant, expected one of SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS',
        id,
      };
    }
    if (
      !Array.isArray(params) ||
      !params.every((name) => typeof name === 'string' && /^[a-z0-9]+@\w+(@\w+)?$/.test(name))
    ) {
      return { code: 2, msg: 'Invalid request: params must be stream names such as btcusdt@trade', id };
    }
    if (method === 'SUBSCRIBE' && client.streams.size + params.length > MAX_STREAMS) {
      return { code: 2, msg: `Invalid request: too many streams, at most ${MAX_STREAMS}`, id };
    }
    for (const name of params as string[]) {
      if (method === 'SUBSCRIBE') this.#subscribe(client, name);
      else this.#unsubscribe(client, name);
    }
    return { result: null, id };
  }
}
