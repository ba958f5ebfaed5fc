import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { marketProtocols, type MarketProtocol } from '../contract/market-protocol.ts';
import { BookState } from '../contract/record.ts';
import type { MarketAdapter } from '../venue/market-adapter.ts';
import { protocols } from '../venue/protocols.ts';
import { ConsumerIo } from '../venue/proven-feed.test-support.ts';
import { bookText, instrumentFrom } from '../verification/adapter-run.test-support.ts';
import { FLOW_REGIMES } from './order-flow.ts';
import type { SimulatedVenue } from './start-simulated-venue.ts';
import { type ManualClock, startManualVenue } from './venue-client.test-support.ts';

const MAX_LEVELS = 5000;
/** A symbol of each protocol, and the key of its book in the venue's memory. */
const WATCHED: Readonly<Record<MarketProtocol, readonly [symbol: string, bookKey: string]>> = {
  'binance-spot': ['BTCUSDT', 'BTCUSDT'],
  'binance-usdm': ['ETHUSDT', 'ETHUSDT'],
  'binance-coinm': ['BTCUSD_PERP', 'BTCUSD_PERP'],
  bybit: ['BTCUSDT', 'orderbook.200.BTCUSDT'],
  'bybit-spot': ['SOLUSDT', 'orderbook.200.SOLUSDT'],
  upbit: ['KRW-BTC', 'KRW-BTC.30'],
  okx: ['BTC-USDT-SWAP', 'books:BTC-USDT-SWAP'],
  kraken: ['XBT/USD', 'book-1000:XBT/USD'],
};

/** The adapter on real sockets: what the feed's shell does, no more. */
class SocketRun extends ConsumerIo {
  readonly adapter: MarketAdapter;
  readonly sockets: WebSocket[] = [];
  readonly #restUrl: string;
  readonly #startMs: number;
  readonly #clock: ManualClock;

  constructor(protocol: MarketProtocol, venue: SimulatedVenue, clock: ManualClock) {
    super(1);
    const [symbol] = WATCHED[protocol];
    const spec = venue.feed(protocol).markets.specs.find((listed) => listed.symbol === symbol);
    assert.ok(spec);
    const instruments = [instrumentFrom(protocol, spec, 0)];
    const { restUrl, streamUrl } = venue.addresses[protocol];
    this.#restUrl = restUrl;
    this.#clock = clock;
    this.#startMs = clock.nowMs;
    const options = { instruments, tradeStream: 'aggTrade', originUs: clock.nowMs * 1000, depth: true } as const;
    this.adapter = protocols[protocol].createAdapter(options, this);
    this.adapter.routes.forEach(({ path }, route) => {
      const socket = new WebSocket(streamUrl + path());
      this.sockets.push(socket);
      socket.on('error', (error) => this.reconnects.push(error.message));
      socket.on('open', () => {
        this.adapter.onConnected(this.#timeNs, route);
        for (const text of this.adapter.subscriptionMessages(route)) socket.send(text);
        if (this.adapter.pingIntervalMs > 0) socket.send(this.adapter.pingMessage());
      });
      socket.on('message', (data) => this.adapter.onMessage(data as Buffer, this.#timeNs, route));
    });
  }

  get #timeNs(): number {
    return (this.#clock.nowMs - this.#startMs) * 1e6;
  }

  override requestSnapshot(instrument = 0): void {
    fetch(this.#restUrl + this.adapter.snapshotPath(instrument)).then(
      async (response) => {
        const body = new Uint8Array(await response.arrayBuffer());
        if (response.ok) this.adapter.onSnapshot(instrument, body, this.#timeNs);
        else this.adapter.onSnapshotFailed(instrument, this.#timeNs, `status ${response.status}`);
      },
      (error: unknown) => this.adapter.onSnapshotFailed(instrument, this.#timeNs, String(error)),
    );
  }

  override send(text: string, route = 0): void {
    this.sockets[route]?.send(text);
  }
}

let venue: SimulatedVenue;
let clock: ManualClock;
before(async () => {
  ({ venue, clock } = await startManualVenue({ flow: 'live', regime: FLOW_REGIMES.burst, rememberedBooks: 200 }));
});
after(() => venue.close());

it('speaks every protocol on one port: each adapter ends with the book of the venue', async () => {
  const runs = marketProtocols.map((protocol) => new SocketRun(protocol, venue, clock));
  for (let step = 0; step < 200; step++) {
    clock.pass(20, 20);
    for (const { adapter } of runs) adapter.onTimer(step * 20e6);
    await nextTurn();
    await delay(1);
  }
  for (const [i, protocol] of marketProtocols.entries()) {
    const run = runs[i] as SocketRun;
    const [, bookKey] = WATCHED[protocol];
    const newest = () => venue.feed(protocol).memory.copies(bookKey).at(-1);
    const isRight = () => {
      const copy = newest();
      return copy !== undefined && run.top(0, MAX_LEVELS) === bookText(copy, MAX_LEVELS);
    };
    // The last messages may still be on their way.
    for (let tries = 0; tries < 100 && !isRight(); tries++) await delay(10);
    const { badMessages, gaps, applied, stateReason } = run.adapter.counters(0);
    assert.equal(run.states[0], BookState.live, `${protocol}: ${stateReason}`);
    assert.ok(isRight(), `Expected the venue's own book at ${protocol}`);
    assert.deepEqual([badMessages, gaps, run.reconnects], [0, 0, []], protocol);
    assert.ok(applied > 20 && run.trades.length > 10, `${protocol}: ${applied} updates, ${run.trades.length} trades`);
  }
  const routes = runs.reduce((sum, { adapter }) => sum + adapter.routes.length, 0);
  assert.equal([...venue.connections].length, routes);
  for (const { sockets } of runs) for (const socket of sockets) socket.terminate();
});

it('refuses unknown paths, and answers each protocol under its own name', async () => {
  const status = async (path: string) => (await fetch(venue.restUrl + path)).status;
  assert.deepEqual(await Promise.all(['/okx/api/v5/public/time', '/api/v3/time'].map(status)), [200, 200]);
  assert.deepEqual(await Promise.all(['/okx/fapi/v1/time', '/nowhere'].map(status)), [404, 404]);
  const refusal = await new Promise<string>((resolve) => {
    const socket = new WebSocket(`${venue.addresses.bybit.streamUrl}/v5/public/spot`);
    socket.on('error', (error) => resolve(error.message));
    socket.on('open', () => resolve('open'));
  });
  assert.match(refusal, /404/);
});

it('does not run a protocol that nobody has asked for', async () => {
  const { venue: quiet, clock: hands } = await startManualVenue({ flow: 'live' });
  try {
    hands.pass(1000);
    for (const protocol of marketProtocols) {
      if (protocol !== 'binance-spot')
        assert.equal(quiet.feed(protocol).markets.opened(WATCHED[protocol][0]), undefined);
    }
  } finally {
    await quiet.close();
  }
});
