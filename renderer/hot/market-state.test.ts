import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFrameHeader } from '../../engine/contract/frame.ts';
import { MarketFrameWriter, MarketField, marketFrameBody, TRADE_FIELDS } from '../../engine/contract/market-frame.ts';
import { MarketState, TRADE_RING } from './market-state.ts';

function frame(trades: number[][], firstId = 0): Uint8Array {
  const writer = new MarketFrameWriter();
  const body = writer.body;
  body.fill(0, 0, 24);
  body[MarketField.instrument] = 2;
  body[MarketField.lastPriceTicks] = 101;
  body[MarketField.bidCount] = 2;
  body[MarketField.askCount] = 1;
  body[MarketField.tradeCount] = trades.length;
  body[MarketField.candleCount] = 1;
  body[MarketField.workingCount] = 1;
  body[MarketField.droppedTrades] = 3;
  let at = 24;
  for (const value of [100, 5, 99, 6, 102, 7]) body[at++] = value;
  for (const trade of trades) for (const value of trade) body[at++] = value;
  for (const value of [60, 1, 2, 3, 4, 5, 6]) body[at++] = value;
  for (const value of [firstId + 9, 1, 99, 4, 12, 1]) body[at++] = value;
  return writer.finish(7, 1e6, at);
}

test('decodes every section of a frame, also from an unaligned buffer', () => {
  const bytes = frame([[1_000, 101, 4, 77, 1]]);
  const shifted = new Uint8Array(bytes.byteLength + 3);
  shifted.set(bytes, 3);
  const unaligned = shifted.subarray(3);
  assert.equal(readFrameHeader(unaligned).sequence, 7);
  const state = new MarketState(2);
  const candles: number[] = [];
  state.apply(marketFrameBody(unaligned), (body, offset, count) =>
    candles.push(count, ...body.subarray(offset, offset + 7)),
  );
  assert.deepEqual([...state.bids.subarray(0, 4)], [100, 5, 99, 6]);
  assert.deepEqual([...state.asks.subarray(0, 2)], [102, 7]);
  assert.equal(state.midTicks, 101);
  assert.deepEqual([...state.trades.subarray(0, TRADE_FIELDS)], [1_000, 101, 4, 77, 1]);
  assert.deepEqual(candles, [1, 60, 1, 2, 3, 4, 5, 6]);
  assert.equal(state.queueAheadLots(9), 12);
  assert.equal(state.queueAheadLots(10), -1);
  assert.equal(state.droppedTrades, 3);
});

test('keeps a bounded number of trades and says which are gone', () => {
  const state = new MarketState(2);
  for (let i = 0; i < TRADE_RING + 10; i++) state.pushTrade([i, 0, 0, i, 1], 0);
  assert.equal(state.tradeOffset(9), -1);
  assert.equal(state.trades[state.tradeOffset(10) + 3], 10);
  assert.equal(state.trades[state.tradeOffset(TRADE_RING + 9) + 3], TRADE_RING + 9);
  assert.equal(state.tradeOffset(TRADE_RING + 10), -1);
});

test('refuses a body whose counts do not fit', () => {
  const bytes = frame([]);
  const body = marketFrameBody(bytes.slice());
  body[MarketField.tradeCount] = 5;
  assert.throws(() => new MarketState(2).apply(body, () => assert.fail('no candles expected')), /Expected at least/);
});
