import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarketProtocol } from '../contract/market-protocol.ts';
import { discoveries } from './instrument-discovery.ts';
import type { InstrumentList } from './instrument-list.ts';

const fees = { makerFee: 0.001, takerFee: 0.002 };
const bytes = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));

function read(protocol: MarketProtocol, ...bodies: unknown[]): InstrumentList {
  return discoveries[protocol].read(bodies.map(bytes), fees);
}

/** `symbol tick lot halted`, and what was skipped. */
function summary({ listed, skipped, skipReason }: InstrumentList): unknown[] {
  for (const [i, { spec }] of listed.entries()) assert.equal(spec.index, i);
  const lines = listed.map(({ spec, halted }) => `${spec.symbol} ${spec.tickSize} ${spec.lotSize} ${halted}`.trim());
  return [...lines, skipped, skipReason];
}

const binanceSymbol = (symbol: string, tickSize: unknown, status = 'TRADING'): object => ({
  symbol,
  status,
  baseAsset: 'B',
  quoteAsset: 'Q',
  filters: [
    { filterType: 'PRICE_FILTER', tickSize },
    { filterType: 'LOT_SIZE', stepSize: '0.00100000' },
  ],
});

test('binance: what is halted is listed with the word for it, a broken entry is skipped with the reason', () => {
  const body = {
    symbols: [
      binanceSymbol('BTCUSDT', '0.01000000'),
      binanceSymbol('BADUSDT', 'x'),
      binanceSymbol('OLDUSDT', '1', 'BREAK'),
      7,
    ],
  };
  assert.deepEqual(summary(read('binance-spot', body)), [
    'BTCUSDT 0.01 0.001',
    'OLDUSDT 1 0.001 BREAK',
    2,
    'BADUSDT tickSize: expected a decimal number, was "x"',
  ]);
  assert.throws(() => read('binance-usdm', { code: -1003 }), /list of symbols/);
});

test('bybit: contracts say qtyStep, spot basePrecision; pages follow their cursor', () => {
  const page = (list: unknown[], nextPageCursor: string) => ({ retCode: 0, result: { list, nextPageCursor } });
  const entry = (symbol: string, lot: object, status = 'Trading') => ({
    symbol,
    status,
    baseCoin: 'BTC',
    quoteCoin: 'USDT',
    priceFilter: { tickSize: '0.10' },
    lotSizeFilter: lot,
  });
  const first = page([entry('BTCUSDT', { qtyStep: '0.001', minNotionalValue: '5' }), { symbol: 'XUSDT' }], 'a%b');
  const second = page([entry('ETHUSDT', { basePrecision: '0.000001' }, 'PreLaunch')], '');
  assert.deepEqual(summary(read('bybit', first, second)), [
    'BTCUSDT 0.1 0.001',
    'ETHUSDT 0.1 0.000001 PreLaunch',
    1,
    'XUSDT priceFilter: expected an object, was absent',
  ]);
  assert.equal(read('bybit', first).listed[0]?.spec.minNotional, 5);
  const { documents, nextPath } = discoveries.bybit;
  const path = documents[0]?.path ?? '';
  const next = nextPath?.(path, bytes(first)) ?? '';
  assert.equal(next, '/v5/market/instruments-info?category=linear&limit=1000&cursor=a%25b');
  assert.equal(nextPath?.(next, bytes(page([], 'c'))), `${path}&cursor=c`);
  assert.equal(nextPath?.(next, bytes(second)), '');
  assert.throws(
    () => read('bybit', { retCode: 10006, retMsg: 'Too many visits!' }),
    /answered 10006: "Too many visits!"/,
  );
});

test('what an entry says wrongly is never taken for trading, nor a step of 0 for a step', () => {
  for (const status of ['', [], {}, null, 7]) {
    const halted = read('binance-spot', { symbols: [{ ...binanceSymbol('BTCUSDT', '1'), status }] }).listed[0]?.halted;
    assert.notEqual(halted ?? '', '', JSON.stringify(status));
  }
  // What `String` cannot turn into text.
  const odd = { ...binanceSymbol('BTCUSDT', '00.100'), status: { toString: 1 } };
  assert.deepEqual(summary(read('binance-spot', { symbols: [odd] })), ['BTCUSDT 0.1 0.001 status an object', 0, '']);
  const negative = binanceSymbol('BTCUSDT', '1') as { filters: object[] };
  negative.filters.push({ filterType: 'NOTIONAL', minNotional: '-1' });
  assert.equal(read('binance-spot', { symbols: [negative] }).listed[0]?.spec.minNotional, 0);
  const okx = { instId: 'BTC-USDT', state: 'live', tickSz: '0.00', lotSz: '1' };
  assert.deepEqual(summary(read('okx', { code: '0', data: [okx] })), [
    1,
    'BTC-USDT tickSz: expected a step above 0, was "0.00"',
  ]);
  const pair = { wsname: 'XBT/', pair_decimals: 1, lot_decimals: 8, fees: [[0, 0.4]] };
  assert.deepEqual(summary(read('kraken', { result: { XBT: pair } })), [1, 'wsname: expected BASE/QUOTE, was "XBT/"']);
  const halfCursor = { retCode: 0, result: { list: [], nextPageCursor: '\ud800' } };
  assert.throws(() => discoveries.bybit.nextPath?.('/', bytes(halfCursor)), RangeError);
});

test('upbit: the tick comes from the price, a market without one is skipped', () => {
  const markets = [{ market: 'KRW-BTC' }, { market: 'BTC-XRP' }, { market: 'KRW-NEW' }, { market: 'EUR-BTC' }];
  const tickers = [
    { market: 'KRW-BTC', trade_price: 150_000_000 },
    { market: 'BTC-XRP', trade_price: 2.1e-7 },
    { market: 'EUR-BTC', trade_price: 1 },
    null,
  ];
  assert.deepEqual(summary(read('upbit', markets, tickers)), [
    'KRW-BTC 1000 0.00000001',
    'BTC-XRP 0.00000001 0.0000001',
    2,
    'KRW-NEW trade_price: expected a price, was absent',
  ]);
});

test('okx joins its sorts of instruments; kraken lists what is not online with its word', () => {
  const okx = (instId: string, state = 'live') => ({
    instId,
    state,
    tickSz: '0.1',
    lotSz: '0.01',
    baseCcy: '',
    quoteCcy: '',
  });
  const body = (...data: object[]) => ({ code: '0', data });
  const lists = read('okx', body(okx('BTC-USDT')), body(okx('BTC-USDT-SWAP'), okx('OLD-USDT-SWAP', 'suspend')), body());
  assert.deepEqual(summary(lists), [
    'BTC-USDT 0.1 0.01',
    'BTC-USDT-SWAP 0.1 0.01',
    'OLD-USDT-SWAP 0.1 0.01 suspend',
    0,
    '',
  ]);
  const pair = (wsname: string, status: string) => ({
    wsname,
    status,
    pair_decimals: 1,
    lot_decimals: 8,
    fees: [[0, 0.4]],
  });
  const pairs = { result: { XXBTZUSD: pair('XBT/USD', 'online'), XETHZUSD: pair('ETH/USD', 'cancel_only'), BAD: {} } };
  assert.deepEqual(summary(read('kraken', pairs)), [
    'XBT/USD 0.1 0.00000001',
    'ETH/USD 0.1 0.00000001 cancel_only',
    0,
    '',
  ]);
});
