import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BookState, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import type { EventSlot } from '../../core/event-slot.ts';
import { NaiveBook } from '../../market/naive-book.ts';
import { OrderBook } from '../../market/order-book.ts';
import { BinanceSpotAdapter } from './binance-spot-adapter.ts';
import { instrument } from './venue.test-support.ts';

const MS = 1e6;
const utf8 = new TextEncoder();

interface Diff {
  first: number;
  last: number;
  levels: Map<string, [side: 'b' | 'a', price: number, size: number]>;
}

/** The truth: a book that changes one level an update id, and remembers what it was after each. */
class TrueVenue {
  id = 100;
  readonly states = new Map<number, Map<string, number>>([[100, new Map()]]);

  diff(changes: readonly (readonly [bid: boolean, price: number, size: number])[]): Diff {
    const first = this.id + 1;
    const levels: Diff['levels'] = new Map();
    for (const [bid, price, size] of changes) {
      const side = bid ? 'b' : 'a';
      const state = new Map(this.states.get(this.id));
      if (size > 0) state.set(`${side}${price}`, size);
      else state.delete(`${side}${price}`);
      this.states.set(++this.id, state);
      levels.set(`${side}${price}`, [side, price, size]);
    }
    return { first, last: this.id, levels };
  }

  snapshotAt(id: number): Uint8Array {
    const rows = (side: string) =>
      [...(this.states.get(id) ?? [])]
        .filter(([key]) => key.startsWith(side))
        .map(([key, size]) => [`${key.slice(1)}.00`, `${size}`]);
    return utf8.encode(JSON.stringify({ lastUpdateId: id, bids: rows('b'), asks: rows('a') }));
  }
}

function depthMessage({ first, last, levels }: Diff, symbol = 'BTCUSDT', timeMs = 1): Uint8Array {
  const rows = (side: string) =>
    [...levels.values()].filter(([s]) => s === side).map(([, price, size]) => [`${price}.00`, `${size}`]);
  return utf8.encode(
    JSON.stringify({ e: 'depthUpdate', E: timeMs, s: symbol, U: first, u: last, b: rows('b'), a: rows('a') }),
  );
}

/** Adapter, consumer and shell of one or two instruments. */
class Bench {
  readonly books = [new OrderBook(64), new OrderBook(64)];
  readonly lastIds = [0, 0];
  readonly requests = [0, 0];
  readonly openRequests: number[] = [];
  readonly states: [number, number, string][] = [];
  readonly reconnects: string[] = [];
  readonly adapter: BinanceSpotAdapter;
  timeNs = 0;

  constructor(symbols = ['BTCUSDT'], staleAfterNs?: number) {
    this.adapter = new BinanceSpotAdapter(
      {
        instruments: symbols.map((symbol, i) => instrument(i, symbol, '0.01', '1')),
        tradeStream: 'trade',
        originUs: 0,
        ...(staleAfterNs === undefined ? {} : { staleAfterNs }),
      },
      {
        emit: (slot) => this.#emit(slot),
        requestSnapshot: (index) => {
          this.requests[index] = (this.requests[index] as number) + 1;
          this.openRequests.push(index);
        },
        send: () => undefined,
        reconnect: (reason) => this.reconnects.push(reason),
      },
    );
  }

  state(index = 0): number {
    return this.adapter.counters(index).state;
  }

  #emit(slot: EventSlot): void {
    const book = this.books[slot.instrument] as OrderBook;
    if (slot.kind === RecordKind.snapshotBegin) book.clear();
    else if (slot.kind === RecordKind.level) book.set(slot.side, slot.priceTicks, slot.sizeLots);
    else if (slot.kind === RecordKind.snapshotEnd) this.lastIds[slot.instrument] = slot.id;
    else if (slot.kind === RecordKind.diffEnd) this.lastIds[slot.instrument] = slot.aux;
    else if (slot.kind === RecordKind.bookState) this.states.push([slot.instrument, slot.id, slot.text]);
  }

  /** A live book is the venue's book at the update it stands at. */
  assertRight(venue: TrueVenue, index = 0): void {
    if (this.state(index) !== BookState.live && this.state(index) !== BookState.stale) return;
    const expected = new NaiveBook();
    for (const [key, size] of venue.states.get(this.lastIds[index] as number) ?? []) {
      expected.set(key.startsWith('b') ? Side.buy : Side.sell, Number(key.slice(1)) * 100, size);
    }
    const book = this.books[index] as OrderBook;
    for (const side of [Side.buy, Side.sell] as const) {
      const prices = new Float64Array(100);
      const sizes = new Float64Array(100);
      const count = book.copyTop(side, 100, prices, sizes);
      const levels = Array.from({ length: count }, (_, i) => [prices[i], sizes[i]]);
      assert.deepEqual(levels, expected.levels(side), `at update ${this.lastIds[index]}`);
    }
  }
}

const change = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 12 }), fc.nat(3));
const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const command = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('deliver' as const), changes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), changes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), changes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), back: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('damage' as const), changes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnect' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('connect' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crossed' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), lag: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('strangeSnapshot' as const), lag: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshotFailed' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('timer' as const), ms: fc.integer({ min: 1, max: 15_000 }) }) },
);

test('R5, R6: whatever is lost, repeated, reordered, late or cut: never live with a wrong book, healed by two snapshots', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120, size: 'max' }), changes, (commands, lastChanges) => {
      const venue = new TrueVenue();
      const bench = new Bench();
      const { adapter } = bench;
      const sent: Diff[] = [];
      const held: Diff[] = [];
      let connected = false;
      const deliver = (diff: Diff) => {
        if (connected) adapter.onMessage(depthMessage(diff), bench.timeNs);
      };
      const snapshotId = (lag: number) => Math.max(100, venue.id - lag);
      for (const c of commands) {
        bench.timeNs += 10 * MS;
        switch (c.kind) {
          case 'deliver':
          case 'drop':
          case 'hold': {
            const diff = venue.diff(c.changes);
            sent.push(diff);
            if (c.kind === 'deliver') deliver(diff);
            else if (c.kind === 'hold') held.push(diff);
            break;
          }
          case 'release':
            for (const diff of held.splice(0).reverse()) deliver(diff);
            break;
          case 'repeat': {
            const diff = sent[sent.length - 1 - c.back];
            if (diff !== undefined) deliver(diff);
            break;
          }
          case 'damage': {
            const text = new TextDecoder().decode(depthMessage(venue.diff(c.changes)));
            if (connected) adapter.onMessage(utf8.encode(text.replace('.00', '.005')), bench.timeNs);
            break;
          }
          case 'disconnect':
            if (connected) adapter.onDisconnected(bench.timeNs, 'cut');
            connected = false;
            break;
          case 'connect':
            if (!connected) adapter.onConnected(bench.timeNs);
            connected = true;
            break;
          case 'crossed':
            adapter.onCrossed(0, bench.timeNs);
            break;
          case 'snapshot':
            if (bench.openRequests.pop() !== undefined) {
              adapter.onSnapshot(0, venue.snapshotAt(snapshotId(c.lag)), bench.timeNs);
            }
            break;
          case 'strangeSnapshot':
            adapter.onSnapshot(0, venue.snapshotAt(snapshotId(c.lag)), bench.timeNs);
            break;
          case 'snapshotFailed':
            if (bench.openRequests.pop() !== undefined) adapter.onSnapshotFailed(0, bench.timeNs, 'HTTP 500');
            break;
          case 'timer':
            bench.timeNs += c.ms * MS;
            adapter.onTimer(bench.timeNs);
            break;
        }
        bench.assertRight(venue);
      }
      // Peace: everything arrives, snapshots are answered at once.
      if (!connected) {
        adapter.onConnected(bench.timeNs);
        connected = true;
      }
      const before = bench.requests[0] as number;
      // The last healing may just have begun: what it had asked for before does not count against it.
      for (let step = 0; step < 600 && (bench.state() !== BookState.live || step < 3); step++) {
        bench.timeNs += 100 * MS;
        deliver(venue.diff(lastChanges));
        adapter.onTimer(bench.timeNs);
        while (bench.openRequests.pop() !== undefined) adapter.onSnapshot(0, venue.snapshotAt(venue.id), bench.timeNs);
        bench.assertRight(venue);
      }
      assert.equal(bench.state(), BookState.live);
      assert.equal(bench.lastIds[0], venue.id);
      const asked = (bench.requests[0] as number) - before;
      assert.ok(asked <= 2, `expected at most 2 snapshot requests, was ${asked}`);
    }),
    { numRuns: 250 },
  );
});

function startLive(bench: Bench, venue: TrueVenue): void {
  bench.adapter.onConnected(bench.timeNs);
  bench.adapter.onMessage(depthMessage(venue.diff([[true, 5, 1]])), bench.timeNs);
  bench.adapter.onSnapshot(0, venue.snapshotAt(venue.id), bench.timeNs);
  assert.equal(bench.state(), BookState.live);
}

test('a snapshot before any update is kept until the stream proves to bridge it', () => {
  const venue = new TrueVenue();
  const bench = new Bench();
  bench.adapter.onConnected(0);
  bench.adapter.onSnapshot(0, venue.snapshotAt(100), 1);
  assert.equal(bench.state(), BookState.syncing);
  bench.adapter.onMessage(depthMessage(venue.diff([[true, 5, 2]])), 2);
  assert.equal(bench.state(), BookState.live);
  bench.assertRight(venue);
});

test('U == lastUpdateId + 1 is contiguous: no second snapshot', () => {
  const venue = new TrueVenue();
  const bench = new Bench();
  bench.adapter.onConnected(0);
  const diff = venue.diff([[true, 5, 2]]);
  bench.adapter.onMessage(depthMessage(diff), 1);
  bench.adapter.onSnapshot(0, venue.snapshotAt(diff.first - 1), 2);
  assert.equal(bench.state(), BookState.live);
  assert.equal(bench.requests[0], 1);
  assert.equal(bench.adapter.counters(0).applied, 1);
});

test('a snapshot older than the first update is asked for again, after a pause', () => {
  const venue = new TrueVenue();
  const bench = new Bench();
  bench.adapter.onConnected(0);
  venue.diff([[true, 5, 2]]);
  venue.diff([[true, 6, 2]]);
  bench.adapter.onMessage(depthMessage(venue.diff([[true, 7, 2]])), 1);
  bench.adapter.onSnapshot(0, venue.snapshotAt(100), 2);
  assert.equal(bench.state(), BookState.syncing);
  assert.match(bench.adapter.counters(0).stateReason, /snapshot 100 is older than update 103/);
  assert.equal(bench.requests[0], 1);
  bench.adapter.onTimer(100 * MS);
  assert.equal(bench.requests[0], 1);
  bench.adapter.onTimer(300 * MS);
  assert.equal(bench.requests[0], 2);
});

test('a gap in one instrument leaves the other one live', () => {
  const venues = [new TrueVenue(), new TrueVenue()] as const;
  const symbols = ['BTCUSDT', 'ETHUSDT'];
  const bench = new Bench(symbols);
  bench.adapter.onConnected(0);
  venues.forEach((venue, i) => {
    bench.adapter.onMessage(depthMessage(venue.diff([[true, 5, 1]]), symbols[i]), 1);
    bench.adapter.onSnapshot(i, venue.snapshotAt(venue.id), 2);
  });
  venues[1].diff([[false, 9, 1]]);
  bench.adapter.onMessage(depthMessage(venues[1].diff([[false, 9, 2]]), 'ETHUSDT'), 1000 * MS);
  bench.adapter.onMessage(depthMessage(venues[0].diff([[false, 9, 2]]), 'BTCUSDT'), 1001 * MS);
  assert.equal(bench.state(0), BookState.live);
  assert.equal(bench.state(1), BookState.gap);
  assert.deepEqual(bench.states.at(-1), [1, BookState.gap, 'expected update 102, was 103']);
  assert.equal(bench.adapter.counters(1).gaps, 1);
  assert.equal(bench.adapter.counters(1).resyncs, 1);
  assert.deepEqual(bench.requests, [1, 2]);
  bench.assertRight(venues[0], 0);
});

test('a venue that counts anew is a gap, not a repeat: live or while the snapshot is on its way', () => {
  const venue = new TrueVenue();
  const bench = new Bench();
  bench.adapter.onConnected(0);
  bench.adapter.onMessage(depthMessage(venue.diff([[true, 5, 1]]), 'BTCUSDT', 10), 1);
  bench.adapter.onSnapshot(0, venue.snapshotAt(100), 2);
  const repeat = venue.diff([[true, 4, 1]]);
  bench.adapter.onMessage(depthMessage(repeat, 'BTCUSDT', 20), 3);
  bench.adapter.onMessage(depthMessage(repeat, 'BTCUSDT', 20), 4);
  assert.equal(bench.state(), BookState.live);
  // Syncing anew: the updates before the restart are of no use for a snapshot after it.
  const restarted = new TrueVenue();
  restarted.id = 0;
  restarted.states.set(0, new Map());
  bench.adapter.onMessage(depthMessage(restarted.diff([[true, 3, 1]]), 'BTCUSDT', 30), 5);
  assert.deepEqual(bench.states.at(-1), [0, BookState.gap, 'expected update 103, was 1 anew']);
  const again = new TrueVenue();
  again.id = 0;
  again.states.set(0, new Map());
  bench.adapter.onMessage(depthMessage(again.diff([[true, 2, 7]]), 'BTCUSDT', 40), 1000 * MS);
  bench.adapter.onSnapshot(0, again.snapshotAt(1), 1001 * MS);
  assert.equal(bench.state(), BookState.live);
  bench.assertRight(again);
});

test('silence makes a live book stale, the next update makes it live; a ticker that moves on betrays a stalled stream', () => {
  const venue = new TrueVenue();
  const bench = new Bench();
  startLive(bench, venue);
  bench.adapter.onTimer(9_000 * MS);
  assert.equal(bench.state(), BookState.live);
  bench.adapter.onTimer(10_500 * MS);
  assert.equal(bench.state(), BookState.stale);
  assert.equal(bench.requests[0], 1);
  bench.adapter.onMessage(depthMessage(venue.diff([[true, 6, 1]])), 11_000 * MS);
  assert.equal(bench.state(), BookState.live);
  const ticker = `{"u":${venue.id + 5},"s":"BTCUSDT","b":"1.00","B":"1","a":"2.00","A":"1"}`;
  bench.adapter.onMessage(utf8.encode(ticker), 30_000 * MS);
  bench.adapter.onTimer(30_500 * MS);
  assert.deepEqual(bench.reconnects, []);
  bench.adapter.onTimer(32_000 * MS);
  assert.equal(bench.reconnects.length, 1);
  assert.match(bench.reconnects.join(), /depth of BTCUSDT is silent/);
});

test('total silence asks for a new connection once per 30 s', () => {
  const bench = new Bench();
  startLive(bench, new TrueVenue());
  for (let s = 1; s <= 65; s++) bench.adapter.onTimer(s * 1000 * MS);
  assert.equal(bench.reconnects.length, 2);
  assert.match(bench.reconnects.join(), /no message for 30 s/);
});

test('a crossed book is synchronised anew, also when it was found within the joining itself', () => {
  const venue = new TrueVenue();
  const bench = new Bench();
  startLive(bench, venue);
  bench.adapter.onCrossed(0, 1);
  assert.equal(bench.state(), BookState.crossed);
  bench.timeNs = 500 * MS;
  bench.adapter.onMessage(depthMessage(venue.diff([[true, 6, 1]])), bench.timeNs);
  bench.adapter.onSnapshot(0, venue.snapshotAt(venue.id), bench.timeNs);
  assert.equal(bench.state(), BookState.live);
  bench.assertRight(venue);
});

test('a market without depth stays connecting and delivers trades', () => {
  const kinds: number[] = [];
  const adapter = new BinanceSpotAdapter(
    { instruments: [instrument(0, 'BTCUSDT', '0.01', '1')], tradeStream: 'aggTrade', originUs: 0, depth: false },
    {
      emit: (slot) => kinds.push(slot.kind),
      requestSnapshot: () => assert.fail(),
      send: () => undefined,
      reconnect: () => undefined,
    },
  );
  adapter.onConnected(0);
  adapter.onMessage(
    utf8.encode('{"e":"aggTrade","E":1,"s":"BTCUSDT","a":7,"p":"1.00","q":"2","f":1,"l":1,"T":5,"m":false}'),
    1,
  );
  adapter.onTimer(60_000 * MS);
  assert.equal(adapter.counters(0).state, BookState.connecting);
  assert.deepEqual(kinds, [RecordKind.trade]);
  assert.deepEqual(adapter.streams(), ['btcusdt@aggTrade', 'btcusdt@bookTicker']);
});

test('buffered updates are bounded: on overflow the oldest go and are counted', async () => {
  const { DiffBuffer } = await import('./diff-buffer.ts');
  const { MarketMessage } = await import('./market-message.ts');
  const buffer = new DiffBuffer(4096);
  const m = new MarketMessage();
  let discarded = 0;
  for (let i = 1; i <= 5000; i++) {
    m.firstUpdateId = m.lastUpdateId = i;
    m.bids.count = 1;
    m.bids.pairs[0] = i;
    discarded += buffer.append(m);
  }
  assert.equal(discarded + buffer.count, 5000);
  assert.ok(buffer.count <= 4096 / 7);
  const first = buffer.firstUpdateId;
  buffer.shiftInto(m);
  assert.equal(m.bids.pairs[0], first);
  assert.equal(buffer.firstUpdateId, first + 1);
});
