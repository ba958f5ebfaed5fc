import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Side } from '../contract/units.ts';
import type { SimulatedVenue } from './start-simulated-venue.ts';
import { ApiClient, Inbox, type Json, type ManualClock, startManualVenue } from './venue-client.test-support.ts';

/** Names of the fields that tell what an execution report says. */
function said(report: Json): unknown[] {
  return [report['x'], report['X'], report['l'], report['z'], report['L'], report['m'], report['n'], report['N']];
}

describe('simulated venue: orders', () => {
  let venue: SimulatedVenue;
  let clock: ManualClock;
  let api: ApiClient;

  beforeEach(async () => {
    ({ venue, clock } = await startManualVenue());
    api = await ApiClient.open(venue.apiUrl, () => clock.nowMs);
    assert.deepEqual((await api.call('userDataStream.subscribe.signature')).result, { subscriptionId: 0 });
    // 61 800.00 bid for 1 BTC, 61 800.20 offered for 1 BTC and 61 801.00 for 5.
    rest(Side.buy, 618_000, 100_000);
    rest(Side.sell, 618_002, 100_000);
    rest(Side.sell, 618_010, 500_000);
    clock.pass(10);
  });
  afterEach(() => venue.close());

  function rest(side: Side, priceTicks: number, sizeLots: number): number {
    return venue.exchange.inject({ kind: 'rest', symbol: 'BTCUSDT', side, priceTicks, sizeLots });
  }
  function take(side: Side, limitTicks: number, sizeLots: number): void {
    venue.exchange.inject({ kind: 'take', symbol: 'BTCUSDT', side, limitTicks, sizeLots });
  }
  async function balances(): Promise<Record<string, [free: string, locked: string]>> {
    const { result } = await api.call('account.status');
    const rows = (result as { balances: { asset: string; free: string; locked: string }[] }).balances;
    return Object.fromEntries(rows.map((row) => [row.asset, [row.free, row.locked]]));
  }

  it('rests, waits its turn in the queue, is filled in parts, and reports each step', async () => {
    const placed = await api.limit('BUY', '61800.00', '0.50000', { newClientOrderId: 'mine' });
    const orderId = (placed.result as Json)['orderId'] as number;
    assert.equal((placed.result as Json)['status'], 'NEW');
    assert.deepEqual(said(await api.event('executionReport')), [
      'NEW',
      'NEW',
      '0.00000000',
      '0.00000000',
      '0.00000000',
      false,
      '0',
      null,
    ]);
    assert.deepEqual((await balances())['USDT'], ['969100.00000000', '30900.00000000']);
    assert.equal(venue.exchange.market('BTCUSDT').engine.queueAheadLots(orderId), 100_000);

    take(Side.sell, 618_000, 100_000); // the order ahead
    assert.equal((await api.call('order.status', { symbol: 'BTCUSDT', orderId })).status, 200);
    take(Side.sell, 618_000, 20_000);
    const first = await api.event('executionReport');
    assert.deepEqual(said(first), [
      'TRADE',
      'PARTIALLY_FILLED',
      '0.20000000',
      '0.20000000',
      '61800.00000000',
      true,
      '0.00004000',
      'BTC',
    ]);
    assert.deepEqual([first['c'], first['i'], first['S'], first['w']], ['mine', orderId, 'BUY', true]);
    take(Side.sell, 610_000, 99_000);
    const second = await api.event('executionReport');
    assert.deepEqual(said(second), [
      'TRADE',
      'FILLED',
      '0.30000000',
      '0.50000000',
      '61800.00000000',
      true,
      '0.00006000',
      'BTC',
    ]);
    assert.equal(second['Z'], '30900.00000000');
    assert.ok((second['t'] as number) > (first['t'] as number));
    assert.deepEqual((await balances())['USDT'], ['969100.00000000', '0.00000000']);
    assert.deepEqual((await balances())['BTC'], ['100.49990000', '0.00000000']);
    const status = (await api.call('order.status', { symbol: 'BTCUSDT', origClientOrderId: 'mine' })).result as Json;
    assert.deepEqual([status['status'], status['executedQty'], status['orderId']], ['FILLED', '0.50000000', orderId]);
    const trades = (await api.call('myTrades', { symbol: 'BTCUSDT' })).result as Json[];
    assert.deepEqual(
      trades.map((row) => [row['id'], row['qty'], row['isMaker'], row['commission']]),
      [
        [first['t'], '0.20000000', true, '0.00004000'],
        [second['t'], '0.30000000', true, '0.00006000'],
      ],
    );
  });

  it('takes better prices and gives the rest of the lock back', async () => {
    const { result } = await api.limit('BUY', '61900.00', '2.00000');
    const fills = (result as { fills: Json[]; status: string }).fills;
    assert.deepEqual(
      fills.map((fill) => [fill['price'], fill['qty'], fill['commission'], fill['commissionAsset']]),
      [
        ['61800.20000000', '1.00000000', '0.00040000', 'BTC'],
        ['61801.00000000', '1.00000000', '0.00040000', 'BTC'],
      ],
    );
    assert.deepEqual((await balances())['USDT'], ['876398.80000000', '0.00000000']);
    assert.deepEqual((await balances())['BTC'], ['101.99920000', '0.00000000']);
  });

  it('sells by market order, pays the fee in the quote asset, and expires what finds no buyer', async () => {
    const { result } = await api.call('order.place', {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'MARKET',
      quantity: '3',
    });
    assert.deepEqual([(result as Json)['status'], (result as Json)['executedQty']], ['EXPIRED', '1.00000000']);
    const reports = [
      await api.event('executionReport'),
      await api.event('executionReport'),
      await api.event('executionReport'),
    ];
    assert.deepEqual(
      reports.map((report) => [report['x'], report['X']]),
      [
        ['NEW', 'NEW'],
        ['TRADE', 'PARTIALLY_FILLED'],
        ['EXPIRED', 'EXPIRED'],
      ],
    );
    assert.deepEqual([reports[1]?.['n'], reports[1]?.['N']], ['24.72000000', 'USDT']);
    assert.deepEqual((await balances())['BTC'], ['99.00000000', '0.00000000']);
    assert.deepEqual((await balances())['USDT'], ['1061775.28000000', '0.00000000']);
  });

  it('expires the remainder of an immediate-or-cancel order', async () => {
    const { result } = await api.limit('BUY', '61800.50', '1.5', { timeInForce: 'IOC' });
    assert.deepEqual([(result as Json)['status'], (result as Json)['executedQty']], ['EXPIRED', '1.00000000']);
    assert.deepEqual((await balances())['USDT']?.[1], '0.00000000');
    assert.deepEqual((await api.call('openOrders.status', { symbol: 'BTCUSDT' })).result, []);
  });

  it('refuses a post-only order that would take, and rests one that does not', async () => {
    const maker = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.1', newOrderRespType: 'RESULT' };
    const refused = await api.call('order.place', { ...maker, price: '61800.20', newClientOrderId: 'p1' });
    assert.deepEqual(
      [refused.status, refused.error],
      [400, { code: -2010, msg: 'Order would immediately match and take.' }],
    );
    const report = await api.event('executionReport');
    assert.deepEqual(
      [report['x'], report['X'], report['r'], report['c']],
      ['REJECTED', 'REJECTED', 'WOULD_MATCH_IMMEDIATELY', 'p1'],
    );
    assert.equal((await api.call('order.status', { symbol: 'BTCUSDT', origClientOrderId: 'p1' })).error?.code, -2013);
    const rested = await api.call('order.place', { ...maker, price: '61800.10' });
    assert.equal((rested.result as Json)['status'], 'NEW');
    assert.equal(venue.exchange.market('BTCUSDT').bestBidTicks, 618_001);
  });

  it('cancels by order id and by client id, and all at once', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await api.limit('BUY', '61000.00', '0.1', { newClientOrderId: id });
    const open = (await api.call('openOrders.status', { symbol: 'BTCUSDT' })).result as Json[];
    assert.deepEqual(
      open.map((row) => row['clientOrderId']),
      ['a', 'b', 'c', 'd'],
    );
    const cancelled = await api.call('order.cancel', {
      symbol: 'BTCUSDT',
      orderId: open[0]?.['orderId'],
      newClientOrderId: 'x',
    });
    assert.deepEqual(
      ['origClientOrderId', 'clientOrderId', 'status'].map((name) => (cancelled.result as Json)[name]),
      ['a', 'x', 'CANCELED'],
    );
    let report: Json;
    do report = await api.event('executionReport');
    while (report['x'] !== 'CANCELED');
    assert.deepEqual([report['c'], report['C'], report['X']], ['x', 'a', 'CANCELED']);
    assert.equal((await api.call('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'b' })).status, 200);
    assert.equal((await api.call('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'b' })).error?.code, -2011);
    assert.equal((await api.call('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'zz' })).error?.code, -2011);
    assert.equal((await api.call('order.cancel', { symbol: 'BTCUSDT' })).error?.code, -1102);
    const all = await api.call('openOrders.cancelAll', { symbol: 'BTCUSDT' });
    assert.deepEqual(
      (all.result as Json[]).map((row) => [row['origClientOrderId'], row['status']]),
      [
        ['c', 'CANCELED'],
        ['d', 'CANCELED'],
      ],
    );
    assert.equal((await api.call('openOrders.cancelAll', { symbol: 'BTCUSDT' })).error?.code, -2011);
    assert.deepEqual((await balances())['USDT'], ['1000000.00000000', '0.00000000']);
    const history = (await api.call('allOrders', { symbol: 'BTCUSDT' })).result as Json[];
    assert.deepEqual(
      history.map((row) => row['status']),
      ['CANCELED', 'CANCELED', 'CANCELED', 'CANCELED'],
    );
  });

  it('checks filters, balance, client ids and parameters with the venue codes', async () => {
    const place = async (params: Json): Promise<unknown> => {
      const order = {
        symbol: 'BTCUSDT',
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        price: '61000',
        quantity: '0.1',
      };
      const { error } = await api.call('order.place', { ...order, ...params });
      return error === undefined ? 'placed' : `${error.code} ${error.msg}`;
    };
    const outcomes = {
      tick: await place({ price: '61000.001' }),
      lot: await place({ quantity: '0.000001' }),
      zero: await place({ quantity: '0' }),
      notional: await place({ quantity: '0.00008' }),
      far: await place({ price: '400000' }),
      precision: await place({ price: '61000.000000001' }),
      negative: await place({ price: '-5' }),
      money: await place({ price: '61000', quantity: '100' }),
      coins: await place({ side: 'SELL', price: '62000', quantity: '100.00001' }),
      symbol: await place({ symbol: 'NOPEUSDT' }),
      side: await place({ side: 'HOLD' }),
      type: await place({ type: 'STOP' }),
      force: await place({ timeInForce: 'FOK' }),
      missing: await place({ quantity: '' }),
      clientId: await place({ newClientOrderId: 'no spaces' }),
      first: await place({ newClientOrderId: 'twice' }),
      second: await place({ newClientOrderId: 'twice' }),
      numbers: await place({ price: 61000, quantity: 0.1 }),
    };
    assert.deepEqual(outcomes, {
      tick: '-1013 Filter failure: PRICE_FILTER',
      lot: '-1013 Filter failure: LOT_SIZE',
      zero: '-1013 Filter failure: LOT_SIZE',
      notional: '-1013 Filter failure: NOTIONAL',
      far: '-1013 Filter failure: PERCENT_PRICE_BY_SIDE',
      precision: "-1111 Parameter 'price' has too much precision.",
      negative:
        "-1100 Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
      money: '-2010 Account has insufficient balance for requested action.',
      coins: '-2010 Account has insufficient balance for requested action.',
      symbol: '-1121 Invalid symbol.',
      side: '-1117 Invalid side.',
      type: '-1116 Invalid orderType.',
      force: '-1115 Invalid timeInForce.',
      missing: "-1102 Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
      clientId:
        "-1100 Illegal characters found in parameter 'newClientOrderId'; legal range is '^[.A-Z:/a-z0-9_-]{1,36}$'.",
      first: 'placed',
      second: '-2010 Duplicate order sent.',
      numbers: 'placed',
    });
  });

  it('limits the order rate and says when it is free again', async () => {
    const answers = [];
    for (let i = 0; i < 101; i++) answers.push(await api.limit('BUY', '61000', '0.001'));
    const counts = answers[0]?.rateLimits?.find((row) => row.rateLimitType === 'ORDERS');
    assert.deepEqual([counts?.count, counts?.limit], [1, 100]);
    assert.equal(answers[99]?.status, 200);
    assert.deepEqual([answers[100]?.status, answers[100]?.error?.code], [429, -1015]);
    clock.pass(10_000, 1000);
    assert.equal((await api.limit('BUY', '61000', '0.001')).status, 200);
  });

  it('trades with itself when asked to, and books both sides', async () => {
    await api.limit('SELL', '61800.10', '0.1');
    await api.limit('BUY', '61800.10', '0.1');
    const now = await balances();
    assert.deepEqual(now['BTC'], ['99.99996000', '0.00000000']);
    assert.deepEqual(now['USDT'], ['999998.76399800', '0.00000000']);
  });

  it('loses an answer on demand although the order is live', async () => {
    venue.faults.arm({ fault: 'lostAnswer' });
    api.post('order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: '61000',
      quantity: '0.1',
      newClientOrderId: 'lost',
    });
    const found = await api.call('order.status', { symbol: 'BTCUSDT', origClientOrderId: 'lost' });
    assert.equal((found.result as Json)['status'], 'NEW');
    assert.equal(api.inbox.received.length, 0, 'Expected neither answer nor report of the lost request');
    venue.faults.arm({ fault: 'timeoutAnswer' });
    const timedOut = await api.limit('BUY', '61000', '0.1', { newClientOrderId: 'late' });
    assert.equal(timedOut.error?.code, -1007);
    assert.equal((await api.call('order.status', { symbol: 'BTCUSDT', origClientOrderId: 'late' })).status, 200);
  });

  it('cuts connections and swallows diffs on demand', async () => {
    const streams = await Inbox.open(`${venue.streamUrl}?streams=btcusdt@depth@100ms`);
    rest(Side.buy, 617_999, 1);
    clock.pass(100);
    const first = (await streams.next())['data'] as Json;
    venue.faults.arm({ fault: 'gap' });
    rest(Side.buy, 617_998, 1);
    clock.pass(100);
    rest(Side.buy, 617_997, 1);
    clock.pass(100);
    const second = (await streams.next())['data'] as Json;
    assert.equal(second['U'], (first['u'] as number) + 2, 'Expected a gap of one update');
    venue.cutStreams();
    await streams.untilClosed();
    venue.cutApi();
    await api.inbox.untilClosed();
  });
});
