import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import * as path from 'node:path';
import { test } from 'node:test';
import { RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { EventSlot } from '../../core/event-slot.ts';
import { CHECKPOINT_VERSION } from '../../execution/checkpoint-format.ts';
import type { TradingCore } from '../../execution/trading-core.ts';
import { testInstrument } from '../../market/instrument.test-support.ts';
import { Bench } from '../../execution/trading-core.test-support.ts';
import { journalExtent } from '../../journal/journal-format.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { temporaryFolder } from '../../journal/journal.test-support.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';
import { SessionCheckpoints } from './session-checkpoints.ts';
import { restoreFromJournal, type SessionRecovery } from './session-recovery.ts';

const slot = new EventSlot();

/** Recovery as it would be without checkpoints: every record, from the first. */
function restoreFromAll(core: TradingCore, dir: string): void {
  const reader = new JournalReader(dir);
  while (reader.read(slot)) {
    const { kind } = slot;
    if (kind === RecordKind.sessionStart || kind === RecordKind.instrument || kind >= RecordKind.intentPlace) {
      core.restore(slot);
    }
  }
  reader.close();
}

function benchOf(sessionNumber: number, symbols: readonly string[]): Bench {
  const instruments = symbols.map((symbol, index) => testInstrument({ index, symbol }));
  return new Bench({ sessionNumber, instruments, originUs: 1_700_000_000_000_000 + sessionNumber * 3_600e6 * 7 });
}

/** What recovery is for, without the history, of which a checkpoint keeps less: positions (exact), open orders, kill. */
function stateOf(core: TradingCore): unknown {
  const { orders, positions, alerts, kill } = core.snapshotViews();
  const checkpoint = JSON.parse(core.checkpoint()) as Record<string, unknown>;
  const { instruments, liveOrders, day, killState, lastOrderNumber } = checkpoint;
  return JSON.parse(
    JSON.stringify({
      openOrders: orders.filter((order) => order.status === 'unknown'),
      alerts: alerts.slice(-50),
      positions,
      kill,
      // Instruments that are not traded now come in any order.
      instruments: (instruments as unknown[][]).map((row) => JSON.stringify(row)).sort(),
      liveOrders: (liveOrders as unknown[][]).map((row) => row.with(1, (instruments as unknown[][])[row[1] as number])),
      rest: [day, killState, lastOrderNumber],
    }),
  );
}

/** Of the history there is a part, and that is right: all newest fills, and no order that was not so. */
function assertHistory(quick: TradingCore, full: TradingCore): void {
  const some = quick.snapshotViews();
  const all = full.snapshotViews();
  assert.deepEqual(some.fills, all.fills.slice(all.fills.length - some.fills.length));
  const byNumber = new Map(all.orders.map((order) => [order.orderNumber, order]));
  for (const order of some.orders) assert.deepEqual(order, byNumber.get(order.orderNumber));
}

/** Recovers both ways; returns how the one with checkpoints went. */
function assertSame(dir: string, lastSequence: number, symbols: readonly string[]): SessionRecovery {
  const full = benchOf(1_000, symbols);
  restoreFromAll(full.core, dir);
  const quick = benchOf(1_000, symbols);
  const recovery = restoreFromJournal(quick.core, dir, lastSequence);
  for (const { core } of [full, quick]) core.finishRestore(0);
  assert.ok((JSON.parse(quick.core.checkpoint()) as { fills: unknown[] }).fills.length > 0);
  assert.deepEqual(stateOf(quick.core), stateOf(full.core));
  assertHistory(quick.core, full.core);
  return recovery;
}

/** A session on a journal: some trading; checkpoints where the test wants them. */
function openSession(dir: string, symbols: readonly string[] = ['BTCUSDT'], segmentBytes?: number) {
  const { writer, recovery } = JournalWriter.open(dir, segmentBytes === undefined ? {} : { segmentBytes });
  const bench = benchOf(recovery.session, symbols);
  bench.sink = { emit: (record) => writer.append(record) };
  const restored = restoreFromJournal(bench.core, dir, recovery.lastSequence);
  slot.begin(RecordKind.sessionStart, 0, 0).value = 1_700_000_000_000_000 + recovery.session * 3_600e6 * 7;
  writer.append(slot);
  bench.core.restore(slot);
  for (const spec of bench.core.instruments) {
    writer.append(slot.begin(RecordKind.instrument, spec.index, 0).setText(JSON.stringify(spec)));
  }
  bench.core.finishRestore(0);
  bench.up();
  for (const { index } of bench.core.instruments) {
    bench.snapshot([[5_999_999, 900_000]], [[6_000_001, 900_000]], index);
  }
  const trade = (times: number): void => {
    for (let i = 0; i < times; i++) {
      bench.wait(100);
      for (let n = 0; n < 40; n++) bench.level(Side.buy, 5_999_000 + n, 10 + i);
      const order = bench.place(bench.positionLots > 0 ? Side.sell : Side.buy, 6_000_000, 10 + i);
      assert.ok(order > 0);
      bench.accept(order);
      bench.fill(order, 5, 6_000_000 + i, order);
      if (bench.core.workingOrders.length > 6) bench.cancelled(order);
    }
  };
  const appendCheckpoint = (text: string): number => {
    slot.begin(RecordKind.checkpoint, 0, bench.timeNs).flags = RecordFlag.derived;
    return writer.append(slot.setText(text));
  };
  const checkpoints = new SessionCheckpoints(bench.core, writer, () => bench.timeNs);
  return { writer, bench, restored, trade, appendCheckpoint, checkpoints };
}

test('a checkpoint that cannot be read gives way to the one before, and that to the whole journal', (t) => {
  const dir = temporaryFolder(t);
  const first = openSession(dir);
  first.trade(5);
  first.writer.close();
  assert.deepEqual(assertSame(dir, first.writer.lastSequence, ['BTCUSDT']), {
    checkpointSequence: 0,
    recordsRead: first.writer.lastSequence,
    refused: [],
  });

  const second = openSession(dir);
  const damaged = second.appendCheckpoint('{"version":1,"originUs":');
  second.writer.flush();
  second.trade(5);
  second.writer.flush();
  const noneLeft = assertSame(dir, second.writer.lastSequence, ['BTCUSDT']);
  assert.equal(noneLeft.checkpointSequence, 0);
  assert.match(noneLeft.refused.join(), new RegExp(`^record ${damaged}: Checkpoint: expected JSON`));
  second.checkpoints.write();
  const goodSequence = assertSame(dir, second.writer.lastSequence, ['BTCUSDT']).checkpointSequence;
  assert.ok(goodSequence > damaged);
  second.trade(3);
  second.writer.close();

  const third = openSession(dir);
  assert.equal(third.restored.checkpointSequence, goodSequence);
  const newer = third.bench.core.checkpoint().replace(`"version":${CHECKPOINT_VERSION}`, '"version":99');
  const newerSequence = third.appendCheckpoint(newer);
  third.trade(3);
  third.writer.close();
  const recovery = assertSame(dir, third.writer.lastSequence, ['BTCUSDT']);
  assert.equal(recovery.checkpointSequence, goodSequence);
  assert.deepEqual(recovery.refused, [`record ${newerSequence}: version: expected 1, was 99`]);
});

test('the session writes one at its start and one into every further segment', (t) => {
  const dir = temporaryFolder(t);
  const { writer, trade, checkpoints } = openSession(dir, ['BTCUSDT'], 300_000);
  checkpoints.write();
  let before = writer.segment;
  for (let i = 0; i < 120; i++) {
    trade(3);
    const { records, segment } = writer;
    checkpoints.writeIfRolled();
    assert.equal(writer.records > records, segment !== before, `turn ${i}`);
    before = writer.segment;
    checkpoints.writeIfRolled();
    assert.equal(writer.segment, before);
  }
  assert.ok(writer.segment > 3);
  writer.close();
  const recovery = assertSame(dir, writer.lastSequence, ['BTCUSDT']);
  assert.ok(recovery.recordsRead < 2 * (300_000 / 72), `${recovery.recordsRead} of ${writer.lastSequence} records`);
  assert.deepEqual(recovery.refused, []);
});

test('too much for a record: the session goes on without that checkpoint', (t) => {
  const dir = temporaryFolder(t);
  const { writer, trade, checkpoints, bench } = openSession(dir);
  checkpoints.write();
  trade(3);
  const printed = t.mock.method(console, 'error', () => undefined);
  t.mock.method(bench.core, 'checkpoint', () => {
    throw new RangeError('Checkpoint: expected at most 1 bytes, was 2');
  });
  checkpoints.write();
  assert.match(String(printed.mock.calls[0]?.arguments[0]), /no checkpoint in journal segment 1: Checkpoint: expected/);
  trade(3);
  writer.close();
  assert.ok(assertSame(dir, writer.lastSequence, ['BTCUSDT']).checkpointSequence > 0);
});

test('kill -9 while segments roll, with other symbols each time: the account is whole, the reading is bounded', async (t) => {
  const dir = temporaryFolder(t);
  const lists = ['BTCUSDT,ETHUSDT', 'ETHUSDT', 'SOLUSDT,BTCUSDT', 'BTCUSDT', 'ETHUSDT,SOLUSDT,BTCUSDT'];
  let mostRead = 0;
  for (const [round, symbols] of lists.entries()) {
    const child = fork(path.join(import.meta.dirname, 'session-recovery.test-child.ts'), [dir, symbols], {
      execArgv: ['--import', 'tsx'],
      cwd: path.join(import.meta.dirname, '..', '..', '..'),
    });
    let restored: SessionRecovery | undefined;
    let firstSegment = 0;
    let turns = 0;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the session ended with ${code}`)));
      child.on('message', (message: { restored?: SessionRecovery; segment?: number }) => {
        restored ??= message.restored;
        if (message.segment === undefined) return;
        if (firstSegment === 0) firstSegment = message.segment;
        // Somewhere in the segment after the next, each round elsewhere.
        if (message.segment >= firstSegment + 2 && turns++ === round) resolve();
      });
    });
    child.kill('SIGKILL');
    await exited;
    if (round > 0) assert.ok(restored !== undefined && restored.checkpointSequence > 0);
    // The tail is cut as the next session will do it.
    const { writer, recovery } = JournalWriter.open(dir, { segmentBytes: 250_000 });
    writer.close();
    for (const now of ['BTCUSDT,ETHUSDT,SOLUSDT', symbols, 'ETHUSDT']) {
      const { recordsRead, checkpointSequence, refused } = assertSame(dir, recovery.lastSequence, now.split(','));
      assert.ok(checkpointSequence > 0);
      assert.deepEqual(refused, []);
      mostRead = Math.max(mostRead, recordsRead);
    }
  }
  const all = journalExtent(dir).lastSequence;
  t.diagnostic(`at most ${mostRead} of ${all} records read`);
  assert.ok(mostRead < 3 * (250_000 / 72), `at most two segments and a checkpoint, was ${mostRead}`);
  assert.ok(all > 10 * (250_000 / 72));
});
