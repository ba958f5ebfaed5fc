import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultCommand } from '../../contract/fault-menu.ts';
import { SeededRandom } from '../seeded-random.ts';
import { FaultMenu } from './fault-menu.ts';
import { FaultyLink } from './faulty-link.ts';
import { readFaultCommand } from '../../contract/read-fault-command.ts';
import { RequestBan } from './request-ban.ts';
import { splitMessage } from './split-message.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('fault menu', () => {
  it('gives a counted fault as often as it says, to whom it says', () => {
    const menu = new FaultMenu(() => 0, ['binance-spot', 'bybit']);
    const { id } = menu.arm({ fault: 'gap', protocol: 'bybit', symbol: 'BTCUSDT', count: 2 });
    assert.equal(menu.take('gap', 'binance-spot', 'BTCUSDT'), undefined);
    assert.equal(menu.take('gap', 'bybit', 'ETHUSDT'), undefined);
    assert.equal(menu.take('duplicate', 'bybit', 'BTCUSDT'), undefined);
    assert.ok(menu.take('gap', 'bybit', 'BTCUSDT'));
    assert.deepEqual(
      menu.list().map(({ hits, active }) => [hits, active]),
      [[1, true]],
    );
    assert.ok(menu.take('gap', 'bybit', 'BTCUSDT'));
    assert.equal(menu.take('gap', 'bybit', 'BTCUSDT'), undefined);
    assert.deepEqual(
      menu.list().map((status) => [status.id, status.hits, status.active]),
      [[id, 2, false]],
    );
    assert.ok(menu.isQuiet);
  });

  it('ends a lasting fault by the clock or by hand', () => {
    let nowMs = 1000;
    const menu = new FaultMenu(() => nowMs);
    menu.arm({ fault: 'silentStall', durationMs: 500 });
    const { id } = menu.arm({ fault: 'splitFrames', durationMs: 60_000 });
    nowMs = 1499;
    assert.ok(menu.holds('silentStall', 'okx', 'BTC-USDT'));
    nowMs = 1500;
    assert.ok(!menu.holds('silentStall', 'okx', 'BTC-USDT'));
    assert.ok(menu.holds('splitFrames', 'okx'));
    assert.ok(menu.disarm(id));
    assert.ok(!menu.disarm(id));
    assert.ok(!menu.holds('splitFrames', 'okx'));
  });

  it('does an instant fault at once and tells what it hit', () => {
    const menu = new FaultMenu(() => 0);
    const seen: FaultCommand[] = [];
    menu.onInstant = (status) => seen.push(status) + 2;
    const status = menu.arm({ fault: 'connectionCut' });
    assert.deepEqual([status.hits, status.active, seen.length], [3, false, 1]);
  });

  it('refuses by name what a protocol cannot show', () => {
    const menu = new FaultMenu(() => 0, ['binance-spot', 'upbit']);
    assert.throws(
      () => menu.arm({ fault: 'wrongChecksum', protocol: 'binance-spot' }),
      /fault: expected one that the venue can show, was wrongChecksum/,
    );
    assert.throws(() => menu.arm({ fault: 'omittedDelete', protocol: 'upbit' }), /whole books/);
    assert.throws(
      () => menu.arm({ fault: 'gap', protocol: 'kraken' }),
      /protocol: expected one of binance-spot, upbit, was kraken/,
    );
    assert.ok(menu.arm({ fault: 'wrongChecksum' }).active);
  });

  it('reads commands from outside, each wrong field by its name', () => {
    const good = { fault: 'gap', protocol: 'bybit', symbol: 'BTCUSDT', count: 3, durationMs: 10 };
    assert.deepEqual(readFaultCommand(good), good);
    const bad: [unknown, RegExp][] = [
      [null, /as an object, was null/],
      [{ fault: 'fire' }, /^fault: expected one of gap.*was "fire"/],
      [{ fault: 'gap', protocol: 'nasdaq' }, /^protocol: .*"nasdaq"/],
      [{ fault: 'gap', symbol: 'btc' }, /^symbol: .*"btc"/],
      [{ fault: 'gap', count: 0 }, /^count: .*was 0/],
      [{ fault: 'gap', durationMs: 1.5 }, /^durationMs: .*was 1.5/],
      [{ fault: 'gap', seconds: 1 }, /was "seconds"/],
    ].map(([value, message]) => [value, message as RegExp]);
    for (const [value, message] of bad) assert.throws(() => readFaultCommand(value), { name: 'RangeError', message });
  });
});

describe('faulty link', () => {
  /** Timers in order of their time. */
  class ManualTimers {
    timeMs = 0;
    readonly #timers: { atMs: number; run: () => void }[] = [];
    nowMs = (): number => this.timeMs;
    after = (delayMs: number, run: () => void): void => {
      this.#timers.push({ atMs: this.timeMs + delayMs, run });
    };
    pass(): void {
      for (;;) {
        const next = this.#timers.sort((a, b) => a.atMs - b.atMs).shift();
        if (next === undefined) return;
        this.timeMs = next.atMs;
        next.run();
      }
    }
  }

  for (const fault of ['trickledBytes', 'splitFrames', 'mergedFrames'] as const) {
    it(`${fault}: all bytes, in order, otherwise cut`, () => {
      const timers = new ManualTimers();
      const menu = new FaultMenu(timers.nowMs);
      const chunks: Uint8Array[] = [];
      const link = new FaultyLink(menu, 'bybit', timers, new SeededRandom(3), (bytes) => chunks.push(bytes.slice()));
      menu.arm({ fault, durationMs: 2_000 });
      const sent: string[] = [];
      for (let i = 0; i < 40; i++) {
        sent.push(`message ${i} `.repeat(20));
        link.write(bytesOf(sent[i] as string));
      }
      timers.pass();
      assert.equal(Buffer.concat(chunks).toString(), sent.join(''));
      assert.ok(fault === 'mergedFrames' ? chunks.length < 5 : chunks.length > 40, `was ${chunks.length} chunks`);
      // Over: straight through.
      timers.timeMs = 5_000;
      link.write(bytesOf('after'));
      assert.equal(Buffer.from(chunks.at(-1) as Uint8Array).toString(), 'after');
    });
  }

  it('half-open: nothing arrives any more', () => {
    const timers = new ManualTimers();
    let count = 0;
    const link = new FaultyLink(new FaultMenu(timers.nowMs), 'bybit', timers, new SeededRandom(3), () => count++);
    link.write(bytesOf('a'));
    link.goHalfOpen();
    link.write(bytesOf('b'));
    timers.pass();
    assert.equal(count, 1);
  });
});

it('fragments of a message make up the message', () => {
  const random = new SeededRandom(1);
  for (const text of ['x', 'xy', '{"a":"€"}', 'z'.repeat(3_000)]) {
    for (let i = 0; i < 50; i++) {
      const fragments = splitMessage(text, random);
      assert.ok(fragments.every(({ length }) => length > 0));
      assert.equal(Buffer.concat(fragments).toString(), text);
    }
  }
});

it('429 for those who back off, 418 for those who ask on', () => {
  let nowMs = 0;
  const ban = new RequestBan(() => nowMs);
  assert.equal(ban.status('upbit', false), 0);
  const statuses = Array.from({ length: 7 }, () => ban.status('upbit', true));
  assert.deepEqual(statuses, [429, 429, 429, 429, 429, 418, 418]);
  assert.equal(ban.status('bybit', false), 0);
  nowMs = 9_999;
  assert.equal(ban.status('upbit', false), 418);
  nowMs = 10_000;
  assert.equal(ban.status('upbit', false), 0);
});
