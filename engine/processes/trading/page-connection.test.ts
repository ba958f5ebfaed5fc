import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeCreditFrame,
  encodeJsonFrames,
  FrameKind,
  type FramePort,
  readFrameHeader,
} from '../../contract/frame.ts';
import {
  MARKET_HEADER_FIELDS,
  MarketField,
  marketFrameBody,
  marketFrameLayout,
  MAX_FRAME_TRADES,
} from '../../contract/market-frame.ts';
import type {
  TradingHello,
  TradingRequest,
  TradingServerMessage,
  TradingSnapshot,
} from '../../contract/trading-messages.ts';
import { RefusedError } from './errors.ts';
import { PageConnection, type PageSource } from './page-connection.ts';
import type { PendingTrades } from './pending-trades.ts';

class FakePort implements FramePort {
  readonly sent: Uint8Array[] = [];
  bufferedBytes = 0;
  closed = false;
  #listener: (frame: Uint8Array) => void = () => undefined;
  send(frame: Uint8Array): void {
    this.sent.push(frame.slice());
  }
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#listener = listener;
  }
  onClose(): void {
    return;
  }
  close(): void {
    this.closed = true;
  }
  receive(frame: Uint8Array): void {
    this.#listener(frame);
  }
  request(requestId: number, request: TradingRequest): void {
    for (const frame of encodeJsonFrames({ type: 'request', requestId, request }, 0)) this.receive(frame);
  }
  messages(): TradingServerMessage[] {
    return this.sent
      .filter((frame) => readFrameHeader(frame).kind === FrameKind.json)
      .map((frame) => JSON.parse(new TextDecoder().decode(frame.subarray(24))));
  }
  market(): Float64Array[] {
    return this.sent.filter((frame) => readFrameHeader(frame).kind === FrameKind.market).map(marketFrameBody);
  }
}

class FakeSource implements PageSource {
  events = 0;
  readonly handled: TradingRequest[] = [];
  nowNs(): number {
    return 5;
  }
  hello(): TradingHello {
    return { type: 'hello', instruments: [{}, {}] } as unknown as TradingHello;
  }
  snapshot(): TradingSnapshot {
    return { type: 'snapshot' } as TradingSnapshot;
  }
  handle(request: TradingRequest): unknown {
    if (request.kind === 'kill') throw new RefusedError('refused: no reason');
    if (request.kind === 'killReset') throw new TypeError('a bug');
    this.handled.push(request);
    return { orderNumber: 7 };
  }
  eventCount(): number {
    return this.events;
  }
  newestCandleSecond(): number {
    return 0;
  }
  writeMarket(body: Float64Array, instrument: number, trades: PendingTrades, events: number): number {
    body.fill(0, 0, MARKET_HEADER_FIELDS);
    body[MarketField.instrument] = instrument;
    body[MarketField.conflatedEvents] = events;
    body[MarketField.droppedTrades] = trades.dropped;
    body[MarketField.tradeCount] = trades.count;
    return trades.copyTo(body, MARKET_HEADER_FIELDS);
  }
}

function connect(): { port: FakePort; source: FakeSource; page: PageConnection } {
  const port = new FakePort();
  const source = new FakeSource();
  return { port, source, page: new PageConnection(port, source, () => undefined) };
}

test('hello at once, snapshot and reply on subscribe, nothing from the market before', () => {
  const { port, page, source } = connect();
  source.events = 3;
  page.flush();
  assert.equal(port.market().length, 0);
  port.request(1, { kind: 'subscribe', instrument: 1 });
  assert.deepEqual(
    port.messages().map((message) => message.type),
    ['hello', 'snapshot', 'reply'],
  );
  page.flush();
  assert.equal(port.market()[0]?.[MarketField.instrument], 1);
});

test('without credit frames are conflated, trades kept in a bounded ring, orders still sent', () => {
  const { port, page, source } = connect();
  port.request(1, { kind: 'subscribe', instrument: 0 });
  for (let i = 1; i <= 1000; i++) {
    source.events = i;
    page.onTrade(0, i, 100 + i, 1, i, 1);
    page.flush();
  }
  assert.equal(port.market().length, 2, 'two frames of credit');
  page.send({ type: 'alert', alert: { sequence: 1, level: 'info', text: 'x', timeUs: 0 } });
  assert.equal(port.messages().at(-1)?.type, 'alert');

  port.receive(encodeCreditFrame(2, 0));
  page.flush();
  const body = port.market()[2] as Float64Array;
  assert.equal(body[MarketField.conflatedEvents], 998);
  assert.equal(body[MarketField.tradeCount], MAX_FRAME_TRADES);
  assert.equal(body[MarketField.droppedTrades], 998 - MAX_FRAME_TRADES);
  const { trades } = marketFrameLayout(body);
  const ids = Array.from({ length: MAX_FRAME_TRADES }, (_, i) => body[trades + i * 5 + 3]);
  assert.equal(ids[0], 1000 - MAX_FRAME_TRADES + 1, 'oldest first');
  assert.equal(ids.at(-1), 1000, 'newest kept');
});

test('an unchanged market sends nothing, an own change sends a frame', () => {
  const { port, page, source } = connect();
  port.request(1, { kind: 'subscribe', instrument: 0 });
  source.events = 1;
  page.flush();
  port.receive(encodeCreditFrame(1, 0));
  page.flush();
  assert.equal(port.market().length, 1);
  page.onOwnChange();
  page.flush();
  assert.equal(port.market().length, 2);
});

test('refusals come back as errors, bad instruments are named, credit for frames never sent is ignored', () => {
  const { port, page, source } = connect();
  port.request(1, { kind: 'kill' });
  port.request(2, { kind: 'subscribe', instrument: 9 });
  const replies = port.messages().filter((message) => message.type === 'reply');
  assert.deepEqual(replies, [
    { type: 'reply', requestId: 1, ok: false, error: 'refused: no reason' },
    { type: 'reply', requestId: 2, ok: false, error: 'instrument: expected 0..1, was 9' },
  ]);
  port.request(3, { kind: 'subscribe', instrument: 0 });
  port.receive(encodeCreditFrame(1_000_000, 0));
  for (let i = 1; i < 10; i++) {
    source.events = i;
    page.flush();
  }
  assert.equal(port.market().length, 2);
});

test('a bad frame closes the port; a page that does not read is closed rather than buffered without end', () => {
  const bad = connect();
  bad.port.receive(new Uint8Array(3));
  assert.equal(bad.port.closed, true);
  const slow = connect();
  slow.port.bufferedBytes = 1e9;
  slow.page.send({ type: 'pong', clientTimeMs: 0, engineTimeNs: 0 });
  assert.equal(slow.port.closed, true);
});

test('what is no message is passed over, and a bug is told to the page but never swallowed', () => {
  const { port } = connect();
  const before = port.messages().length;
  for (const nothing of [null, 5, 'x', [], {}, { type: 'other' }]) {
    for (const frame of encodeJsonFrames(nothing, 0)) port.receive(frame);
  }
  assert.equal(port.messages().length, before);
  assert.equal(port.closed, false);
  assert.throws(() => port.request(3, { kind: 'killReset' }), /a bug/);
  assert.deepEqual(port.messages().at(-1), { type: 'reply', requestId: 3, ok: false, error: 'a bug' });
});
