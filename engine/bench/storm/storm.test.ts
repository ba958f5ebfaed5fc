import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BookState, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';
import { BinanceSpotAdapter } from '../../venue/binance-spot/binance-spot-adapter.ts';
import { parseExchangeInfo } from '../../venue/binance-spot/exchange-info.ts';
import { fitLine } from './heap-slope.ts';
import { compareExecutions, readJournalLag } from './journal-lag.ts';
import { firstId, StormFeed } from './storm-feed.ts';
import { StormOrders } from './storm-orders.ts';
import { stormExchangeInfo } from './storm-venue.ts';

const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

/** Payloads of unmasked text frames. */
function payloads(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    assert.equal(bytes[at], 0x81);
    const short = bytes[at + 1] as number;
    const start = short === 126 ? at + 4 : at + 2;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    found.push(bytes.subarray(start, start + length));
    at = start + length;
  }
  return found;
}

test('the adapter reads every message: books live and never crossed, ids count all messages', () => {
  const feed = new StormFeed(symbols);
  const instruments = parseExchangeInfo(Buffer.from(stormExchangeInfo(symbols)), { makerFee: 0, takerFee: 0 });
  const ids: number[] = [];
  const states = new Map<number, number>();
  const wanted: number[] = [];
  const adapter = new BinanceSpotAdapter(
    { instruments: instruments.map((spec, index) => ({ ...spec, index })), tradeStream: 'trade', originUs: 0 },
    {
      emit: (slot) => {
        if (slot.kind === RecordKind.diffBegin) ids.push(slot.aux);
        else if (slot.kind === RecordKind.trade) ids.push(slot.id);
        else if (slot.kind === RecordKind.quote && slot.side === Side.buy) ids.push(slot.id);
        else if (slot.kind === RecordKind.bookState) states.set(slot.instrument, slot.id);
      },
      requestSnapshot: (instrument) => wanted.push(instrument),
      send: () => undefined,
      reconnect: (reason) => assert.fail(reason),
    },
  );
  adapter.onConnected(0, 0);
  const play = (count: number): void => {
    for (const payload of payloads(feed.next(count, 1_700_000_000_123))) adapter.onMessage(payload, feed.sent);
  };
  play(600);
  for (const instrument of wanted.splice(0)) {
    adapter.onSnapshot(instrument, Buffer.from(feed.snapshot(symbols[instrument] as string)), feed.sent);
  }
  play(700);
  assert.deepEqual(
    [...states.values()],
    symbols.map(() => BookState.live),
  );
  ids.length = 0;
  const before = feed.sent;
  play(2_777);
  assert.deepEqual(
    ids,
    Array.from({ length: 2_777 }, (_, i) => firstId + before + i),
  );
  assert.deepEqual(
    [...states.values()],
    symbols.map(() => BookState.live),
  );
  assert.equal(adapter.slowMessages, 0);
  for (let i = 0; i < symbols.length; i++) {
    const { gaps, badMessages } = adapter.counters(i);
    assert.deepEqual({ gaps, badMessages }, { gaps: 0, badMessages: 0 });
  }
});

test('every execution that is reported is on the list; what rests is cancelled once', () => {
  const orders = new StormOrders();
  const place = (clientId: string, price: string, timeInForce: string): string[] =>
    orders.answers(
      JSON.stringify({
        id: '1',
        method: 'order.place',
        params: { symbol: 'BTCUSDT', side: 'BUY', price, quantity: '0.00083', newClientOrderId: clientId, timeInForce },
      }),
      1,
    );
  const statuses = (texts: string[]): string[] => texts.slice(1).map((text) => JSON.parse(text).event.X as string);
  assert.deepEqual(statuses(place('a', '60000.10', 'IOC')), ['NEW', 'PARTIALLY_FILLED', 'FILLED']);
  assert.deepEqual(statuses(place('b', '59999.90', 'GTC')), ['NEW']);
  assert.deepEqual(statuses(place('c', '59999.90', 'IOC')), ['NEW', 'EXPIRED']);
  assert.deepEqual(orders.executions, [1, 2]);
  const cancel = JSON.stringify({ id: '2', method: 'order.cancel', params: { origClientOrderId: 'b' } });
  assert.deepEqual(statuses(orders.answers(cancel, 1)), ['CANCELED']);
  assert.equal(JSON.parse(orders.answers(cancel, 1)[0] as string).error.code, -2013);
});

test('lag is receive time minus due time; lost messages and executions are counted', () => {
  const dir = mkdtempSync(join(tmpdir(), 'christmas-storm-test-'));
  try {
    const { writer } = JournalWriter.open(dir);
    const slot = new EventSlot();
    slot.begin(RecordKind.sessionStart, 0, 0);
    slot.value = 5e6;
    writer.append(slot);
    // 10 a second from 6 s on; each 2 ms late, the fourth missing.
    for (const nth of [0, 1, 2, 4]) {
      slot.begin(RecordKind.trade, 0, (1e6 + nth * 1e5 + 2_000) * 1000);
      slot.id = firstId + 100 + nth;
      writer.append(slot);
    }
    for (const tradeId of [1, 3, 3, 9]) {
      slot.begin(RecordKind.orderFill, 0, 2e9);
      slot.aux = tradeId;
      writer.append(slot);
    }
    writer.close();
    const found = readJournalLag(dir, { firstIndex: 100, startUs: 6e6, messagesPerSecond: 10 }, 105);
    assert.equal(found.received, 4);
    assert.equal(found.missing, 1);
    assert.ok(Math.abs((found.lagBySecond[0]?.max ?? 0) - 2e6) < 2e4, `was ${found.lagBySecond[0]?.max}`);
    assert.deepEqual(compareExecutions([1, 2, 3], found.executions), { missing: 1, repeated: 1, unknown: 1 });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a line is fitted with its error', () => {
  assert.deepEqual(fitLine([0, 1, 2, 3], [5, 7, 9, 11]), { slope: 2, error: 0 });
  const { slope, error } = fitLine([0, 1, 2], [0, 1, 0]);
  assert.ok(Math.abs(slope) < 1e-12 && error > 0.4);
  assert.throws(() => fitLine([0, 1], [0, 1]), /at least three points/);
});
