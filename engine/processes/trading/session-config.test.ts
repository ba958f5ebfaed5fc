import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TradingConfig } from '../../contract/process.ts';
import type { InstrumentSpec } from '../../contract/units.ts';
import { defaultRiskRails } from '../../contract/risk-rails.ts';
import { UnusableInputError } from './errors.ts';
import { checkedConfig, checkTraded } from './session-config.ts';

function config(patch: Partial<TradingConfig>): TradingConfig {
  return {
    process: 'trading',
    dataDir: '/d',
    journalDir: '/d/j',
    source: { kind: 'replay', files: ['a.gz'], protocol: 'binance-spot', speed: 'max' },
    rails: defaultRiskRails,
    strategy: { name: 'imbalance', parameters: {}, autoStart: false },
    waitStrategy: 'block',
    ...patch,
  };
}

test('rails that the step would refuse end the start with their name, not a restart without end', () => {
  for (const bad of [{ maxOrdersPerSecond: 2.5 }, { priceCollarBps: 10_000 }, { maxOrderSize: 0 }]) {
    const [field] = Object.keys(bad) as [string];
    assert.throws(
      () => checkedConfig(config({ rails: { ...defaultRiskRails, ...bad } })),
      (error) => error instanceof UnusableInputError && error.message.includes(field),
    );
  }
});

test('parameters of another version give way to the defaults, but never where the strategy starts by itself', () => {
  const strategy = { name: 'imbalance' as const, parameters: { formerly: 5 }, autoStart: false };
  const defaults = checkedConfig(config({})).strategy.parameters;
  assert.ok(Object.keys(defaults).length > 3);
  assert.deepEqual(checkedConfig(config({ strategy })).strategy.parameters, defaults);
  assert.throws(
    () => checkedConfig(config({ strategy: { ...strategy, autoStart: true } })),
    /UnusableInputError.*formerly/,
  );
  const none = { ...strategy, name: 'none' as const };
  assert.deepEqual(checkedConfig(config({ strategy: none })).strategy, none);
});

test('an inverse contract can be watched, but no strategy starts on it: PnL and rails do not know its worth', () => {
  const instrument = (venue: string, symbol: string, index: number): InstrumentSpec => ({
    ...{ index, venue, symbol, baseAsset: '', quoteAsset: '', tickSize: '0.1', lotSize: '1' },
    ...{ priceDecimals: 1, sizeDecimals: 0, minNotional: 0, makerFee: 0, takerFee: 0 },
  });
  const started = (symbol?: string): TradingConfig =>
    config({ strategy: { name: 'imbalance', parameters: {}, autoStart: true, ...(symbol ? { symbol } : {}) } });
  const coin = [instrument('binance-coinm', 'BTCUSD_PERP', 0)];
  assert.throws(
    () => checkTraded(started(), coin, ''),
    /UnusableInputError.*expected none, was imbalance.*binance-coinm/,
  );
  const okx = [instrument('okx', 'BTC-USDT', 0), instrument('okx', 'UNI-USD-SWAP', 1)];
  checkTraded(started(), okx, '');
  checkTraded(started('BTC-USDT'), okx, '');
  assert.throws(() => checkTraded(started('UNI-USD-SWAP'), okx, ''), /okx/);
  const spot = [instrument('binance-spot', 'BTCUSDT', 0), instrument('bybit', 'ETHUSDT', 1)];
  checkTraded(started('BTCUSDT'), spot, 'binance-spot');
  assert.throws(() => checkTraded(started('ETHUSDT'), spot, 'binance-spot'), /sends its orders to binance-spot alone/);
  checkTraded(config({}), coin, '');
  checkTraded(config({ strategy: { name: 'none', parameters: {}, autoStart: true } }), coin, '');
});
