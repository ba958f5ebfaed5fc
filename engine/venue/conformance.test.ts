import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { marketProtocols } from '../contract/market-protocol.ts';
import { BookState, nameOf, RailCode, RecordFlag, RecordKind } from '../contract/record.ts';
import { defaultRiskRails } from '../contract/risk-rails.ts';
import { type InstrumentSpec, Side } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import { TradingCore } from '../execution/trading-core.ts';
import { type VenueWire, venueWires, WireBook } from './conformance.test-support.ts';
import type { MarketAdapter } from './market-adapter.ts';
import { protocols } from './protocols.ts';

const S = 1e9;
const utf8 = new TextEncoder();

function specOf(wire: VenueWire, index: number): InstrumentSpec {
  const symbol = wire.symbols[index] as string;
  const steps = { tickSize: '1', lotSize: '1', priceDecimals: 0, sizeDecimals: 0 };
  const rest = { minNotional: 0, makerFee: 0, takerFee: 0 };
  return { index, venue: wire.protocol, symbol, baseAsset: 'B', quoteAsset: 'Q', ...steps, ...rest };
}

/** An adapter between a venue in its own words and the trading step. */
class Bench {
  readonly wire: VenueWire;
  readonly venue: WireBook[];
  readonly adapter: MarketAdapter;
  readonly core: TradingCore;
  readonly sent: { route: number; text: string }[] = [];
  readonly requests: number[] = [];
  readonly reconnects: string[] = [];
  readonly blocked: number[] = [];
  /** What the step was told of instrument 0, without what only the venue knows: ids and times. */
  readonly log: string[] = [];
  timeNs = 0;
  records = 0;
  readonly #slot = new EventSlot();

  constructor(wire: VenueWire, count = 2) {
    this.wire = wire;
    this.venue = wire.symbols.map((symbol) => new WireBook(symbol));
    const instruments = Array.from({ length: count }, (_, i) => specOf(wire, i));
    this.core = new TradingCore({
      instruments,
      rails: { ...defaultRiskRails, maxOrderSize: 100, maxPosition: 100, maxOrderValue: 1e9 },
      strategy: { name: 'none', parameters: {}, instrument: 0, autoStart: false },
      execution: 'paper',
      sessionNumber: 1,
      originUs: 0,
      clientIdPrefix: 'c-',
      actions: {
        place: () => assert.fail(),
        cancel: () => assert.fail(),
        cancelAll: () => assert.fail(),
        queryOrder: () => assert.fail(),
        queryOpenOrders: () => assert.fail(),
        crossed: (instrument, timeNs, reason) => this.adapter.onCrossed(instrument, timeNs, reason),
      },
      derived: {
        emit: (slot) => {
          if (slot.kind === RecordKind.orderBlocked) this.blocked.push(slot.aux);
        },
      },
    });
    this.adapter = protocols[wire.protocol].createAdapter(
      { instruments, tradeStream: protocols[wire.protocol].tradeStream, originUs: 0, depth: true },
      {
        emit: (slot) => {
          this.records++;
          if (slot.instrument === 0) this.#note(slot);
          this.core.step(slot);
        },
        requestSnapshot: (instrument) => this.requests.push(instrument),
        send: (text, route = 0) => this.sent.push({ route, text }),
        reconnect: (reason) => this.reconnects.push(reason),
      },
    );
  }

  #note(slot: EventSlot): void {
    if (slot.kind === RecordKind.bookState) {
      const name = nameOf(BookState, slot.id);
      if (this.log.at(-1) !== name) this.log.push(name);
    } else if (slot.kind === RecordKind.trade) {
      this.log.push(`trade ${slot.side} ${slot.priceTicks} ${slot.sizeLots}`);
    } else if (slot.kind === RecordKind.snapshotEnd || slot.kind === RecordKind.diffEnd) {
      this.log.push('book');
    }
  }

  /** Opens every route as a shell does; returns the streams that were asked for. */
  connect(): string[] {
    const streams: string[] = [];
    this.adapter.routes.forEach((route, i) => {
      const path = route.path();
      const texts = this.adapter.subscriptionMessages(i);
      streams.push(...this.wire.streams(path, texts));
      this.adapter.onConnected(this.timeNs, i);
    });
    this.sent.length = 0;
    return streams;
  }

  disconnect(): void {
    for (let i = 0; i < this.adapter.routes.length; i++) this.adapter.onDisconnected(this.timeNs, 'cut', i);
  }

  receive(text: string, route = 0): void {
    this.timeNs += S / 100;
    this.adapter.onMessage(utf8.encode(text), this.timeNs, route);
  }

  trade(i: number, price?: string): void {
    this.receive(this.wire.trade(this.book(i), price), this.wire.tradeRoute);
  }

  update(i: number): void {
    this.receive(this.wire.update(this.book(i)));
  }

  /** The venue's side of becoming live: its snapshot, in the way that it gives one, and an update. */
  synchronise(i: number): void {
    if (this.wire.snapshotsBy === 'subscription') {
      this.receive(this.wire.snapshot(this.book(i)));
    } else {
      this.update(i);
      for (let turns = 0; !this.requests.includes(i) && turns < 40; turns++) this.wait(0.25);
      assert.ok(this.requests.includes(i), 'a snapshot was asked for');
      this.adapter.onSnapshot(i, utf8.encode(this.wire.snapshot(this.book(i))), this.timeNs);
      this.requests.splice(this.requests.indexOf(i), 1);
    }
    this.update(i);
  }

  wait(seconds: number): void {
    this.timeNs += seconds * S;
    this.adapter.onTimer(this.timeNs);
  }

  book(i: number): WireBook {
    return this.venue[i] as WireBook;
  }

  state(i: number): string {
    const state = nameOf(BookState, this.adapter.counters(i).state);
    assert.equal(nameOf(BookState, this.core.bookStates[i] as number), state, 'the step knows the same');
    return state;
  }

  /** Live, and exactly the venue's book. */
  assertLive(i: number): void {
    assert.equal(this.state(i), 'live', this.adapter.counters(i).stateReason);
    const prices = new Float64Array(8);
    const sizes = new Float64Array(8);
    const sides = [Side.buy, Side.sell].map((side) => {
      const count = this.core.books[i]!.copyTop(side, 8, prices, sizes);
      return Array.from({ length: count }, (_, n) => [prices[n], sizes[n]]);
    });
    assert.equal(JSON.stringify(sides), this.book(i).text());
  }

  /** Empty when the order went out, else the name of the rail that refused it. */
  place(i: number): string {
    const slot = this.#slot.begin(RecordKind.intentPlace, i, this.timeNs);
    slot.side = Side.buy;
    slot.priceTicks = 995;
    slot.sizeLots = 1;
    slot.flags = RecordFlag.postOnly;
    const before = this.blocked.length;
    this.core.step(slot);
    return this.blocked.length === before ? '' : nameOf(RailCode, this.blocked.at(-1) as number);
  }

  /** How often a snapshot of the instrument was asked for since the last call, by REST or by entering its stream again. */
  asked(i: number): number {
    const { symbol } = this.book(i);
    const entered = this.sent.filter(({ text }) =>
      this.wire.streams('', [text]).some((s) => s.startsWith(`${symbol} `)),
    );
    this.sent.length = 0;
    return entered.length + this.requests.filter((instrument) => instrument === i).length;
  }
}

function opened(wire: VenueWire): Bench {
  const bench = new Bench(wire);
  bench.connect();
  bench.synchronise(0);
  bench.synchronise(1);
  return bench;
}

const asSet = (streams: readonly string[]): string[] => {
  assert.equal(new Set(streams).size, streams.length, `each stream once, was ${streams.join(', ')}`);
  return [...streams].sort();
};

/** What the step was told in one and the same story, by venue. */
const stories = new Map<string, string>();

for (const protocol of marketProtocols) {
  const wire = venueWires[protocol];

  describe(`conformance of ${protocol}`, () => {
    test('connect, snapshot, updates and trades: the same story as at every other venue', () => {
      const bench = new Bench(wire);
      assert.equal(bench.place(0), 'bookNotLive');
      bench.connect();
      assert.equal(bench.state(0), 'syncing');
      assert.equal(bench.place(0), 'bookNotLive');
      bench.synchronise(0);
      bench.assertLive(0);
      assert.equal(bench.state(1), 'syncing');
      bench.log.length = 0;
      bench.update(0);
      bench.trade(0);
      bench.trade(1);
      bench.update(0);
      bench.assertLive(0);
      const loss = wire.afterLoss(bench.book(0));
      bench.receive(loss);
      if (protocol === 'upbit') bench.update(0);
      else bench.synchronise(0);
      bench.assertLive(0);
      bench.trade(0);
      stories.set(
        protocol,
        bench.log
          .filter((line) => line !== 'book')
          .join(', ')
          .replace('checksum', 'gap'),
      );
      const { badMessages, trades } = bench.adapter.counters(0);
      assert.deepEqual([badMessages, trades], [0, 2]);
    });

    test('a loss refuses orders of that instrument alone, and heals with at most two questions', () => {
      const bench = opened(wire);
      assert.deepEqual([bench.place(0), bench.place(1)], ['', '']);
      const other = { ...bench.adapter.counters(1) };
      bench.requests.length = bench.sent.length = 0;
      bench.receive(wire.afterLoss(bench.book(0)));
      assert.equal(bench.state(0), wire.lossState);
      assert.deepEqual([bench.place(0), bench.place(1)], ['bookNotLive', '']);
      bench.update(1);
      bench.assertLive(1);
      const asked = bench.asked(0);
      if (protocol === 'upbit') bench.update(0);
      else bench.synchronise(0);
      bench.assertLive(0);
      assert.ok(asked + bench.asked(0) <= 2, 'at most two');
      assert.equal(bench.place(0), '');
      const { gaps, resyncs, state } = bench.adapter.counters(1);
      assert.deepEqual([gaps, resyncs, state], [other.gaps, other.resyncs, other.state]);
      assert.deepEqual(bench.reconnects, []);
    });

    test('each connection asks for the same streams once, however often it is made', () => {
      const bench = new Bench(wire);
      const first = asSet(bench.connect());
      for (const symbol of wire.symbols.slice(0, 2)) {
        assert.ok(first.filter((stream) => stream.startsWith(`${symbol} `)).length >= 2, `${symbol}: book and trades`);
      }
      for (let i = 0; i < 4; i++) {
        bench.disconnect();
        assert.equal(bench.state(0), 'connecting');
        assert.equal(bench.place(0), 'bookNotLive');
        bench.timeNs += S;
        assert.deepEqual(asSet(bench.connect()), first);
        bench.requests.length = 0;
        bench.synchronise(0);
        bench.assertLive(0);
      }
    });

    test('an instrument comes and goes and comes back while the others go on', () => {
      const bench = opened(wire);
      const before = asSet(bench.connect());
      bench.synchronise(0);
      bench.synchronise(1);
      const others = [0, 1].map((i) => ({ ...bench.adapter.counters(i) }));
      const third = specOf(wire, 2);
      bench.core.step(new EventSlot().begin(RecordKind.instrument, 2, bench.timeNs).setText(JSON.stringify(third)));
      assert.equal(bench.adapter.addInstrument({ ...third, index: 99 }, bench.timeNs), 2);
      assert.equal(bench.adapter.addInstrument(third, bench.timeNs), 2);
      const asked = bench.sent.flatMap(({ text }) => wire.streams('', [text]));
      assert.ok(asked.some((stream) => stream.startsWith(`${wire.symbols[2]} `)));
      // Upbit knows whole subscriptions only.
      if (protocol !== 'upbit')
        assert.ok(
          asked.every((stream) => stream.startsWith(`${wire.symbols[2]} `)),
          asked.join(),
        );
      bench.synchronise(2);
      bench.assertLive(2);
      bench.trade(2);
      for (const i of [0, 1]) {
        const { gaps, resyncs, discarded, applied, state } = bench.adapter.counters(i);
        const was = others[i]!;
        assert.deepEqual(
          [gaps, resyncs, discarded, applied, state],
          [was.gaps, was.resyncs, was.discarded, was.applied, 2],
        );
        bench.update(i);
        bench.assertLive(i);
      }
      bench.adapter.removeInstrument(2, bench.timeNs);
      bench.adapter.removeInstrument(2, bench.timeNs);
      assert.deepEqual([bench.state(2), bench.adapter.counters(2).stateReason], ['connecting', 'not subscribed']);
      assert.equal(bench.place(2), 'bookNotLive');
      const records = bench.records;
      bench.update(2);
      bench.trade(2);
      assert.equal(bench.records, records, 'what was still on its way is not told');
      bench.assertLive(0);
      bench.disconnect();
      assert.deepEqual(asSet(bench.connect()), before);
      assert.equal(bench.adapter.addInstrument(third, bench.timeNs), 2);
      assert.throws(
        () => bench.adapter.addInstrument({ ...third, tickSize: '10' }, bench.timeNs),
        /tickSize: expected 1/,
      );
      bench.requests.length = 0;
      bench.synchronise(2);
      bench.assertLive(2);
    });

    test('an instrument that was added between the address and the opening is subscribed all the same', () => {
      const bench = new Bench(wire);
      const paths = bench.adapter.routes.map((route) => route.path());
      bench.adapter.addInstrument(specOf(wire, 2), 0);
      const streams = paths.flatMap((path, i) => wire.streams(path, bench.adapter.subscriptionMessages(i)));
      for (const symbol of wire.symbols) {
        assert.ok(asSet(streams).filter((stream) => stream.startsWith(`${symbol} `)).length >= 2, symbol);
      }
    });

    test('a bad message is counted with its instrument and changes nothing else', () => {
      const bench = opened(wire);
      bench.trade(0, '"x"'.replaceAll('"', protocol === 'upbit' ? '"' : ''));
      assert.deepEqual(
        [0, 1].map((i) => bench.adapter.counters(i).badMessages),
        [1, 0],
      );
      assert.equal(bench.adapter.counters(0).trades, 0);
      bench.update(0);
      bench.assertLive(0);
      bench.assertLive(1);
    });

    test('a book that stays silent is stale although its socket lives; orders of it alone are refused', () => {
      const bench = opened(wire);
      for (let i = 0; i < 24; i++) {
        bench.wait(0.5);
        bench.update(1);
        if (i < 8) bench.trade(0);
      }
      assert.equal(bench.state(0), 'stale');
      bench.assertLive(1);
      assert.deepEqual([bench.place(0), bench.place(1)], ['bookNotLive', '']);
      assert.deepEqual(bench.reconnects, []);
      bench.update(0);
      if (bench.state(0) !== 'live') bench.synchronise(0);
      bench.assertLive(0);
      assert.equal(bench.place(0), '');
    });

    test('a socket that says nothing at all is opened anew', () => {
      const bench = opened(wire);
      for (let i = 0; i < 120; i++) bench.wait(0.5);
      assert.match(bench.reconnects[0] ?? '', /^no message for \d+ s$/);
    });
  });
}

test('all venues told the step the same', () => {
  assert.equal(stories.size, marketProtocols.length);
  assert.deepEqual([...new Set(stories.values())], ['trade 1 1001 3, gap, live, trade 1 1001 3']);
});

test('losing the trades of USD-M futures alone leaves the book live, and shows', () => {
  const bench = opened(venueWires['binance-usdm']);
  bench.adapter.onDisconnected(bench.timeNs, 'cut', 1);
  bench.update(0);
  bench.assertLive(0);
  assert.equal(bench.adapter.counters(0).tradesReason, 'no trades: cut');
  bench.adapter.onConnected(bench.timeNs, 1);
  assert.equal(bench.adapter.counters(0).tradesReason, '');
  // An entry point that takes the subscription and never sends.
  for (let i = 0; i < 130; i++) {
    bench.wait(0.5);
    bench.update(0);
  }
  bench.assertLive(0);
  assert.equal(bench.adapter.counters(0).tradesReason, 'no trade for 60 s');
  bench.trade(0);
  assert.equal(bench.adapter.counters(0).tradesReason, '');
  assert.deepEqual(bench.reconnects, []);
});
