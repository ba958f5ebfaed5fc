import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarketProtocol } from '../contract/market-protocol.ts';
import { venueTimes } from './venue-times.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(venue: MarketProtocol, text: string): number {
  const time = venueTimes[venue];
  assert.ok(time !== undefined, venue);
  return time.read(bytes(text));
}

test('what the venues answer, in us since the epoch', () => {
  assert.equal(read('binance-spot', '{"serverTime":1499827319559}'), 1_499_827_319_559_000);
  assert.equal(read('binance-usdm', '{"serverTime":1499827319559}'), 1_499_827_319_559_000);
  const bybit =
    '{"retCode":0,"retMsg":"OK","result":{"timeSecond":"1688639403","timeNano":"1688639403423213947"},"time":1688639403423}';
  assert.ok(Math.abs(read('bybit', bybit) - 1_688_639_403_423_214) < 1);
  assert.equal(read('okx', '{"code":"0","msg":"","data":[{"ts":"1597026383085"}]}'), 1_597_026_383_085_000);
  assert.equal(
    read('kraken', '{"error":[],"result":{"unixtime":1616336594,"rfc1123":"Sun, 21 Mar 21 14:23:14 +0000"}}'),
    1_616_336_594_000_000,
  );
  assert.equal(venueTimes.upbit, undefined);
});

test('anything else is refused by name', () => {
  assert.throws(() => read('okx', '{"code":"50011","data":[]}'), /data\.0\.ts: expected a time, was undefined/);
  assert.throws(() => read('binance-spot', '<html>'), /Expected JSON with serverTime, was "<html>"/);
  assert.throws(() => read('binance-spot', '{"serverTime":"soon"}'), /serverTime: expected a time, was "soon"/);
  assert.throws(() => read('binance-spot', '{"serverTime":1499827319}'), /serverTime: expected a time, was 1499827319/);
  assert.throws(() => read('kraken', 'null'), /result\.unixtime/);
});
