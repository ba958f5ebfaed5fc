import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KillState, OrderSource, RecordKind } from '../contract/record.ts';
import { Side, type InstrumentSpec } from '../contract/units.ts';
import { EventSlot } from '../core/event-slot.ts';
import { CheckpointError } from './checkpoint-format.ts';
import { testInstrument } from '../market/instrument.test-support.ts';
import { Bench } from './trading-core.test-support.ts';
import type { TradingCore } from './trading-core.ts';

const ORIGIN_US = 1_700_000_000_000_000;
const HOUR_NS = 3_600e9;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

/** Instruments of a session: symbols in an order of its own. */
function instrumentsOf(symbols: readonly number[]): InstrumentSpec[] {
  return symbols.map((symbol, index) => testInstrument({ index, symbol: SYMBOLS[symbol] as string }));
}

/** One random happening; numbers are taken modulo what there is. */
interface Happening {
  what: number;
  pick: number;
  lots: number;
  price: number;
  tradeId: number;
  hours: number;
}
interface RandomSession {
  symbols: number[];
  happenings: Happening[];
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.integer({ min: 0, max: 99 }),
  pick: fc.nat(1_000),
  lots: fc.integer({ min: 1, max: 9 }),
  price: fc.integer({ min: 90, max: 110 }),
  tradeId: fc.integer({ min: 0, max: 12 }),
  hours: fc.constantFrom(0, 0, 0, 0.001, 0.5, 9),
});
const session: fc.Arbitrary<RandomSession> = fc.record({
  symbols: fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
  happenings: fc.array(happening, { maxLength: 60 }),
});

/** Makes the journal of random sessions, record by record. */
class Journal {
  readonly records: EventSlot[] = [];
  originUs = ORIGIN_US;
  #timeNs = 0;
  #session = 0;
  #orders: { number: number; symbol: number }[] = [];

  /** Three hours after the end of the session before. */
  start(number: number, symbols: readonly number[]): void {
    this.#session = number;
    this.originUs += (this.#timeNs + 3 * HOUR_NS) / 1000;
    this.#timeNs = 0;
    this.add(RecordKind.sessionStart, 0, (s) => {
      s.value = this.originUs;
    });
    for (const spec of instrumentsOf(symbols)) {
      this.add(RecordKind.instrument, spec.index, (s) => s.setText(JSON.stringify(spec)));
    }
  }

  /** us since the epoch. */
  get endUs(): number {
    return this.originUs + this.#timeNs / 1000;
  }

  add(kind: number, instrument: number, fill: (slot: EventSlot) => void = () => undefined): void {
    const slot = new EventSlot().begin(kind, instrument, this.#timeNs);
    fill(slot);
    slot.sequence = this.records.length + 1;
    this.records.push(slot);
  }

  happen(h: Happening, symbols: readonly number[]): void {
    this.#timeNs += h.hours * HOUR_NS;
    // The venue tells nothing of orders in instruments that the session does not trade.
    const told = this.#orders.filter((order) => symbols.includes(order.symbol));
    const order = told[h.pick % Math.max(1, told.length)];
    const known = order?.number ?? 77;
    const instrument = h.what < 25 || order === undefined ? h.pick % symbols.length : symbols.indexOf(order.symbol);
    const side = h.pick % 2 === 0 ? Side.buy : Side.sell;
    const about = (kind: number, fill: (slot: EventSlot) => void = () => undefined): void =>
      this.add(kind, instrument, (s) => {
        s.id = known;
        fill(s);
      });
    if (h.what < 25) {
      const adopted = h.what < 3;
      const number = this.#session * 1_000_000 + this.#orders.length + 1;
      this.#orders.push({ number, symbol: symbols[instrument] as number });
      this.add(adopted ? RecordKind.orderAdopted : RecordKind.orderSubmitted, instrument, (s) => {
        s.id = number;
        s.aux = adopted ? number + 9 : h.pick % 3 === 0 ? OrderSource.strategy : OrderSource.manual;
        s.side = side;
        s.priceTicks = h.price;
        s.sizeLots = h.lots;
        s.flags = (h.pick % 8) << 5;
        if (adopted) s.setText(`stranger ${h.pick}`);
      });
    } else if (h.what < 35) about(RecordKind.orderAccepted, (s) => (s.aux = known + 5));
    else if (h.what < 65) {
      about(RecordKind.orderFill, (s) => {
        s.aux = h.tradeId;
        s.side = side;
        s.priceTicks = h.price;
        s.sizeLots = h.lots;
        s.value = h.lots / 7;
        // Some fills are of orders that nobody knows.
        if (h.what > 62) s.id = 5;
      });
    } else if (h.what < 72) about(RecordKind.orderCancelled, (s) => (s.sizeLots = 1));
    else if (h.what < 75) about(RecordKind.orderRejected, (s) => s.setText(`no, ${h.pick} é`));
    else if (h.what < 80) about(RecordKind.orderUnknown);
    else if (h.what < 86) about(RecordKind.cancelSubmitted);
    else if (h.what < 89) about(RecordKind.cancelRejected, (s) => s.setText('too late'));
    else if (h.what < 92) this.add(RecordKind.killState, 0, (s) => (s.id = h.pick % 6));
    else if (h.what < 95) {
      this.add(RecordKind.alert, 0, (s) => {
        s.id = h.pick % 3;
        s.setText(`alert ${h.pick}`);
      });
    } else if (h.what < 97) this.add(RecordKind.timer, 0);
    else this.add(RecordKind.level, instrument, (s) => (s.priceTicks = h.price));
  }
}

function benchOf(sessionNumber: number, symbols: readonly number[], originUs: number): Bench {
  return new Bench({ sessionNumber, instruments: instrumentsOf(symbols), originUs });
}

/** Everything that recovery is about. -0 and 0 are the same position. */
function stateOf(core: TradingCore): unknown {
  return JSON.parse(JSON.stringify({ views: core.snapshotViews(), text: core.checkpoint() }));
}

test('any cut: checkpoint and the records behind it give what all records give', () => {
  fc.assert(
    fc.property(
      fc.array(session, { minLength: 1, maxLength: 4 }),
      fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
      fc.array(fc.nat(10_000), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 5 }),
      (sessions, symbolsNow, cuts, sessionNow) => {
        const journal = new Journal();
        sessions.forEach(({ symbols, happenings }, i) => {
          journal.start(i + 1, symbols);
          for (const h of happenings) journal.happen(h, symbols);
        });
        const { records } = journal;
        const full = benchOf(sessionNow, symbolsNow, journal.endUs);
        for (const slot of records) full.core.restore(copyOf(slot));

        // Each part by a core of its own, which begins with the checkpoint of the one before.
        const ends = [...cuts.map((cut) => cut % (records.length + 1)), records.length].sort((a, b) => a - b);
        let text = '';
        let at = 0;
        let part = benchOf(sessionNow, symbolsNow, journal.endUs);
        for (const end of ends) {
          part = benchOf(sessionNow, symbolsNow, journal.endUs);
          if (text !== '') part.core.restoreCheckpoint(text);
          for (; at < end; at++) part.core.restore(copyOf(records[at] as EventSlot));
          text = part.core.checkpoint();
        }
        assert.equal(text, full.core.checkpoint());
        full.core.finishRestore(HOUR_NS);
        part.core.finishRestore(HOUR_NS);
        assert.deepEqual(stateOf(part.core), stateOf(full.core));
        assert.deepEqual(
          part.journal.map(({ kind, id, text: t }) => [kind, id, t]),
          full.journal.map(({ kind, id, text: t }) => [kind, id, t]),
        );
        assert.equal(part.core.allocateOrderNumber(), full.core.allocateOrderNumber());
      },
    ),
    { numRuns: 400 },
  );
});

test('sessions of other symbols hand on what they do not trade', () => {
  fc.assert(
    fc.property(
      fc.array(session, { minLength: 2, maxLength: 5 }),
      fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
      (sessions, symbolsNow) => {
        const journal = new Journal();
        let text = '';
        sessions.forEach(({ symbols, happenings }, i) => {
          const number = i + 1;
          let at = journal.records.length;
          journal.start(number, symbols);
          const live = benchOf(number, symbols, journal.originUs);
          if (text !== '') live.core.restoreCheckpoint(text);
          for (; at < journal.records.length; at++) live.core.restore(copyOf(journal.records[at] as EventSlot));
          live.core.finishRestore(0);
          // The kill switch that is taken up again says so: that is journalled too.
          for (const kept of live.journal) {
            const slot = new EventSlot();
            slot.bytes.set(kept.bytes);
            slot.text = kept.text;
            journal.records.push(slot);
          }
          at = journal.records.length;
          for (const h of happenings) journal.happen(h, symbols);
          for (; at < journal.records.length; at++) live.core.restore(copyOf(journal.records[at] as EventSlot));
          text = live.core.checkpoint();
        });
        const number = sessions.length + 1;
        const full = benchOf(number, symbolsNow, journal.endUs);
        for (const slot of journal.records) full.core.restore(copyOf(slot));
        const next = benchOf(number, symbolsNow, journal.endUs);
        next.core.restoreCheckpoint(text);
        for (const bench of [full, next]) bench.core.finishRestore(HOUR_NS);
        assert.deepEqual(comparable(next.core), comparable(full.core));
      },
    ),
    { numRuns: 300 },
  );
});

/** Instruments by symbol and rows sorted: sessions may number them otherwise. */
function comparable(core: TradingCore): unknown {
  const { views, text } = stateOf(core) as { views: unknown; text: string };
  const checkpoint = JSON.parse(text) as Record<string, unknown[][]>;
  const instruments = checkpoint['instruments'] as unknown[][];
  // Where nothing was ever traded it does not matter whether the instrument is listed.
  const traded = instruments.filter((row) => row[4] !== -1 || JSON.stringify(row[5]) !== '[0,0,0,0,0,0]');
  const named = (rows: unknown[][], column: number): string[] =>
    rows
      .map((row) => JSON.stringify(row.map((cell, i) => (i === column ? instruments[cell as number]?.[1] : cell))))
      .sort();
  return {
    views,
    instruments: traded.map((row) => JSON.stringify(row)).sort(),
    liveOrders: named(checkpoint['liveOrders'] as unknown[][], 1),
    finishedOrders: named(checkpoint['finishedOrders'] as unknown[][], 1),
    fills: named(checkpoint['fills'] as unknown[][], 3),
    rest: [checkpoint['originUs'], checkpoint['day'], checkpoint['killState'], checkpoint['alerts']],
  };
}

function copyOf(slot: EventSlot): EventSlot {
  const copy = new EventSlot();
  copy.copyFrom(slot);
  return copy;
}

test('a checkpoint of a trading core equals its own journal; a fill told again counts once', () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 1, maxLength: 40 }), (happenings) => {
      const bench = new Bench();
      bench.up();
      bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
      for (const h of happenings) {
        bench.wait(10);
        const { workingOrders } = bench.core;
        const picked = workingOrders[h.pick % Math.max(1, workingOrders.length)]?.orderNumber ?? 0;
        if (h.what < 35) bench.place(h.pick % 2 === 0 ? Side.buy : Side.sell, 6_000_000, h.lots * 100);
        else if (picked === 0) continue;
        else if (h.what < 50) bench.accept(picked);
        else if (h.what < 75) bench.fill(picked, h.lots * 10);
        else if (h.what < 85) bench.cancel(picked);
        else if (h.what < 92) bench.cancelled(picked);
        else if (h.what < 96) bench.report(RecordKind.orderUnknown, picked);
        else bench.report(RecordKind.orderRejected, picked, (s) => s.setText('no'));
      }
      const byJournal = new Bench({ sessionNumber: 2 });
      bench.restoreInto(byJournal.core);
      const byCheckpoint = new Bench({ sessionNumber: 2 });
      byCheckpoint.core.restoreCheckpoint(bench.core.checkpoint());
      for (const next of [byJournal, byCheckpoint]) next.core.finishRestore(0);
      const expected = JSON.stringify(byJournal.core.snapshotViews());
      assert.deepEqual(JSON.parse(JSON.stringify(byCheckpoint.core.snapshotViews())), JSON.parse(expected));
      const lots = byCheckpoint.positionLots;
      for (const fill of bench.core.snapshotViews().fills) {
        byCheckpoint.fill(fill.orderNumber, fill.sizeLots, fill.priceTicks, fill.venueTradeId);
      }
      assert.equal(byCheckpoint.positionLots, lots);
    }),
    { numRuns: 150 },
  );
});

test('a kill that was under way goes on after a checkpoint', () => {
  const bench = new Bench();
  bench.up();
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  bench.fill(bench.place(Side.buy, 6_000_000, 1_000), 1_000);
  bench.place(Side.buy, 5_999_000, 1_000);
  bench.kill();
  assert.equal(bench.core.killView().state, 'cancelling');
  const next = new Bench({ sessionNumber: 2 });
  next.core.restoreCheckpoint(bench.core.checkpoint());
  next.core.finishRestore(0);
  assert.equal(next.core.killView().state, 'cancelling');
  assert.equal(next.records(RecordKind.killState).length, 1);
  assert.equal(next.positionLots, 1_000);
  assert.equal(next.core.workingOrders.length, 1);
});

test('a checkpoint that cannot be used is refused by name and changes nothing', () => {
  const bench = new Bench();
  bench.up();
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  bench.fill(bench.place(Side.buy, 6_000_000, 1_000), 1_000);
  bench.accept(bench.place(Side.buy, 5_999_000, 1_000));
  const good = bench.core.checkpoint();
  const patched = (change: (value: Record<string, unknown[]>) => void): string => {
    const value = JSON.parse(good) as Record<string, unknown[]>;
    change(value);
    return JSON.stringify(value);
  };
  const row = (value: Record<string, unknown[]>, name: string): unknown[] => value[name]?.[0] as unknown[];
  const cases: [string, RegExp][] = [
    ['', /Checkpoint: expected JSON/],
    [good.slice(0, -2), /Checkpoint: expected JSON/],
    ['7', /expected an object, was 7/],
    [patched((v) => Object.assign(v, { version: 2 })), /version: expected 1, was 2/],
    [patched((v) => Object.assign(v, { killState: 9 })), /killState: expected a whole number of 0 to 5, was 9/],
    [patched((v) => Object.assign(v, { originUs: null })), /originUs: expected a number, was null/],
    [patched((v) => delete v['fills']), /fills: expected a list, was missing/],
    [patched((v) => (row(v, 'instruments')[2] = '0')), /expected tick and lot sizes above 0, was 0/],
    [patched((v) => (row(v, 'instruments')[5] = [1])), /cashTickLots: expected a number, was missing/],
    [patched((v) => (row(v, 'liveOrders')[1] = 1)), /liveOrders\[0\]\.instrument: .* 0 to 0, was 1/],
    [patched((v) => (row(v, 'liveOrders')[6] = 6)), /liveOrders\[0\]\.status: .* 0 to 4, was 6/],
    [patched((v) => v['liveOrders']?.push(row(v, 'finishedOrders').with(6, 1))), /expected each once, was twice/],
    [patched((v) => (row(v, 'fills')[4] = 0)), /fills\[0\]\.side: .* 1 to 2, was 0/],
  ];
  const core = new Bench({ sessionNumber: 2 }).core;
  bench.restoreInto(core);
  const before = core.checkpoint();
  for (const [text, message] of cases) {
    assert.throws(
      () => core.restoreCheckpoint(text),
      (error: unknown) => error instanceof CheckpointError && message.test(error.message),
      String(message),
    );
    assert.equal(core.checkpoint(), before);
  }
  core.restoreCheckpoint(good);
  assert.equal(core.positionView(0).positionLots, 1_000, 'not added to what was there');
});

test('a long history is kept in part, live orders always', () => {
  const bench = new Bench();
  const journal = new Journal();
  journal.start(1, [0]);
  for (let i = 1; i <= 1_500; i++) {
    const number = 1_000_000 + i;
    journal.add(RecordKind.orderSubmitted, 0, (s) => {
      s.id = number;
      s.side = Side.buy;
      s.sizeLots = 2;
    });
    journal.add(RecordKind.orderFill, 0, (s) => {
      s.id = number;
      s.aux = i;
      s.sizeLots = i > 1_490 ? 1 : 2;
    });
    journal.add(RecordKind.alert, 0, (s) => s.setText(`alert ${i} ${'é'.repeat(200)}`));
  }
  for (const slot of journal.records) bench.core.restore(copyOf(slot));
  const counts = (text: string): number[] => {
    const core = new Bench({ sessionNumber: 2 }).core;
    core.restoreCheckpoint(text);
    const { orders, fills, alerts } = core.snapshotViews();
    assert.equal(core.positionView(0).positionLots, 2_990);
    assert.equal(core.workingOrders.length, 10);
    assert.equal(orders.at(-11)?.orderNumber, orders.length > 10 ? 1_001_490 : undefined);
    return [orders.length, fills.length, alerts.length];
  };
  assert.deepEqual(counts(bench.core.checkpoint()), [510, 500, 100]);
  const small = bench.core.checkpoint(40_000);
  assert.ok(Buffer.byteLength(small) <= 40_000);
  assert.deepEqual(counts(small), [135, 125, 25]);
  assert.deepEqual(counts(bench.core.checkpoint(1_050)), [10, 0, 0]);
  assert.throws(() => bench.core.checkpoint(100), /Checkpoint: expected at most 100 bytes, was \d+/);
});

test('on paper nothing is handed on', () => {
  const bench = new Bench();
  bench.up();
  bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]]);
  bench.fill(bench.place(Side.buy, 6_000_000, 1_000), 1_000);
  const paper = new Bench({
    sessionNumber: 2,
    execution: 'paper',
    instruments: [testInstrument({ symbol: 'ETHUSDT' })],
  });
  paper.core.restoreCheckpoint(bench.core.checkpoint());
  paper.core.finishRestore(0);
  const next = JSON.parse(paper.core.checkpoint()) as { instruments: unknown[]; fills: unknown[]; killState: number };
  assert.deepEqual([next.instruments.length, next.fills.length, next.killState], [1, 0, KillState.idle]);
});
