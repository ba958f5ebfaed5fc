import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BookState } from '../contract/record.ts';
import { AdapterRun } from '../verification/adapter-run.test-support.ts';
import { createFeedVenue } from './feed-venue.ts';
import { FLOW_REGIMES } from './order-flow.ts';

const START_MS = 1_760_000_000_000;

it('a market that nobody listens to rests, and goes on from where it stood', () => {
  for (const protocol of ['binance-usdm', 'bybit'] as const) {
    const run = new AdapterRun(protocol, ['BTCUSDT', 'ETHUSDT'], { regime: FLOW_REGIMES.thin });
    const key = (symbol: string) => (protocol === 'bybit' ? `orderbook.200.${symbol}` : symbol);
    run.pass(1000);
    run.adapter.removeInstrument(1, run.timeNs);
    const [btc, eth] = ['BTCUSDT', 'ETHUSDT'].map((symbol) => run.venue.markets.opened(symbol));
    assert.ok(btc && eth);
    run.pass(61_000, undefined, 100);
    const stillRunning = eth.updateId;
    run.pass(20_000, undefined, 100);
    const rested = eth.updateId;
    const other = btc.updateId;
    run.pass(20_000, undefined, 100);
    assert.ok(stillRunning <= rested);
    assert.equal(eth.updateId, rested, 'Expected the market nobody wants to rest');
    assert.ok(btc.updateId > other, 'Expected the other to go on');
    run.adapter.addInstrument(run.instrument('ETHUSDT', 1), run.timeNs);
    run.pass(3000, () => run.compare(key), 50);
    assert.equal(run.states[1], BookState.live);
    assert.ok(eth.updateId > rested && eth.timeMs === run.nowMs);
  }
});

it('a jump of the clock is passed over, and a clock that goes back is waited for', () => {
  const venue = createFeedVenue({ protocol: 'okx', seed: 1, startMs: START_MS });
  const market = venue.markets.marketFor('BTC-USDT');
  assert.ok(market);
  venue.advance(START_MS + 1000);
  const before = market.updateId;
  venue.advance(START_MS + 3_600_000);
  assert.ok(market.updateId - before < 1000, 'Expected an hour of sleep not to be simulated');
  const { updateId } = market;
  venue.advance(START_MS + 3_599_000);
  assert.deepEqual([market.updateId, venue.markets.nowMs], [updateId, START_MS + 3_600_000]);
  venue.advance(START_MS + 3_602_000);
  assert.ok(market.updateId > updateId);
});
