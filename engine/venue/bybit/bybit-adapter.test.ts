import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BookState, nameOf, RecordKind } from '../../contract/record.ts';
import { type InstrumentSpec, Side } from '../../contract/units.ts';
import { NaiveBook } from '../../market/naive-book.ts';
import { OrderBook } from '../../market/order-book.ts';
import { BybitAdapter, bybitStreamUrl } from './bybit-adapter.ts';

const S = 1e9;
const utf8 = new TextEncoder();

function spec(index: number, symbol: string, tickSize = '0.5', lotSize = '0.001'): InstrumentSpec {
  const fees = { makerFee: 0, takerFee: 0, minNotional: 0, priceDecimals: 1, sizeDecimals: 3 };
  return { index, venue: 'bybit', symbol, baseAsset: 'B', quoteAsset: 'Q', tickSize, lotSize, ...fees };
}

interface Trade {
  id: number;
  aux: number;
  side: number;
  ticks: number;
  lots: number;
  us: number;
}

/** Adapter, consumer and shell. */
class Bench {
  readonly adapter: BybitAdapter;
  readonly books: OrderBook[];
  /** Venue time of the newest book record of each instrument: says which message the book stands at. */
  readonly positions: number[];
  readonly trades: Trade[] = [];
  readonly reasons: string[] = [];
  readonly sent: string[] = [];
  /** Instruments whose topic was entered again. */
  readonly requests: number[] = [];
  readonly reconnects: string[] = [];
  snapshots = 0;
  timeNs = 0;

  constructor(symbols = ['BTCUSDT'], bookDepth: 1 | 50 = 50) {
    this.books = symbols.map(() => new OrderBook(64));
    this.positions = symbols.map(() => 0);
    this.adapter = new BybitAdapter(
      { instruments: symbols.map((symbol, i) => spec(i, symbol)), originUs: 0, bookDepth },
      {
        emit: (slot) => {
          const book = this.books[slot.instrument] as OrderBook;
          if (slot.kind === RecordKind.snapshotBegin) {
            book.clear();
            this.snapshots++;
          } else if (slot.kind === RecordKind.level) book.set(slot.side, slot.priceTicks, slot.sizeLots);
          else if (slot.kind === RecordKind.snapshotEnd || slot.kind === RecordKind.diffEnd) {
            this.positions[slot.instrument] = slot.exchangeTimeUs / 1000;
            if (book.isCrossed()) this.adapter.onCrossed(slot.instrument, slot.timeNs);
          } else if (slot.kind === RecordKind.bookState) {
            this.reasons.push(`${slot.instrument} ${nameOf(BookState, slot.id)} ${slot.text}`.trim());
          } else if (slot.kind === RecordKind.trade) {
            const { id, aux, side } = slot;
            this.trades.push({ id, aux, side, ticks: slot.priceTicks, lots: slot.sizeLots, us: slot.exchangeTimeUs });
          }
        },
        requestSnapshot: () => assert.fail(),
        send: (text) => {
          this.sent.push(text);
          const { op, args } = JSON.parse(text) as { op: string; args: string[] };
          const symbol = args[0]?.split('.').at(-1) ?? '';
          if (op === 'subscribe') this.requests.push(symbols.indexOf(symbol));
        },
        reconnect: (reason) => this.reconnects.push(reason),
      },
    );
    this.adapter.onConnected(0);
  }

  send(message: object | string): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.adapter.onMessage(utf8.encode(text), this.timeNs);
  }

  state(index = 0): string {
    return nameOf(BookState, this.adapter.counters(index).state);
  }
}

type Level = [price: string, size: string];

function book(type: string, u: number, seq: number, b: Level[], a: Level[], s = 'BTCUSDT', depth = 50): object {
  return { topic: `orderbook.${depth}.${s}`, type, ts: seq + 5, data: { s, b, a, u, seq }, cts: seq };
}

test('golden messages of the documentation: snapshot, delta, trade, answers', () => {
  const bench = new Bench();
  bench.send({ success: true, ret_msg: '', conn_id: 'x', req_id: 't1', op: 'subscribe' });
  bench.send(
    '{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1672304484978,"data":{"s":"BTCUSDT","b":[["16493.50","0.006"]],"a":[["16611.00","0.029"]],"u":18521288,"seq":7961638724},"cts":1672304484976}',
  );
  assert.equal(bench.state(), 'live');
  const [own] = bench.books as [OrderBook];
  assert.deepEqual([own.bestBidTicks, own.bestBidLots, own.bestAskTicks, own.bestAskLots], [32987, 6, 33222, 29]);
  assert.deepEqual(bench.positions, [1672304484976]);
  bench.send(
    '{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617}]}',
  );
  assert.deepEqual(bench.trades, [
    { id: 1672304486865000, aux: 1783284617, side: Side.buy, ticks: 33157, lots: 1, us: 1672304486865000 },
  ]);
  bench.send({ success: true, ret_msg: 'pong', conn_id: 'x', op: 'ping' });
  assert.equal(bench.adapter.counters(0).badMessages, 0);
  bench.send({ success: false, ret_msg: 'error:handler not found', conn_id: 'x', req_id: '', op: 'subscribe' });
  assert.equal(bench.adapter.counters(0).badMessages, 1);
  assert.equal(bench.state(), 'live');
});

test('the order of fields does not matter, at any depth of the message', () => {
  const bench = new Bench();
  bench.send(
    '{"cts":7,"data":{"seq":7,"u":5,"a":[["101","1"]],"b":[["100","2"]],"new":{"x":[1,{}]},"s":"BTCUSDT"},"ts":9,"type":"snapshot","extra":[[]],"topic":"orderbook.50.BTCUSDT"}',
  );
  assert.equal(bench.state(), 'live');
  bench.send(
    '{"data":{"a":[],"b":[["100","0"]],"seq":8,"u":6,"s":"BTCUSDT"},"topic":"orderbook.50.BTCUSDT","ts":9,"type":"delta"}',
  );
  assert.equal(bench.state(), 'live');
  assert.equal(bench.books[0]?.levelCount(Side.buy), 0);
  assert.equal(bench.adapter.counters(0).applied, 1);
});

test('a gap heals by asking for that topic alone; what comes meanwhile is left', () => {
  const bench = new Bench(['BTCUSDT', 'ETHUSDT']);
  bench.send(book('snapshot', 10, 100, [['100', '1']], [['101', '1']]));
  bench.send(book('snapshot', 3, 50, [['10', '1']], [['11', '1']], 'ETHUSDT'));
  bench.send(book('delta', 12, 102, [['100', '5']], []));
  assert.equal(bench.state(0), 'gap');
  assert.equal(bench.state(1), 'live');
  assert.equal(bench.reasons.at(-1), '0 gap expected update 11, was 12');
  assert.deepEqual(bench.requests, [0]);
  assert.deepEqual(
    bench.sent.map((text) => [JSON.parse(text).op, JSON.parse(text).args]),
    [
      ['unsubscribe', ['orderbook.50.BTCUSDT']],
      ['subscribe', ['orderbook.50.BTCUSDT']],
    ],
  );
  bench.send(book('delta', 13, 103, [['100', '6']], []));
  assert.equal(bench.state(0), 'gap');
  bench.send(book('snapshot', 20, 110, [['99', '3']], [['101', '1']]));
  bench.send(book('delta', 21, 111, [['99', '4']], []));
  assert.equal(bench.state(0), 'live');
  assert.equal(bench.books[0]?.bestBidLots, 4000);
  assert.deepEqual(bench.requests, [0]);
  const { gaps, resyncs, discarded } = bench.adapter.counters(0);
  assert.deepEqual([gaps, resyncs, discarded], [1, 1, 1]);
});

test('u == 1 is a restart snapshot whatever its type says; counting anew without one is a gap', () => {
  const bench = new Bench();
  bench.send(book('snapshot', 10, 100, [['100', '1']], [['101', '1']]));
  bench.send(book('delta', 1, 101, [['90', '1']], [['91', '1']]));
  assert.equal(bench.state(), 'live');
  assert.equal(bench.books[0]?.bestBidTicks, 180);
  assert.equal(bench.books[0]?.levelCount(Side.buy), 1);
  bench.send(book('delta', 2, 102, [['90', '2']], []));
  assert.equal(bench.state(), 'live');
  // A repeat is harmless; an old number with news is not.
  bench.send(book('delta', 2, 102, [['90', '2']], []));
  assert.equal(bench.state(), 'live');
  bench.send(book('delta', 2, 105, [['90', '7']], []));
  assert.equal(bench.state(), 'gap');
});

test('level 1 is sent again with the same u: a sign of life that changes nothing', () => {
  const bench = new Bench(['BTCUSDT'], 1);
  const quote = book('snapshot', 10, 100, [['100', '1']], [['101', '1']], 'BTCUSDT', 1);
  bench.send(quote);
  for (let i = 0; i < 10; i++) {
    bench.timeNs += 3 * S;
    bench.adapter.onTimer(bench.timeNs);
    bench.send(quote);
    assert.equal(bench.state(), 'live');
  }
  assert.equal(bench.snapshots, 1);
  bench.send(book('snapshot', 11, 101, [['102', '1']], [['103', '1']], 'BTCUSDT', 1));
  assert.equal(bench.books[0]?.bestBidTicks, 204);
  assert.equal(bench.books[0]?.levelCount(Side.buy), 1);
});

test('silence: stale, live again without a gap; trades without books and no message at all reconnect', () => {
  const bench = new Bench();
  bench.send(book('snapshot', 10, 100, [['100', '1']], [['101', '1']]));
  bench.timeNs = 11 * S;
  bench.adapter.onTimer(bench.timeNs);
  assert.equal(bench.state(), 'stale');
  bench.send(book('delta', 11, 101, [['100', '2']], []));
  assert.equal(bench.state(), 'live');
  bench.timeNs = 30 * S;
  bench.adapter.onTimer(bench.timeNs);
  bench.send({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 9, data: [trade(9, 1)] });
  bench.timeNs = 33 * S;
  bench.adapter.onTimer(bench.timeNs);
  assert.deepEqual(bench.reconnects, ['book of BTCUSDT is silent while it trades']);
  bench.timeNs = 80 * S;
  bench.adapter.onTimer(bench.timeNs);
  assert.equal(bench.reconnects.at(-1), 'no message for 45 s');
});

test('a snapshot that never comes is asked for three times, then the connection is given up', () => {
  const bench = new Bench();
  for (let i = 0; i < 210; i++) {
    bench.timeNs += S / 10;
    bench.send('{"op":"pong"}');
    bench.adapter.onTimer(bench.timeNs);
  }
  assert.equal(bench.requests.length, 3);
  assert.deepEqual(bench.reconnects, ['no snapshot of BTCUSDT after 3 requests']);
});

test('a missing delete crosses the book: crossed, never live, until the new snapshot', () => {
  const bench = new Bench();
  bench.send(book('snapshot', 10, 100, [['100', '1']], [['101', '1']]));
  bench.send(book('delta', 11, 101, [['101', '1']], []));
  assert.equal(bench.state(), 'crossed');
  assert.deepEqual(bench.requests, [0]);
  bench.send(book('snapshot', 12, 102, [['102', '1']], [['101', '1']]));
  assert.equal(bench.state(), 'crossed');
  bench.send(book('snapshot', 13, 103, [['100', '1']], [['101', '1']]));
  assert.equal(bench.state(), 'live');
});

test('what is not true is refused in words, and a lost book message is a gap', () => {
  const good = book('delta', 11, 101, [['100', '2']], []) as { data: Record<string, unknown> };
  const cases: [change: (m: typeof good & Record<string, unknown>) => void, reason: RegExp][] = [
    [(m) => (m.data['b'] = [['100.25', '1']]), /price: expected a positive multiple of 0\.5, was "100\.25"/],
    [(m) => (m.data['b'] = [['0', '1']]), /price: expected a positive multiple/],
    [(m) => (m.data['b'] = [['100']]), /level: expected \[price, size\]/],
    [(m) => (m.data['b'] = [['100', '1', '2']]), /level: expected \[price, size\]/],
    [(m) => (m.data['a'] = [['101', '-1']]), /size: expected a decimal below 2\^53 lots, was "-1"/],
    [(m) => (m.data['a'] = null), /levels: expected a list/],
    [(m) => delete m.data['u'], /u: expected a positive integer/],
    [(m) => (m.data['u'] = 1.5), /u: expected a positive integer/],
    [(m) => delete m.data['seq'], /seq: expected an integer/],
    [(m) => (m.data['s'] = 'ETHUSDT'), /s: expected the symbol of the topic/],
    [(m) => delete m.data['b'], /data: expected s, b and a/],
    [(m) => (m['type'] = 'other'), /type: expected snapshot or delta/],
    [(m) => delete m['ts'], /ts: expected a time/],
    [(m) => (m['data'] = [] as never), /data: expected an object/],
  ];
  for (const [change, reason] of cases) {
    const bench = new Bench();
    bench.send(book('snapshot', 10, 100, [['100', '1']], [['101', '1']]));
    const message = structuredClone(good) as typeof good & Record<string, unknown>;
    change(message);
    bench.send(message);
    assert.equal(bench.state(), 'gap', JSON.stringify(message));
    assert.match(bench.adapter.counters(0).stateReason, reason);
    assert.equal(bench.adapter.counters(0).badMessages, 1);
    assert.equal(bench.books[0]?.bestBidLots, 1000);
  }
});

function trade(timeMs: number, n: number, changes: object = {}): object {
  const id = `2290000000${String(n).padStart(9, '0')}`;
  return { T: timeMs, s: 'BTCUSDT', S: n % 2 ? 'Buy' : 'Sell', v: '0.001', p: '100.5', i: id, seq: 77, ...changes };
}

test('1,024 trades of one message: all of them, once, numbered upwards; a bad one does not take the others with it', () => {
  const bench = new Bench();
  const data = Array.from({ length: 1024 }, (_, n) => trade(1_700_000_000_000 + Math.floor(n / 600), n));
  const message = { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1_700_000_000_002, data };
  bench.send(message);
  bench.send(message);
  assert.equal(bench.trades.length, 1024);
  assert.equal(bench.adapter.counters(0).discarded, 1024);
  assert.equal(bench.trades[0]?.id, 1_700_000_000_000_000);
  bench.trades.forEach(({ id, side, aux }, n) => {
    if (n > 0) assert.ok(id > (bench.trades[n - 1]?.id as number));
    assert.equal(side, n % 2 ? Side.buy : Side.sell);
    assert.equal(aux, 77);
  });
  for (const bad of [{ S: 'buy' }, { p: '100.3' }, { T: 'x' }, { i: '' }, { v: null }, { s: 'ETHUSDT' }]) {
    const before: number = bench.trades.length;
    const rows = [trade(1, 5000 + before), trade(2, 6000 + before, bad), trade(3, 7000 + before)];
    bench.send({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 5, data: rows });
    assert.equal(bench.trades.length, before + 2, JSON.stringify(bad));
  }
  assert.equal(bench.adapter.counters(0).badMessages, 6);
});

test('subscriptions in requests of ten topics, pings and addresses', () => {
  const bench = new Bench(Array.from({ length: 12 }, (_, i) => `S${i}USDT`));
  const requests = bench.adapter
    .subscriptionMessages(0)
    .map((text) => JSON.parse(text) as { op: string; args: string[] });
  assert.deepEqual(
    requests.map(({ op, args }) => [op, args.length]),
    [
      ['subscribe', 10],
      ['subscribe', 10],
      ['subscribe', 4],
    ],
  );
  assert.deepEqual(
    requests.flatMap(({ args }) => args),
    bench.adapter.streams(),
  );
  assert.deepEqual(bench.adapter.streams().slice(0, 2), ['orderbook.50.S0USDT', 'publicTrade.S0USDT']);
  assert.equal(JSON.parse(bench.adapter.pingMessage()).op, 'ping');
  assert.equal(bench.adapter.pingIntervalMs, 20_000);
  assert.equal(bybitStreamUrl('linear'), 'wss://stream.bybit.com/v5/public/linear');
  assert.equal(bybitStreamUrl('spot', true), 'wss://stream-testnet.bybit.com/v5/public/spot');
});

/** The venue: a book that changes with every message, and what it was after each. */
class TrueVenue {
  u = 10;
  seq = 1000;
  levels = new Map<string, number>();
  readonly after = new Map<number, Map<string, number>>();

  change(changes: readonly (readonly [bid: boolean, price: number, size: number])[]): object {
    const rows = { b: [] as Level[], a: [] as Level[] };
    this.levels = new Map(this.levels);
    for (const [bid, offset, size] of changes) {
      const side = bid ? 'b' : 'a';
      const price = bid ? 100 - offset : 101 + offset;
      if (size > 0) this.levels.set(`${side}${price}`, size);
      else this.levels.delete(`${side}${price}`);
      rows[side].push([`${price}`, `${size}`]);
    }
    this.u++;
    return this.#message('delta', rows);
  }

  snapshot(restart = false): object {
    if (restart) this.u = 1;
    this.seq++;
    const rows = (side: string): Level[] =>
      [...this.levels].filter(([key]) => key.startsWith(side)).map(([key, size]) => [key.slice(1), `${size}`]);
    this.seq--;
    return this.#message('snapshot', { b: rows('b'), a: rows('a') });
  }

  #message(type: string, { b, a }: { b: Level[]; a: Level[] }): object {
    this.seq++;
    this.after.set(this.seq, this.levels);
    return book(type, this.u, this.seq, b, a);
  }
}

const changes = fc.array(fc.tuple(fc.boolean(), fc.nat(8), fc.nat(3)), { minLength: 1, maxLength: 4 });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('deliver' as const), changes }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'twice' as const, 'damage' as const), changes }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const), changes }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'lostRestart' as const, 'cut' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('old' as const), back: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(12) }) },
);

test('lost, repeated, swapped, damaged, late messages and restarts: never live with a wrong book, and always live again', () => {
  let healed = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const venue = new TrueVenue();
      const bench = new Bench();
      const sent: object[] = [];
      const deliver = (message: object) => {
        sent.push(message);
        bench.send(message);
        check();
      };
      const check = () => {
        if (bench.state() !== 'live' && bench.state() !== 'stale') return;
        const expected = new NaiveBook();
        for (const [key, size] of venue.after.get(bench.positions[0] as number) as Map<string, number>) {
          expected.set(key.startsWith('b') ? Side.buy : Side.sell, Number(key.slice(1)) * 2, size * 1000);
        }
        const prices = new Float64Array(40);
        const sizes = new Float64Array(40);
        for (const side of [Side.buy, Side.sell] as const) {
          const count = (bench.books[0] as OrderBook).copyTop(side, 40, prices, sizes);
          const levels = Array.from({ length: count }, (_, i) => [prices[i], sizes[i]]);
          assert.deepEqual(levels, expected.levels(side), `at ${bench.positions[0]}`);
        }
        // A book that follows never goes back.
        assert.ok((bench.positions[0] as number) >= newest);
        newest = bench.positions[0] as number;
      };
      let newest = 0;
      let answered = 0;
      const reconnect = () => {
        bench.adapter.onDisconnected(bench.timeNs, 'cut');
        bench.adapter.onConnected(bench.timeNs);
        newest = 0;
        answered = bench.requests.length;
        deliver(venue.snapshot());
      };
      deliver(venue.snapshot());
      for (const s of steps) {
        bench.timeNs += S / 50;
        if (s.kind === 'deliver') deliver(venue.change(s.changes));
        else if (s.kind === 'drop') venue.change(s.changes);
        else if (s.kind === 'damage') {
          const text = JSON.stringify(venue.change(s.changes));
          bench.send(text.slice(0, text.length - 9));
        } else if (s.kind === 'twice') {
          const message = venue.change(s.changes);
          deliver(message);
          deliver(message);
        } else if (s.kind === 'swap') {
          const first = venue.change(s.changes);
          deliver(venue.change(s.changes));
          deliver(first);
        } else if (s.kind === 'restart') deliver(venue.snapshot(true));
        else if (s.kind === 'lostRestart') venue.snapshot(true);
        else if (s.kind === 'cut') reconnect();
        else if (s.kind === 'old') {
          const message = sent.at(-1 - s.back);
          if (message !== undefined) bench.send(message);
        } else if (s.kind === 'answer') {
          if (bench.requests.length > answered) {
            answered = bench.requests.length;
            deliver(venue.snapshot());
          }
        } else if (s.kind === 'wait') bench.timeNs += s.seconds * S;
        bench.adapter.onTimer(bench.timeNs);
        check();
      }
      // Left alone, with every request answered, it is live at the venue's newest state.
      for (let i = 0; i < 40; i++) {
        bench.timeNs += S;
        bench.adapter.onTimer(bench.timeNs);
        if (bench.requests.length > answered) {
          answered = bench.requests.length;
          deliver(venue.snapshot());
        } else deliver(venue.change([[true, 1, 1 + (i % 3)]]));
      }
      assert.equal(bench.state(), 'live', bench.reasons.at(-1) ?? '');
      assert.equal(bench.positions[0], venue.seq);
      healed += bench.adapter.counters(0).resyncs;
      assert.ok(bench.requests.length <= 2 * bench.adapter.counters(0).resyncs + 3);
    }),
    { numRuns: 400 },
  );
  assert.ok(healed > 100, `${healed} healings`);
});

test('any bytes, and any damage to a good message, are counted and never thrown', () => {
  const bench = new Bench();
  const samples = [
    book('delta', 11, 101, [['100', '2']], [['101.5', '0.001']]),
    { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 9, data: [trade(9, 1), trade(9, 2)] },
  ].map((message) => utf8.encode(JSON.stringify(message)));
  const damaged = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }), fc.nat(400))
    .map(([bytes, edits, length]) => {
      const copy = bytes.slice(0, Math.max(1, length));
      for (const [at, value] of edits) copy[at % copy.length] = value;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), damaged), (bytes) => {
      bench.timeNs += 1e6;
      bench.adapter.onMessage(bytes, bench.timeNs);
      bench.adapter.onTimer(bench.timeNs);
    }),
    { numRuns: 5000 },
  );
  bench.send('['.repeat(100_000));
  bench.send(`{"topic":${'9'.repeat(100_000)}}`);
  assert.ok(bench.adapter.counters(0).badMessages > 1000);
});
