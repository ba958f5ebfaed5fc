import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { BookState, nameOf } from '../../contract/record.ts';
import { type InstrumentSpec, Side, toSteps } from '../../contract/units.ts';
import { readCryptofeed } from '../../simulation/player/cryptofeed-reader.ts';
import { dataFolder, skipReason } from '../../simulation/player/recorded-day.test-support.ts';
import { DecimalSteps } from '../decimal-steps.ts';
import { DepthLadder } from '../depth-ladder.ts';
import {
  ConsumerIo,
  fixedText,
  instrumentOf,
  type ModelChange,
  ModelVenueBook,
  seededRandom,
} from '../proven-feed.test-support.ts';
import { parseAssetPairs } from './asset-pairs.ts';
import { KrakenAdapter } from './kraken-adapter.ts';
import { krakenChecksum } from './kraken-checksum.ts';

const MS = 1e6;
const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

function ladderOf(levels: [string, string][], sign: number, price: DecimalSteps, size: DecimalSteps): DepthLadder {
  const ladder = new DepthLadder();
  for (const [p, s] of levels) {
    const key = sign * price.read(p, 'price');
    const decimals = price.textDecimals;
    ladder.set(key, size.read(s, 'size'), decimals, size.textDecimals);
  }
  return ladder;
}

async function recordedPairs(): Promise<InstrumentSpec[]> {
  for await (const entry of readCryptofeed(`${dataFolder}kraken/KRAKEN.0`)) {
    if (entry.kind === 'http') return parseAssetPairs(entry.bytes);
  }
  throw new Error('Expected AssetPairs in KRAKEN.0, was absent');
}

const RECORDED = 'WAVES/EUR XMR/USD KSM/XBT GRT/ETH SC/EUR ETH/CHF OCEAN/XBT OMG/USD XBT/CHF ADA/XBT'.split(' ');

async function recordedInstruments(): Promise<InstrumentSpec[]> {
  const all = await recordedPairs();
  return RECORDED.map((symbol, index) => {
    const spec = all.find((one) => one.symbol === symbol);
    assert.ok(spec, symbol);
    return { ...spec, index };
  });
}

describe('Kraken checksum', () => {
  it('is the one that the venue documents, v1 and v2', { skip: skipReason }, () => {
    const { vectors } = JSON.parse(readFileSync(`${dataFolder}vectors/checksum-vectors.json`, 'utf8')) as {
      vectors: { name: string; asks: [string, string][]; bids: [string, string][]; checksum: number }[];
    };
    const sums = vectors.map(({ name, asks, bids, checksum }) => {
      const price = new DecimalSteps(name.includes('v2') ? '0.1' : '0.00001');
      const size = new DecimalSteps('0.00000001');
      const own = krakenChecksum(price, size)(ladderOf(bids, 1, price, size), ladderOf(asks, -1, price, size));
      assert.equal(own, checksum, name);
      return own;
    });
    assert.deepEqual(sums, [974947235, 3310070434]);
  });
});

describe('Kraken AssetPairs', { skip: skipReason }, () => {
  it('gives steps, names and fees', async () => {
    const all = await recordedPairs();
    assert.equal(all.length, 293);
    const found = all.find((spec) => spec.symbol === 'XMR/USD');
    assert.deepEqual(
      { ...found, index: 0 },
      {
        index: 0,
        venue: 'kraken',
        symbol: 'XMR/USD',
        baseAsset: 'XMR',
        quoteAsset: 'USD',
        tickSize: '0.01',
        lotSize: '0.00000001',
        priceDecimals: 2,
        sizeDecimals: 8,
        minNotional: 0,
        makerFee: 0.0016,
        takerFee: 0.0026,
      },
    );
    for (const bad of [
      '',
      '[]',
      '{"result":[]}',
      '{"result":{"A":{"wsname":"A/B"}}}',
      '{"result":{"A":{"wsname":"AB"}}}',
    ]) {
      assert.throws(() => parseAssetPairs(bytesOf(bad)), RangeError, bad);
    }
  });
});

describe('Kraken recording', { skip: skipReason }, () => {
  it('has every checksum right, no crossed book, and the levels of a naive book', async () => {
    const instruments = await recordedInstruments();
    const io = new ConsumerIo(instruments.length);
    const adapter = new KrakenAdapter({ instruments, originUs: 1618678132385815, ticker: true }, io);
    const naive = instruments.map(() => ({ a: new Map<string, string>(), b: new Map<string, string>() }));
    let messages = 0;
    let checksums = 0;
    let last = 0;
    for await (const { kind, bytes, timeNs } of readCryptofeed(`${dataFolder}kraken/KRAKEN.ws.50.0`)) {
      last = timeNs;
      if (kind === 'opened') adapter.onConnected(timeNs);
      if (kind !== 'message') continue;
      adapter.onMessage(bytes, timeNs);
      const data = JSON.parse(new TextDecoder().decode(bytes));
      if (!Array.isArray(data)) continue;
      messages++;
      const at = RECORDED.indexOf(data.at(-1));
      const mine = naive[at] as (typeof naive)[number];
      for (const part of data.slice(1, -2)) {
        for (const [key, rows] of Object.entries(part as Record<string, [string, string][]>)) {
          if (key === 'c') checksums++;
          else for (const [p, s] of rows) mine[key[0] as 'a' | 'b'].set(p, s);
        }
      }
      if (data.length === 4 && data[1].c === undefined) continue;
      assert.equal(io.states[at], BookState.live, `${data.at(-1)} at message ${messages}`);
    }
    assert.equal(messages, 4279);
    assert.equal(checksums, 4269);
    const counters = instruments.map((_, i) => adapter.counters(i));
    assert.equal(
      counters.reduce((sum, c) => sum + c.applied, 0),
      4269,
    );
    for (const c of counters) {
      assert.deepEqual([c.resyncs, c.gaps, c.badMessages, c.discarded, c.state], [0, 0, 0, 0, BookState.live]);
      assert.ok(c.feedLagNs > 0 && c.feedLagNs < 5e9, `feed lag ${c.feedLagNs}`);
    }
    assert.deepEqual([io.crossedBooks, io.sent.length, io.reconnects.length], [0, 0, 0]);
    instruments.forEach((spec, i) => {
      for (const [key, side] of [
        ['b', Side.buy],
        ['a', Side.sell],
      ] as const) {
        const levels = [...(naive[i] as (typeof naive)[number])[key]].filter(([, size]) => !/^[0.]+$/.test(size));
        assert.equal(io.books[i]?.levelCount(side), levels.length, spec.symbol);
        for (const [p, s] of levels) {
          assert.equal(
            io.books[i]?.sizeAt(side, toSteps(p, spec.tickSize)),
            toSteps(s, spec.lotSize),
            `${spec.symbol} ${p}`,
          );
        }
      }
    });
    adapter.onTimer(last + 31e9);
    assert.deepEqual(
      io.states,
      instruments.map(() => BookState.stale),
    );
    assert.deepEqual(io.reconnects, ['no message for 30 s']);
  });

  it('gives its trades and tickers', async () => {
    const instruments = await recordedInstruments();
    const io = new ConsumerIo(instruments.length);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, ticker: true }, io);
    const expected: string[] = [];
    let tickers = 0;
    const files = ['48', '49'].map((n) => `${dataFolder}kraken/KRAKEN.ws.${n}.0`);
    adapter.onConnected(0);
    for await (const { kind, bytes, timeNs } of readCryptofeed(files)) {
      if (kind !== 'message') continue;
      adapter.onMessage(bytes, timeNs);
      const data = JSON.parse(new TextDecoder().decode(bytes));
      if (data[2] === 'ticker') tickers++;
      if (data[2] !== 'trade') continue;
      for (const [p, s, , side] of data[1]) expected.push(`${data[3]} ${side} ${Number(p)} ${Number(s)}`);
    }
    const got = io.trades.map(({ instrument, side, priceTicks, sizeLots }) => {
      const spec = instruments[instrument] as InstrumentSpec;
      const size = Number(fixedText(sizeLots, spec.sizeDecimals));
      return `${spec.symbol} ${side === Side.buy ? 'b' : 's'} ${Number(fixedText(priceTicks, spec.priceDecimals))} ${size}`;
    });
    assert.ok(got.length > 5, `${got.length}`);
    assert.deepEqual(got, expected);
    assert.equal(new Set(io.trades.map((t) => `${t.instrument} ${t.id}`)).size, io.trades.length);
    assert.ok(tickers > 10);
    assert.equal(io.quotes, 2 * tickers);
    assert.equal(adapter.counters(0).badMessages, 0);
  });

  it('catches a planted wrong level and every flipped bit of an update near the touch', async () => {
    const instruments = await recordedInstruments();
    let planted = 0;
    // One update of XMR/USD is damaged at its level's price or size; the books of the others must not notice.
    for (const damage of ['size', 'price', 'checksum', 'removed'] as const) {
      const io = new ConsumerIo(instruments.length);
      const adapter = new KrakenAdapter({ instruments, originUs: 0 }, io);
      let updates = 0;
      for await (const { kind, bytes, timeNs } of readCryptofeed(`${dataFolder}kraken/KRAKEN.ws.50.0`)) {
        if (kind === 'opened') adapter.onConnected(timeNs);
        if (kind !== 'message') continue;
        let text = new TextDecoder().decode(bytes);
        if (text.endsWith('"XMR/USD"]') && text.includes('"c"') && ++updates === 40) {
          const data = JSON.parse(text);
          const rows = data[1].a ?? data[1].b;
          if (damage === 'size') rows[0][1] = '77.00000000';
          else if (damage === 'price') rows[0][0] = io.top(1, 1).startsWith(rows[0][0]) ? rows[0][0] : '353.00000000';
          else if (damage === 'checksum') data[1].c = String((Number(data[1].c) ^ 1024) >>> 0);
          else rows[0][1] = fixedText(0, 8);
          if (damage !== 'checksum') {
            // At the touch, so that it is among the ten levels that the checksum covers.
            const bid = io.top(1, 1).split(' ')[0] as string;
            rows[0][0] = `${fixedText(Number(bid), 2)}000000`;
            data[1] = { b: rows, c: data[1].c };
          }
          text = JSON.stringify(data);
          adapter.onMessage(bytesOf(text), timeNs);
          assert.equal(nameOf(BookState, io.states[1] as BookState), 'checksum', damage);
          assert.equal(io.sent.length, 2, damage);
          planted++;
        } else {
          adapter.onMessage(bytes, timeNs);
        }
      }
      assert.deepEqual(
        io.states.map((state) => nameOf(BookState, state)),
        instruments.map((_, i) => (i === 1 ? 'checksum' : 'live')),
      );
    }
    assert.equal(planted, 4);
  });
});

/** One pair of a venue in the making: XBT/USD at a tick of 0.1, sent with 5 decimals, to a depth of 25. */
class ModelKraken {
  readonly book: ModelVenueBook;
  #us = 1_600_000_000_000_000;

  constructor(random: (n: number) => number) {
    this.book = new ModelVenueBook(random, 25, false);
  }

  snapshot(): string {
    const rows = (bid: boolean) => this.book.view(bid).map(([ticks, lots]) => this.#row(ticks, lots));
    return JSON.stringify([7, { as: rows(false), bs: rows(true) }, 'book-25', 'XBT/USD']);
  }

  update(): string {
    const changes = this.book.mutate();
    this.#us += 1000;
    const rows = (bid: boolean) =>
      changes
        .filter((c) => c.bid === bid)
        .map((c: ModelChange) => [...this.#row(c.ticks, c.lots), ...(c.republished ? ['r'] : [])]);
    const parts: Record<string, unknown>[] = [];
    if (rows(false).length > 0) parts.push({ a: rows(false) });
    if (rows(true).length > 0 || parts.length === 0) parts.push({ b: rows(true) });
    (parts.at(-1) as Record<string, unknown>)['c'] = String(this.#checksum());
    return JSON.stringify([7, ...parts, 'book-25', 'XBT/USD']);
  }

  #checksum(): number {
    const text = [false, true].flatMap((bid) =>
      this.book
        .view(bid)
        .slice(0, 10)
        .flatMap(([ticks, lots]) => this.#row(ticks, lots).slice(0, 2)),
    );
    return zlibCrc32(text.map((one) => one.replace('.', '').replace(/^0+/, '')).join(''));
  }

  #row(ticks: number, lots: number): string[] {
    return [`${fixedText(ticks, 1)}0000`, fixedText(lots, 8), fixedText(this.#us, 6)];
  }
}

describe('Kraken adapter', () => {
  const instruments = [
    instrumentOf(0, 'XBT/USD', '0.1', '0.00000001'),
    instrumentOf(1, 'ETH/USD', '0.01', '0.00000001'),
  ];

  it("subscribes in the venue's words", () => {
    const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25, ticker: true }, new ConsumerIo(2));
    assert.deepEqual(adapter.streams().slice(0, 3), ['book-25:XBT/USD', 'trade:XBT/USD', 'ticker:XBT/USD']);
    assert.deepEqual(adapter.subscriptionMessages(0), [
      '{"event":"subscribe","pair":["XBT/USD","ETH/USD"],"subscription":{"name":"book","depth":25}}',
      '{"event":"subscribe","pair":["XBT/USD","ETH/USD"],"subscription":{"name":"trade"}}',
      '{"event":"subscribe","pair":["XBT/USD","ETH/USD"],"subscription":{"name":"ticker"}}',
    ]);
    assert.equal(adapter.pingMessage(), '{"event":"ping"}');
    assert.throws(() => new KrakenAdapter({ instruments: [], originUs: 0 }, new ConsumerIo(0)), RangeError);
  });

  it('trusts a snapshot only once an update proves it, and heals a wrong one alone', () => {
    const io = new ConsumerIo(2);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25 }, io);
    const venue = new ModelKraken(seededRandom(1));
    adapter.onConnected(0);
    const snapshot = venue.snapshot();
    adapter.onMessage(bytesOf(snapshot), MS);
    assert.equal(io.states[0], BookState.syncing);
    adapter.onMessage(bytesOf(venue.update()), 2 * MS);
    assert.deepEqual([io.states[0], io.top(0, 25)], [BookState.live, venue.book.top(25)]);
    // A lost update shows in the next.
    const held = io.top(0, 25);
    let lost = venue.update();
    while (io.top(0, 10) === venue.book.top(10)) lost = venue.update();
    assert.ok(lost);
    adapter.onMessage(bytesOf(venue.update()), 1000 * MS);
    assert.equal(io.states[0], BookState.checksum);
    assert.equal(io.top(0, 25), held, 'the unproven update never left');
    assert.deepEqual(io.sent, [
      '{"event":"unsubscribe","pair":["XBT/USD"],"subscription":{"name":"book","depth":25}}',
      '{"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"book","depth":25}}',
    ]);
    adapter.onMessage(bytesOf(venue.update()), 1001 * MS);
    assert.equal(io.states[0], BookState.checksum);
    adapter.onMessage(bytesOf(venue.snapshot()), 1002 * MS);
    assert.equal(io.states[0], BookState.checksum);
    adapter.onMessage(bytesOf(venue.update()), 1003 * MS);
    assert.deepEqual([io.states[0], io.top(0, 25)], [BookState.live, venue.book.top(25)]);
    assert.equal(adapter.counters(1).resyncs, 0);
  });

  it('keeps exactly the subscribed depth, levels pushed out and back in included', () => {
    const io = new ConsumerIo(2);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25 }, io);
    const venue = new ModelKraken(seededRandom(5));
    adapter.onConnected(0);
    adapter.onMessage(bytesOf(venue.snapshot()), MS);
    for (let i = 0; i < 500; i++) {
      adapter.onMessage(bytesOf(venue.update()), 2 * MS);
      assert.equal(io.top(0, 40), venue.book.top(25));
    }
    assert.deepEqual([io.states[0], adapter.counters(0).applied], [BookState.live, 500]);
  });

  it('knows an update that comes again late, although its checksum fits', () => {
    const io = new ConsumerIo(2);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25 }, io);
    adapter.onConnected(0);
    const update = (size: string, us: number) => {
      const texts = ['1001', '1', '1000', size];
      const time = fixedText(1_600_000_000_000_000 + us, 6);
      const c = String(zlibCrc32(texts.map((one, i) => (i % 2 === 0 ? `${one}0000` : `${one}00000000`)).join('')));
      return bytesOf([7, { b: [['100.00000', `${size}.00000000`, time]], c }, 'book-25', 'XBT/USD']);
    };
    const level = (price: string) => [[price, '1.00000000', '1600000000.000000']];
    adapter.onMessage(bytesOf([7, { as: level('100.10000'), bs: level('100.00000') }, 'book-25', 'XBT/USD']), 0);
    adapter.onMessage(update('5', 1), 0);
    adapter.onMessage(update('5', 1), 0);
    adapter.onMessage(update('7', 2), 0);
    assert.equal(io.states[0], BookState.live);
    adapter.onMessage(update('5', 1), 0);
    assert.equal(io.states[0], BookState.gap);
    assert.match(adapter.counters(0).stateReason, /no change older than/);
  });

  it('asks again with growing delays while no snapshot comes', () => {
    const io = new ConsumerIo(2);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, silentAfterNs: 1e15 }, io);
    adapter.onConnected(0);
    for (let s = 0; s <= 120; s++) adapter.onTimer(s * 1e9);
    // Never before 10 s are over, and as the budget of both allows: 8 at once and one each 15 s.
    assert.equal(io.sent.length, 2 * (8 + 120 / 15));
    assert.ok(io.log.includes('0 syncing no snapshot for 10 s'), io.log.join('\n'));
    adapter.onDisconnected(121e9, 'closed');
    assert.deepEqual(io.states, [BookState.connecting, BookState.connecting]);
    adapter.onTimer(200e9);
    assert.equal(io.sent.length, 32);
  });

  it("refuses prices between ticks, missing checksums, strange fields and what is nobody's", () => {
    const row = (price: string, more: unknown[] = []) => [price, '1.00000000', '1600000000.000000', ...more];
    const bad: [unknown, RegExp][] = [
      [[7, { b: [row('1.15000')], c: '1' }, 'book-25', 'XBT/USD'], /price: expected a multiple of 0.1, was "1.15000"/],
      [[7, { b: [row('1.10000')] }, 'book-25', 'XBT/USD'], /c: expected the checksum/],
      [[7, { b: [row('1.10000')], c: '4294967296' }, 'book-25', 'XBT/USD'], /c: expected a CRC-32/],
      [[7, { b: [row('1.10000', ['x'])], c: '1' }, 'book-25', 'XBT/USD'], /price, size, time/],
      [[7, { b: 5, c: '1' }, 'book-25', 'XBT/USD'], /b: expected a list, was 5/],
      [[7, { d: [], c: '1' }, 'book-25', 'XBT/USD'], /expected a, b, as, bs or c, was "d"/],
      [[8, { b: [], c: '1' }, 'book-25', 'XBT/USD'], /unreadable message: channel id: expected 7, was 8/],
      [[7, { b: [], c: '1' }, 'book-25', 'XBT/EUR'], /unreadable message: pair: expected a subscribed one/],
      [[7, { b: [], c: '1' }, 'bonk-25', 'XBT/USD'], /unreadable message: channel/],
      ['{"b":', /unreadable message/],
      [new Uint8Array([0x22, 0xff, 0x22]), /unreadable message/],
      [`${'['.repeat(100_000)}`, /unreadable message/],
    ];
    for (const [message, reason] of bad) {
      const io = new ConsumerIo(2);
      const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25 }, io);
      const venue = new ModelKraken(seededRandom(2));
      adapter.onConnected(0);
      adapter.onMessage(
        bytesOf({
          channelID: 7,
          channelName: 'book-25',
          event: 'subscriptionStatus',
          pair: 'XBT/USD',
          status: 'subscribed',
        }),
        0,
      );
      adapter.onMessage(bytesOf(venue.snapshot()), MS);
      adapter.onMessage(bytesOf(venue.update()), MS);
      assert.equal(io.states[0], BookState.live);
      adapter.onMessage(message instanceof Uint8Array ? message : bytesOf(message), 999 * MS);
      assert.equal(io.states[0], BookState.gap);
      assert.match(adapter.counters(0).stateReason, reason);
      assert.equal(adapter.counters(0).badMessages, 1);
      assert.equal(io.sent.length, 2);
    }
  });

  it("a consumer's error is not taken for a bad message", () => {
    const io = new ConsumerIo(2);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25 }, io);
    adapter.onConnected(0);
    io.onDiffEnd = () => {
      throw new Error('a bug downstream');
    };
    assert.throws(
      () => adapter.onMessage(bytesOf(new ModelKraken(seededRandom(3)).snapshot()), MS),
      /a bug downstream/,
    );
  });

  it('is stale when its trades go on without it, and asks anew', () => {
    const io = new ConsumerIo(2);
    const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25, staleAfterNs: 5e9 }, io);
    const venue = new ModelKraken(seededRandom(4));
    adapter.onConnected(0);
    adapter.onMessage(bytesOf(venue.snapshot()), MS);
    adapter.onMessage(bytesOf(venue.update()), MS);
    adapter.onTimer(6e9);
    assert.deepEqual([io.states[0], io.sent.length], [BookState.stale, 0]);
    adapter.onMessage(bytesOf(venue.update()), 7e9);
    assert.equal(io.states[0], BookState.live);
    adapter.onMessage(
      bytesOf([9, [['1000.00000', '1.00000000', '1600000000.000000', 'b', 'm', '']], 'trade', 'XBT/USD']),
      13e9,
    );
    adapter.onTimer(13e9);
    const asked = io.sent.filter((text) => text.includes('XBT/USD')).length;
    assert.deepEqual([io.states[0], asked], [BookState.stale, 2]);
    assert.equal(io.trades[0]?.side, Side.buy);
  });

  it('is never live with a wrong top of ten under loss, repeats, swaps and flipped bits', () => {
    const faults = { lost: 0, repeated: 0, swapped: 0, flipped: 0 };
    let live = 0;
    let heals = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const io = new ConsumerIo(2);
      const adapter = new KrakenAdapter({ instruments, originUs: 0, depth: 25, silentAfterNs: 1e15 }, io);
      const venue = new ModelKraken(random);
      // What is on its way, each with the venue's truth behind it.
      const wire: { text: string; truth: string }[] = [];
      const old: { text: string; truth: string }[] = [];
      const push = (text: string) => wire.push({ text, truth: venue.book.top(10) });
      io.onSend = (text) => {
        if (text.includes('"subscribe"')) push(venue.snapshot());
      };
      adapter.onConnected(0);
      push(venue.snapshot());
      let truth = '';
      for (let step = 1; step <= 400; step++) {
        const timeNs = step * 100 * MS;
        push(venue.update());
        const fault = random(40);
        if (fault === 0 && wire.length > 0) {
          // The truth moves on although the message never comes: only the next message can tell.
          wire.shift();
          faults.lost++;
        } else if (fault === 1 && old.length > 0) {
          wire.unshift({ text: (old[Math.max(0, old.length - 1 - random(4))] as { text: string }).text, truth: '' });
          faults.repeated++;
        } else if (fault === 2 && wire.length > 1) {
          wire.splice(0, 2, wire[1] as (typeof wire)[0], wire[0] as (typeof wire)[0]);
          faults.swapped++;
        }
        for (let n = random(3); n > 0 && wire.length > 0; n--) {
          const message = wire.shift() as { text: string; truth: string };
          const bytes = bytesOf(message.text);
          if (random(50) === 0) {
            const at = random(bytes.length);
            bytes[at] = (bytes[at] as number) ^ (1 << random(8));
            faults.flipped++;
          } else {
            old.push(message);
          }
          adapter.onMessage(bytes, timeNs);
          if (message.truth !== '') truth = message.truth;
          const after = io.states[0] === BookState.live;
          if (!after) continue;
          live++;
          assert.equal(io.top(0, 10), truth, `seed ${seed} step ${step}`);
        }
        adapter.onTimer(timeNs);
      }
      heals += adapter.counters(0).resyncs;
    }
    for (const [name, count] of Object.entries(faults)) assert.ok(count > 50, `${name}: ${count}`);
    assert.ok(live > 5000, `live ${live}`);
    assert.ok(heals > 100, `heals ${heals}`);
  });
});
