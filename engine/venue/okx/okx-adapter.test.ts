import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { BookState, nameOf } from '../../contract/record.ts';
import { Side, toSteps } from '../../contract/units.ts';
import { readCryptofeed } from '../../simulation/player/cryptofeed-reader.ts';
import { dataFolder, skipReason } from '../../simulation/player/recorded-day.test-support.ts';
import { ConsumerIo, fixedText, instrumentOf, ModelVenueBook, seededRandom } from '../proven-feed.test-support.ts';
import { OkxAdapter } from './okx-adapter.ts';
import { parseOkxInstruments } from './okx-instruments.ts';

const MS = 1e6;
const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const RECORDING = `${dataFolder}okx/OKX.ws.1.0`;
const recorded = [
  instrumentOf(0, 'BTC-USDT', '0.1', '0.00000001'),
  instrumentOf(1, 'UNI-USD-SWAP', '0.001', '1'),
  instrumentOf(2, 'BTC-USD-220527', '0.1', '1'),
];

describe('OKX recording', { skip: skipReason }, () => {
  it('has every checksum right, no crossed book, trade ids without holes, and the levels of a naive book', async () => {
    const io = new ConsumerIo(3);
    const adapter = new OkxAdapter({ instruments: recorded, originUs: 1652459224530060 }, io);
    const naive = recorded.map(() => ({ bids: new Map<string, string>(), asks: new Map<string, string>() }));
    let books = 0;
    let tradeMessages = 0;
    let tickers = 0;
    for await (const { kind, bytes, timeNs } of readCryptofeed(RECORDING)) {
      if (kind === 'opened') adapter.onConnected(timeNs);
      if (kind !== 'message') continue;
      adapter.onMessage(bytes, timeNs);
      const { arg, data } = JSON.parse(new TextDecoder().decode(bytes));
      if (data === undefined) continue;
      if (arg.channel === 'trades') tradeMessages++;
      if (arg.channel === 'tickers') tickers++;
      if (arg.channel !== 'books') continue;
      books++;
      const at = recorded.findIndex(({ symbol }) => symbol === arg.instId);
      for (const side of ['bids', 'asks'] as const) {
        for (const [p, s] of data[0][side]) (naive[at] as (typeof naive)[number])[side].set(p, s);
      }
      assert.equal(io.states[at], BookState.live, `${arg.instId} at book ${books}`);
    }
    assert.deepEqual([books, tradeMessages], [290, 74]);
    const counters = recorded.map((_, i) => adapter.counters(i));
    // Three of the 290 are snapshots; they carry a checksum too.
    assert.equal(
      counters.reduce((sum, c) => sum + c.applied, 0),
      287,
    );
    for (const c of counters) {
      assert.deepEqual([c.resyncs, c.gaps, c.badMessages, c.discarded, c.state], [0, 0, 0, 0, BookState.live]);
      assert.ok(Math.abs(c.feedLagNs) < 5e9, `feed lag ${c.feedLagNs}`);
    }
    assert.deepEqual([io.crossedBooks, io.sent.length, io.reconnects.length], [0, 0, 0]);
    recorded.forEach((spec, i) => {
      for (const [key, side] of [
        ['bids', Side.buy],
        ['asks', Side.sell],
      ] as const) {
        const levels = [...(naive[i] as (typeof naive)[number])[key]].filter(([, size]) => size !== '0');
        assert.equal(io.books[i]?.levelCount(side), levels.length, spec.symbol);
        for (const [p, s] of levels) {
          assert.equal(
            io.books[i]?.sizeAt(side, toSteps(p, spec.tickSize)),
            toSteps(s, spec.lotSize),
            `${spec.symbol} ${p}`,
          );
        }
      }
      const ids = io.trades.filter((trade) => trade.instrument === i).map(({ id }) => id);
      for (let n = 1; n < ids.length; n++) assert.equal(ids[n], (ids[n - 1] as number) + 1, spec.symbol);
    });
    assert.ok(io.trades.length >= 74);
    assert.equal(io.quotes, 2 * tickers);
  });

  it("catches a planted wrong level, and every flipped bit of one update or of a snapshot's top", async () => {
    const entries: { bytes: Uint8Array; timeNs: number }[] = [];
    for await (const entry of readCryptofeed(RECORDING)) if (entry.kind === 'message') entries.push(entry);
    const textOf = (n: number) => new TextDecoder().decode(entries[n]?.bytes);
    const isBook = (n: number) => textOf(n).includes('"instId":"BTC-USD-220527"},"action"');
    const numbers = entries.map((_, n) => n).filter(isBook);
    const victim = numbers.find((n) => n > (numbers[0] as number) && textOf(n).length < 260) as number;
    const text = textOf(victim);
    // Flips within the levels and the checksum: the ts proves nothing, and nothing hangs on it.
    const from = text.indexOf('"data"');
    const to = text.indexOf('"ts"');
    const outcomes = new Map<string, number>();
    const prepared = numbers.filter((n) => n < victim);
    for (let at = from; at < text.length; at++) {
      if (at >= to && at < text.indexOf('"checksum"')) continue;
      for (let bit = 0; bit < 8; bit++) {
        const io = new ConsumerIo(3);
        const adapter = new OkxAdapter({ instruments: recorded, originUs: 0 }, io);
        adapter.onConnected(0);
        // The snapshot and what follows up to the victim; the last few alone would not be the same book.
        for (const n of prepared) adapter.onMessage((entries[n] as { bytes: Uint8Array }).bytes, 0);
        assert.equal(io.states[2], BookState.live);
        const flipped = Uint8Array.from((entries[victim] as { bytes: Uint8Array }).bytes);
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        adapter.onMessage(flipped, 999 * MS);
        const state = nameOf(BookState, io.states[2] as BookState);
        outcomes.set(state, (outcomes.get(state) ?? 0) + 1);
        if (state !== 'live') {
          assert.equal(io.sent.length, 2);
          continue;
        }
        // Still live: only where the flip left the message's meaning as it was.
        const clean = new ConsumerIo(3);
        const other = new OkxAdapter({ instruments: recorded, originUs: 0 }, clean);
        other.onConnected(0);
        for (const n of prepared) other.onMessage((entries[n] as { bytes: Uint8Array }).bytes, 0);
        other.onMessage((entries[victim] as { bytes: Uint8Array }).bytes, 0);
        assert.equal(io.top(2, 25), clean.top(2, 25), `byte ${at} bit ${bit}: ${new TextDecoder().decode(flipped)}`);
      }
    }
    assert.ok((outcomes.get('gap') ?? 0) > 300 && (outcomes.get('checksum') ?? 0) > 30, JSON.stringify([...outcomes]));
  });
});

/** One instrument of a venue in the making: BTC-USDT at a tick of 0.1, sizes without trailing zeros. */
class ModelOkx {
  readonly book: ModelVenueBook;
  readonly #mode: 'checksum' | 'sequence' | 'both';
  readonly #random: (n: number) => number;
  #ms = 1_600_000_000_000;
  #sequence = 1000;

  constructor(random: (n: number) => number, mode: 'checksum' | 'sequence' | 'both') {
    this.book = new ModelVenueBook(random, 60, true);
    this.#random = random;
    this.#mode = mode;
  }

  snapshot(): string {
    const rows = (bid: boolean) => this.book.view(bid).map(([ticks, lots]) => row(ticks, lots));
    return this.#message('snapshot', rows(true), rows(false), -1);
  }

  update(): string {
    const changes = this.book.mutate();
    this.#ms += 100;
    const previous = this.#sequence;
    // After maintenance the venue starts from lower numbers, and says after which.
    this.#sequence = this.#random(100) === 0 ? 7 + this.#random(500) : previous + 1 + this.#random(5);
    const rows = (bid: boolean) => changes.filter((c) => c.bid === bid).map((c) => row(c.ticks, c.lots));
    return this.#message('update', rows(true), rows(false), previous);
  }

  #message(action: string, bids: string[][], asks: string[][], prevSeqId: number): string {
    const checksum = this.#mode === 'sequence' ? 0 : this.#checksum();
    const numbers = this.#mode === 'checksum' ? {} : { prevSeqId, seqId: this.#sequence };
    const data = [{ asks, bids, ts: String(this.#ms), checksum, ...numbers }];
    return JSON.stringify({ arg: { channel: 'books', instId: 'BTC-USDT' }, action, data });
  }

  #checksum(): number {
    const [bids, asks] = [this.book.view(true), this.book.view(false)];
    const text: string[] = [];
    for (let i = 0; i < 25; i++) {
      for (const level of [bids[i], asks[i]]) if (level !== undefined) text.push(...row(...level).slice(0, 2));
    }
    return zlibCrc32(text.join(':')) | 0;
  }
}

/** As OKX prints: without trailing zeros. */
function row(ticks: number, lots: number): string[] {
  const trim = (text: string) => text.replace(/\.?0+$/, '');
  return [trim(fixedText(ticks, 1)), lots === 0 ? '0' : trim(fixedText(lots, 8)), '0', lots === 0 ? '0' : '1'];
}

describe('OKX adapter', () => {
  const instruments = [
    instrumentOf(0, 'BTC-USDT', '0.1', '0.00000001'),
    instrumentOf(1, 'ETH-USDT', '0.01', '0.000001'),
  ];

  it("subscribes in the venue's words", () => {
    const adapter = new OkxAdapter({ instruments, originUs: 0 }, new ConsumerIo(2));
    assert.deepEqual(adapter.streams().slice(0, 4), [
      'books:BTC-USDT',
      'trades:BTC-USDT',
      'tickers:BTC-USDT',
      'books:ETH-USDT',
    ]);
    const [message = ''] = adapter.subscriptionMessages(0);
    assert.ok(message.startsWith('{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},'), message);
    assert.equal(JSON.parse(message).args.length, 6);
    assert.ok(adapter.pingIntervalMs < 30_000);
    assert.equal(adapter.pingMessage(), 'ping');
  });

  it('takes pong, answers, notices and refusals for what they are', () => {
    const io = new ConsumerIo(2);
    const adapter = new OkxAdapter({ instruments, originUs: 0 }, io);
    adapter.onConnected(0);
    adapter.onMessage(bytesOf(new ModelOkx(seededRandom(1), 'both').snapshot()), 0);
    for (const fine of [
      'pong',
      '{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}}',
      '{"event":"unsubscribe"}',
    ]) {
      adapter.onMessage(bytesOf(fine), MS);
    }
    assert.equal(adapter.counters(0).badMessages, 0);
    adapter.onMessage(bytesOf('{"event":"error","code":"60012","msg":"Invalid request"}'), MS);
    assert.deepEqual([adapter.counters(0).badMessages, io.states[0]], [1, BookState.live]);
    adapter.onMessage(bytesOf('{"event":"notice","code":"64008","msg":"The connection will soon be closed"}'), MS);
    assert.deepEqual(io.reconnects, ['the venue announced: "The connection will soon be closed"']);
  });

  it('follows the numbers: heartbeats, repeats and resets pass, a hole is a gap of this instrument alone', () => {
    const io = new ConsumerIo(2);
    const adapter = new OkxAdapter({ instruments, originUs: 0 }, io);
    const send = (action: string, prevSeqId: number, seqId: number, bids: string[][] = []) => {
      const data = [{ asks: [], bids, ts: '1600000000000', checksum: 0, prevSeqId, seqId }];
      adapter.onMessage(bytesOf({ arg: { channel: 'books', instId: 'BTC-USDT' }, action, data }), 999 * MS);
    };
    adapter.onConnected(0);
    send('update', 5, 6);
    assert.equal(io.states[0], BookState.syncing);
    send('snapshot', -1, 10, [
      ['100', '1', '0', '1'],
      ['99', '1', '0', '1'],
    ]);
    send('update', 10, 15, [['100', '2', '0', '1']]);
    send('update', 10, 15, [['100', '2', '0', '1']]);
    send('update', 15, 15);
    send('update', 15, 3, [['100', '3', '0', '1']]);
    send('update', 3, 4, [['99', '0', '0', '0']]);
    assert.deepEqual([io.states[0], io.top(0, 9), io.sent.length], [BookState.live, '1000 300000000|', 0]);
    send('update', 6, 7);
    assert.deepEqual(
      [io.states[0], adapter.counters(0).stateReason],
      [BookState.gap, 'expected an update after 4, was after 6'],
    );
    assert.deepEqual(io.sent, [
      '{"op":"unsubscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}',
      '{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}',
    ]);
    assert.equal(adapter.counters(1).resyncs, 0);
    send('snapshot', -1, 20, [['101', '1', '0', '1']]);
    assert.deepEqual([io.states[0], io.top(0, 9)], [BookState.live, '1010 100000000|']);
  });

  it('refuses what proves nothing, lies between ticks, or crosses', () => {
    const book = (data: object, action = 'update') => ({
      arg: { channel: 'books', instId: 'BTC-USDT' },
      action,
      data: [data],
    });
    const numbers = { ts: '1600000000000', prevSeqId: 1000, seqId: 1001 };
    const bad: [object, RegExp, string][] = [
      [book({ asks: [], bids: [], ts: '1', checksum: 0 }), /Expected a checksum or a seqId, was neither/, 'gap'],
      [
        book({ asks: [], bids: [['1.05', '1', '0', '1']], ...numbers }),
        /price: expected a multiple of 0.1, was "1.05"/,
        'gap',
      ],
      [book({ asks: [], bids: [['1', 1, '0', '1']], ...numbers }), /size: expected decimal text, was number/, 'gap'],
      [book({ asks: [], bids: [], ...numbers, prevSeqId: -1 }), /prevSeqId: expected -1 in snapshots alone/, 'gap'],
      [book({ asks: [], bids: [], ...numbers, seqId: 2 ** 53 }), /seqId: expected a whole number/, 'gap'],
      [book({ asks: [], bids: [], ...numbers, ts: 'x' }), /ts: expected a whole number as text, was "x"/, 'gap'],
      [book({ asks: [], bids: [], ...numbers }, 'delete'), /action/, 'gap'],
      [book({ asks: [], bids: [['99999', '1', '0', '1']], ...numbers }), /best bid at or above best ask/, 'crossed'],
      [book({ asks: [], bids: [], ...numbers, checksum: 5 }), /expected checksum 5, was/, 'checksum'],
    ];
    for (const [message, reason, state] of bad) {
      const io = new ConsumerIo(2);
      const adapter = new OkxAdapter({ instruments, originUs: 0 }, io);
      adapter.onConnected(0);
      adapter.onMessage(bytesOf(new ModelOkx(seededRandom(1), 'both').snapshot()), 0);
      assert.equal(io.states[0], BookState.live);
      const held = io.top(0, 60);
      adapter.onMessage(bytesOf(message), 999 * MS);
      assert.match(adapter.counters(0).stateReason, reason);
      assert.deepEqual([nameOf(BookState, io.states[0] as BookState), io.sent.length, io.crossedBooks], [state, 2, 0]);
      assert.equal(io.top(0, 60), held);
    }
  });

  it('keeps the decimals as sent: 1.50 is another checksum than 1.5', () => {
    for (const size of ['1.5', '1.50', '1.500000000', '15']) {
      const io = new ConsumerIo(2);
      const adapter = new OkxAdapter({ instruments, originUs: 0 }, io);
      adapter.onConnected(0);
      const checksum = zlibCrc32(`100.0:${size}`) | 0;
      const data = [{ asks: [], bids: [['100.0', size, '0', '1']], ts: '1600000000000', checksum }];
      adapter.onMessage(bytesOf({ arg: { channel: 'books', instId: 'BTC-USDT' }, action: 'snapshot', data }), 0);
      assert.equal(io.states[0], BookState.live, size);
    }
  });

  for (const mode of ['checksum', 'sequence', 'both'] as const) {
    it(`is never live with a wrong book under loss, repeats, swaps and damage (${mode})`, () => {
      // What the venue's proof covers: 25 levels by checksum, all by number.
      const proven = mode === 'checksum' ? 25 : 60;
      const faults = { lost: 0, repeated: 0, swapped: 0, cut: 0 };
      let live = 0;
      let heals = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const random = seededRandom(seed);
        const io = new ConsumerIo(2);
        const adapter = new OkxAdapter({ instruments, originUs: 0, silentAfterNs: 1e15 }, io);
        const venue = new ModelOkx(random, mode);
        const wire: { text: string; truth: string }[] = [];
        const old: string[] = [];
        const push = (text: string) => wire.push({ text, truth: venue.book.top(proven) });
        io.onSend = (text) => {
          if (text.includes('"subscribe"')) push(venue.snapshot());
        };
        adapter.onConnected(0);
        push(venue.snapshot());
        let truth = '';
        for (let step = 1; step <= 300; step++) {
          const timeNs = step * 500 * MS;
          push(venue.update());
          const fault = random(40);
          if (fault === 0 && wire.length > 0) {
            wire.shift();
            faults.lost++;
          } else if (fault === 1 && old.length > 0) {
            wire.unshift({ text: old[Math.max(0, old.length - 1 - random(4))] as string, truth: '' });
            faults.repeated++;
          } else if (fault === 2 && wire.length > 1) {
            wire.splice(0, 2, wire[1] as (typeof wire)[0], wire[0] as (typeof wire)[0]);
            faults.swapped++;
          }
          for (let n = random(3); n > 0 && wire.length > 0; n--) {
            const message = wire.shift() as { text: string; truth: string };
            const cut = random(60) === 0;
            if (cut) faults.cut++;
            const applied = adapter.counters(0).applied;
            adapter.onMessage(bytesOf(cut ? message.text.slice(0, random(message.text.length)) : message.text), timeNs);
            // Only what was taken can come again: what was passed over may, in its time, still be new.
            if (adapter.counters(0).applied > applied) old.push(message.text);
            if (cut && mode !== 'checksum') {
              // Lost, as the next number will say; until then the book is right for the moment before.
              continue;
            }
            if (message.truth !== '') truth = message.truth;
            if (io.states[0] !== BookState.live) continue;
            live++;
            if (cut) assert.fail(`live after an unreadable message, seed ${seed} step ${step}`);
            assert.equal(io.top(0, proven), truth, `seed ${seed} step ${step}`);
          }
          adapter.onTimer(timeNs);
        }
        heals += adapter.counters(0).resyncs;
      }
      for (const [name, count] of Object.entries(faults)) assert.ok(count > 50, `${name}: ${count}`);
      assert.ok(live > 3000, `live ${live}`);
      assert.ok(heals > 100, `heals ${heals}`);
    });
  }
});

describe('OKX instruments', () => {
  it('gives steps and assets of spot and derivatives that trade', () => {
    const body = {
      code: '0',
      msg: '',
      data: [
        { instId: 'BTC-USDT', baseCcy: 'BTC', quoteCcy: 'USDT', tickSz: '0.1', lotSz: '0.00000001', state: 'live' },
        { instId: 'OLD-USDT', baseCcy: 'OLD', quoteCcy: 'USDT', tickSz: '0.1', lotSz: '1', state: 'suspend' },
        { instId: 'UNI-USD-SWAP', baseCcy: '', quoteCcy: '', tickSz: '0.001', lotSz: '1', state: 'live' },
      ],
    };
    const specs = parseOkxInstruments(bytesOf(body), { makerFee: 0.0008, takerFee: 0.001 });
    assert.deepEqual(
      specs.map((s) => [s.index, s.symbol, s.baseAsset, s.quoteAsset, s.tickSize, s.priceDecimals, s.sizeDecimals]),
      [
        [0, 'BTC-USDT', 'BTC', 'USDT', '0.1', 1, 8],
        [1, 'UNI-USD-SWAP', 'UNI', 'USD', '0.001', 3, 0],
      ],
    );
    for (const bad of [
      '',
      '[]',
      '{"code":"50011","msg":"Too many"}',
      '{"code":"0","data":[{"state":"live","instId":"A-B"}]}',
    ]) {
      assert.throws(() => parseOkxInstruments(bytesOf(bad), { makerFee: 0, takerFee: 0 }), RangeError, bad);
    }
  });
});
