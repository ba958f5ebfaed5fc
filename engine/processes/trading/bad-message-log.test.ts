import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadMessageLog } from './bad-message-log.ts';

test('bad messages of two feeds over ten seconds: at most a line a second, the last count is told', () => {
  const lines: string[] = [];
  const log = new BadMessageLog((line) => lines.push(line));
  const spot = { badMessages: 0, badReason: '' };
  const upbit = { badMessages: 0, badReason: '' };
  for (let tick = 0; tick <= 240; tick++) {
    const nowNs = tick * 50e6;
    if (tick < 200) {
      spot.badMessages += 5_000;
      spot.badReason = `reason ${tick}`;
      if (tick % 3 === 0) upbit.badMessages++;
    }
    log.look('binance-spot BTCUSDT', spot, nowNs);
    log.look('upbit KRW-BTC', upbit, nowNs);
    log.onTimer(nowNs);
  }
  assert.ok(lines.length > 5 && lines.length <= 13, `was ${lines.length} lines`);
  assert.equal(lines[0], 'binance-spot BTCUSDT: 5000 bad messages, the newest: reason 0');
  assert.match(lines.at(-1) as string, /: \d+ bad messages, .*\(\d+ such lines\)$/);
});

test('without bad messages nothing is written', () => {
  const lines: string[] = [];
  const log = new BadMessageLog((line) => lines.push(line));
  for (let tick = 0; tick < 100; tick++) {
    log.look('okx BTC-USDT', { badMessages: 0, badReason: '' }, tick * 50e6);
    log.onTimer(tick * 50e6);
  }
  assert.deepEqual(lines, []);
});
