import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nameOf, RecordFlag, RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { BinanceSpotOrderEntry } from './order-entry.ts';
import { RequestSigner, sortedPayload } from './signing.ts';
import { instrument } from './venue.test-support.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const skip = existsSync(data) ? false : `SKIPPED: no reference data at ${data}`;
if (skip) console.warn(`Tests on recorded user data are skipped: ${data} does not exist`);

const S = 1e9;
const utf8 = new TextEncoder();
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';

type Request = { id: string; method: string; params: Record<string, string | number> };
interface Seen {
  kind: string;
  id: number;
  aux: number;
  instrument: number;
  side: number;
  priceTicks: number;
  sizeLots: number;
  value: number;
  flags: number;
  text: string;
}

/** The adapter with a socket that keeps what is sent, and everything it emits. */
class Bench {
  readonly sent: Request[] = [];
  readonly seen: Seen[] = [];
  readonly strangers = new Map<string, number>();
  socketOpen = true;
  failConsumer = false;
  timeNs = S;
  readonly entry: BinanceSpotOrderEntry;

  constructor(prefix = 'xm-') {
    this.entry = new BinanceSpotOrderEntry(
      {
        instruments: [instrument(0, 'ETHUSDT', '0.01', '0.0001'), instrument(1, 'BTCUSDT', '0.01', '0.00001')],
        apiKey: 'key',
        apiSecret: SECRET,
        clientIdPrefix: prefix,
        strangers: {
          numberOf: (clientId) => this.strangers.get(clientId) ?? 0,
          clientIdOf: (orderNumber) => [...this.strangers].find(([, number]) => number === orderNumber)?.[0] ?? '',
          allocate: () => 900 + this.strangers.size + 1,
        },
        wallClockMs: (timeNs) => 1_700_000_000_000 + timeNs / 1e6,
      },
      {
        emit: (slot) => {
          if (this.failConsumer) throw new Error('the journal is full');
          if (slot.kind === RecordKind.orderAdopted) this.strangers.set(slot.text, slot.id);
          this.seen.push({
            kind: nameOf(RecordKind, slot.kind),
            id: slot.id,
            aux: slot.aux,
            instrument: slot.instrument,
            side: slot.side,
            priceTicks: slot.priceTicks,
            sizeLots: slot.sizeLots,
            value: slot.value,
            flags: slot.flags & ~RecordFlag.hasText,
            text: slot.text,
          });
        },
        send: (message) => {
          if (this.socketOpen) this.sent.push(JSON.parse(message) as Request);
          return this.socketOpen;
        },
      },
    );
  }

  /** Connects, and answers until order entry is up; forgets what was sent and seen on the way. */
  static up(prefix?: string): Bench {
    const bench = new Bench(prefix);
    bench.entry.onConnected(bench.timeNs);
    bench.answer('time', { serverTime: 1_700_000_000_000 + bench.timeNs / 1e6 });
    bench.answer('userDataStream.subscribe.signature', { subscriptionId: 0 });
    bench.answer('account.status', { balances: [{ asset: 'USDT', free: '10.5', locked: '1' }] });
    assert.deepEqual(
      bench.take().map(({ kind, id, value, text }) => [kind, id, value, text]),
      [
        ['orderEntryState', 1, 0, ''],
        ['balance', 0, 11.5, 'USDT'],
      ],
    );
    assert.equal(bench.entry.isUp, true);
    return bench;
  }

  take(): Seen[] {
    return this.seen.splice(0);
  }
  kinds(): string[] {
    return this.take().map((record) => record.kind);
  }

  receive(message: unknown): void {
    this.entry.onMessage(utf8.encode(JSON.stringify(message)), this.timeNs);
  }

  /** Answers the oldest request of a method, which must have been sent with a right signature. */
  answer(method: string, result: unknown, error?: { status: number; code: number; msg: string }): Request {
    const at = this.sent.findIndex((request) => request.method === method);
    assert.ok(at >= 0, `expected a request ${method}, was ${this.sent.map((r) => r.method).join()}`);
    const [request] = this.sent.splice(at, 1) as [Request];
    if (method !== 'time') {
      assert.equal(request.params['signature'], new RequestSigner(SECRET).sign(sortedPayload(request.params)));
    }
    if (error) this.receive({ id: request.id, status: error.status, error: { code: error.code, msg: error.msg } });
    else this.receive({ id: request.id, status: 200, result, rateLimits: [] });
    return request;
  }

  place(orderNumber: number, extra: { postOnly?: boolean; immediateOrCancel?: boolean } = {}): void {
    this.entry.place(
      {
        orderNumber,
        instrument: 0,
        side: Side.buy,
        priceTicks: 250_000,
        sizeLots: 10_000,
        postOnly: false,
        immediateOrCancel: false,
        ...extra,
      },
      this.timeNs,
    );
  }
}

const status = (fields: object) => ({
  orderId: 77,
  clientOrderId: 'xm-5',
  price: '2500.00',
  origQty: '1.0000',
  executedQty: '0.0000',
  status: 'NEW',
  type: 'LIMIT',
  side: 'BUY',
  ...fields,
});
const report = (fields: object) => ({
  e: 'executionReport',
  E: 1,
  s: 'ETHUSDT',
  c: 'xm-5',
  S: 'BUY',
  o: 'LIMIT',
  f: 'GTC',
  q: '1.0000',
  p: '2500.00',
  C: '',
  x: 'NEW',
  X: 'NEW',
  r: 'NONE',
  i: 77,
  l: '0',
  z: '0',
  L: '0',
  n: '0',
  N: null,
  T: 1_700_000_000_500,
  t: -1,
  m: false,
  ...fields,
});
const trade = (tradeId: number, lots: string, total: string, fields: object = {}) =>
  report({
    x: 'TRADE',
    X: 'PARTIALLY_FILLED',
    l: lots,
    z: total,
    L: '2500.00',
    n: '0.5',
    N: 'USDT',
    t: tradeId,
    ...fields,
  });

test('requests carry exact decimals, the right type, and a signature over the sorted parameters', () => {
  const bench = Bench.up();
  bench.place(5);
  const { params } = bench.answer('order.place', { orderId: 77, clientOrderId: 'xm-5', transactTime: 9 });
  const { signature, ...rest } = params;
  assert.equal(typeof signature, 'string');
  assert.deepEqual(rest, {
    symbol: 'ETHUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    price: '2500.00',
    quantity: '1.0000',
    newClientOrderId: 'xm-5',
    newOrderRespType: 'ACK',
    recvWindow: 5000,
    timestamp: 1_700_000_001_000,
    apiKey: 'key',
  });
  bench.place(6, { postOnly: true });
  const post = bench.answer('order.place', { orderId: 78 });
  assert.equal(post.params['type'], 'LIMIT_MAKER');
  assert.equal('timeInForce' in post.params, false);
  bench.place(7, { immediateOrCancel: true });
  assert.equal(bench.answer('order.place', { orderId: 79 }).params['timeInForce'], 'IOC');
});

test('an order is accepted once, filled per trade once, and fees are in quote units', () => {
  const bench = Bench.up();
  bench.place(5);
  bench.receive({ subscriptionId: 0, event: report({}) });
  bench.answer('order.place', { orderId: 77, transactTime: 9 });
  assert.deepEqual(bench.kinds(), ['orderAccepted']);
  bench.receive({ subscriptionId: 0, event: trade(1, '0.2500', '0.2500') });
  bench.receive({ subscriptionId: 0, event: trade(1, '0.2500', '0.2500') });
  bench.receive({
    subscriptionId: 0,
    event: trade(2, '0.7500', '1.0000', { n: '0.0002', N: 'ETH', m: true, X: 'FILLED' }),
  });
  const fills = bench.take();
  assert.deepEqual(
    fills.map((f) => [f.kind, f.id, f.aux, f.side, f.priceTicks, f.sizeLots, f.value, f.flags]),
    [
      ['orderFill', 5, 1, Side.buy, 250_000, 2500, 0.5, 0],
      ['orderFill', 5, 2, Side.buy, 250_000, 7500, 0.5, RecordFlag.snapshotOrMaker],
    ],
  );
  // A fee in a third asset is put at the standard fee of the value.
  bench.receive({ subscriptionId: 0, event: trade(3, '1.0000', '1.0000', { n: '0.001', N: 'BNB' }) });
  assert.equal(bench.take()[0]?.value, 2.5);
});

test('a trade with oneself has one id and fills both orders', () => {
  const bench = Bench.up();
  bench.place(5);
  bench.place(6);
  bench.take();
  bench.receive({ subscriptionId: 0, event: trade(9, '1.0000', '1.0000', { X: 'FILLED', m: true }) });
  bench.receive({
    subscriptionId: 0,
    event: trade(9, '1.0000', '1.0000', { X: 'FILLED', c: 'xm-6', S: 'SELL', i: 78 }),
  });
  assert.deepEqual(
    bench.take().map((f) => [f.kind, f.id, f.aux, f.side]),
    [
      ['orderFill', 5, 9, Side.buy],
      ['orderFill', 6, 9, Side.sell],
    ],
  );
});

test('cancel, expiry, rejection: the report names the order by C, the reason comes along', () => {
  const bench = Bench.up();
  bench.place(5);
  bench.answer('order.place', { orderId: 77 });
  bench.entry.cancel(5, 0, bench.timeNs);
  assert.equal(bench.answer('order.cancel', status({ status: 'CANCELED' })).params['origClientOrderId'], 'xm-5');
  bench.take();
  bench.receive({ event: report({ x: 'CANCELED', X: 'CANCELED', c: 'web_1', C: 'xm-5', z: '0.2500' }) });
  bench.receive({ event: report({ x: 'EXPIRED', X: 'EXPIRED', c: 'xm-6', eR: 'INSUFFICIENT_LIQUIDITY' }) });
  bench.receive({ event: report({ x: 'REJECTED', X: 'REJECTED', c: 'xm-7', r: 'WOULD_MATCH' }) });
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.sizeLots, r.text]),
    [
      ['orderCancelled', 5, 7500, ''],
      ['orderCancelled', 6, 10_000, 'expired: INSUFFICIENT_LIQUIDITY'],
      ['orderRejected', 7, 0, 'rejected by the venue: WOULD_MATCH'],
    ],
  );
  bench.entry.cancel(5, 0, bench.timeNs);
  bench.answer('order.cancel', undefined, { status: 400, code: -2011, msg: 'Unknown order sent.' });
  bench.place(8);
  bench.answer('order.place', undefined, { status: 400, code: -2010, msg: 'Insufficient balance.' });
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.text]),
    [
      ['cancelRejected', 5, 'Unknown order sent. (-2011)'],
      ['orderRejected', 8, 'Insufficient balance. (-2010)'],
    ],
  );
});

test('R8: time-out, -1007, 5xx, duplicate, cut: the order is unknown, never failed, never sent again', () => {
  const bench = Bench.up();
  const errors = [
    { status: 504, code: -1007, msg: 'Timeout' },
    { status: 500, code: -1000, msg: 'Unknown error' },
    { status: 400, code: -1006, msg: 'Unexpected response' },
    { status: 400, code: -2010, msg: 'Duplicate order sent.' },
  ];
  for (const error of errors) {
    bench.place(5);
    bench.answer('order.place', undefined, error);
    assert.deepEqual(bench.kinds(), ['orderUnknown'], error.msg);
  }
  bench.place(6);
  bench.entry.cancel(5, 0, bench.timeNs);
  bench.entry.queryOpenOrders(0, bench.timeNs);
  bench.timeNs += 6 * S;
  bench.entry.onTimer(bench.timeNs);
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.aux]),
    [
      ['orderUnknown', 6, 0],
      ['orderUnknown', 5, 0],
      ['openOrdersReport', 0, 0],
    ],
  );
  bench.place(7);
  bench.entry.onDisconnected(bench.timeNs, 'cut');
  assert.deepEqual(bench.kinds(), ['orderEntryState', 'orderUnknown']);
  bench.place(8);
  assert.deepEqual(bench.kinds(), ['orderRejected']);
  assert.equal(
    bench.sent.filter((r) => r.method === 'order.place' && r.params['newClientOrderId'] === 'xm-8').length,
    0,
  );
});

test('an order the venue does not know is given up only when its request can no longer arrive', () => {
  const bench = Bench.up();
  bench.timeNs += 60 * S;
  bench.place(5);
  bench.timeNs += 1 * S;
  bench.entry.queryOrder(5, 0, bench.timeNs);
  bench.answer('order.status', undefined, { status: 400, code: -2013, msg: 'Order does not exist.' });
  assert.deepEqual(bench.kinds(), []);
  bench.timeNs += 5 * S;
  bench.entry.queryOrder(5, 0, bench.timeNs);
  bench.answer('order.status', undefined, { status: 400, code: -2013, msg: 'Order does not exist.' });
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.text]),
    [['orderRejected', 5, 'not at the venue']],
  );
});

test('a look-up tells acceptance, then the fills that were missed, then the end', () => {
  const bench = Bench.up();
  bench.receive({ event: trade(1, '0.2500', '0.2500') });
  bench.take();
  bench.entry.queryOrder(5, 0, bench.timeNs);
  bench.answer('order.status', status({ status: 'CANCELED', executedQty: '0.5000' }));
  const fill = {
    price: '2500.00',
    qty: '0.2500',
    commission: '1',
    commissionAsset: 'USDT',
    time: 1,
    isBuyer: true,
    isMaker: true,
  };
  const asked = bench.answer('myTrades', [
    { id: 1, ...fill },
    { id: 2, ...fill },
  ]);
  assert.equal(asked.params['orderId'], 77);
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.aux, r.sizeLots]),
    [
      ['orderAccepted', 5, 77, 0],
      ['orderFill', 5, 2, 2500],
      ['orderCancelled', 5, 0, 5000],
    ],
  );
});

test('strangers are adopted once, whether found open or heard of first, and cancelled by their own id', () => {
  const bench = Bench.up();
  bench.entry.queryOpenOrders(0, bench.timeNs);
  bench.answer('openOrders.status', [
    status({}),
    status({ clientOrderId: 'web_9', orderId: 80, side: 'SELL', executedQty: '0.2500' }),
  ]);
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.aux, r.side, r.sizeLots, r.text]),
    [
      ['orderAdopted', 901, 80, Side.sell, 10_000, 'web_9'],
      ['openOrdersReport', 2, 1, 0, 0, ''],
    ],
  );
  assert.equal(bench.sent.find((r) => r.method === 'myTrades')?.params['orderId'], 80);
  bench.receive({ event: report({ c: 'phone', i: 81 }) });
  bench.receive({ event: trade(9, '1.0000', '1.0000', { c: 'phone', i: 81 }) });
  bench.receive({ event: report({ c: 'never-seen', x: 'CANCELED', i: 82 }) });
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id]),
    [
      ['orderAdopted', 902],
      ['orderFill', 902],
    ],
  );
  bench.entry.cancel(902, 0, bench.timeNs);
  assert.equal(bench.sent.at(-1)?.params['origClientOrderId'], 'phone');
});

test('a wrong clock is measured and corrected, a refused subscription is tried again', () => {
  const bench = new Bench();
  bench.entry.onConnected(bench.timeNs);
  bench.answer('time', { serverTime: 1_700_000_000_000 + bench.timeNs / 1e6 + 4000 });
  bench.answer('userDataStream.subscribe.signature', undefined, { status: 401, code: -2015, msg: 'Invalid API-key' });
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id, r.text]),
    [['orderEntryState', 0, 'user data: Invalid API-key (-2015)']],
  );
  bench.timeNs += 4 * S;
  bench.entry.onTimer(bench.timeNs);
  const again = bench.answer('userDataStream.subscribe.signature', { subscriptionId: 0 });
  assert.equal(again.params['timestamp'], 1_700_000_000_000 + 5000 + 4000);
  assert.deepEqual(bench.kinds(), ['orderEntryState']);
});

test('R28: messages that make no sense throw nothing; one about an order has it looked up', () => {
  const bench = Bench.up();
  for (const bytes of [
    '',
    '{',
    '[]',
    'null',
    '5',
    '{"event":5}',
    '{"e":"executionReport"}',
    '{"id":"x","status":200}',
  ]) {
    bench.entry.onMessage(utf8.encode(bytes), bench.timeNs);
  }
  assert.deepEqual(bench.take(), []);
  assert.equal(bench.entry.badMessages, 7);
  bench.receive({ event: trade(1, '0.00001', '1.0000') });
  const [record] = bench.take();
  assert.deepEqual([record?.kind, record?.id], ['orderUnknown', 5]);
  assert.match(record?.text ?? '', /size|multiple of 0\.0001/);
  bench.place(6);
  bench.answer('order.place', {});
  assert.deepEqual(bench.kinds(), ['orderUnknown']);
});

test('fills that could not be fetched leave the order unknown: it is looked up until they are all there', () => {
  const own = { id: 4, price: '2500.00', qty: '0.4000', commission: '0', commissionAsset: 'USDT', time: 1 };
  const bench = Bench.up();
  bench.place(5);
  bench.answer('order.place', { orderId: 77 });
  bench.take();
  const failures: [string, () => void][] = [
    ['refused', () => bench.answer('myTrades', undefined, { status: 429, code: -1003, msg: 'Too many requests' })],
    ['late', () => bench.entry.onTimer(bench.timeNs + 6 * S)],
    ['not all there', () => bench.answer('myTrades', [{ ...own, isBuyer: true, isMaker: true }])],
  ];
  for (const [name, fail] of failures) {
    bench.entry.queryOrder(5, 0, bench.timeNs);
    bench.answer('order.status', status({ status: 'FILLED', executedQty: '1.0000' }));
    fail();
    assert.deepEqual(
      bench.take().map((r) => [r.kind, r.id]),
      name === 'not all there'
        ? [
            ['orderAccepted', 5],
            ['orderFill', 5],
            ['orderUnknown', 5],
          ]
        : [
            ['orderAccepted', 5],
            ['orderUnknown', 5],
          ],
      name,
    );
    bench.sent.length = 0;
  }
});

test('a bad report about an adopted order has that order looked up', () => {
  const bench = Bench.up();
  bench.receive({ event: report({ c: 'phone' }) });
  assert.deepEqual(bench.kinds(), ['orderAdopted']);
  bench.receive({ event: trade(1, '0.00001', '1.0000', { c: 'phone' }) });
  assert.deepEqual(
    bench.take().map((r) => [r.kind, r.id]),
    [['orderUnknown', 901]],
  );
});

test('what the consumer of the records throws is its own, not a bad message', () => {
  const bench = Bench.up();
  bench.place(5);
  bench.failConsumer = true;
  assert.throws(() => bench.receive({ event: trade(1, '1.0000', '1.0000') }), /the journal is full/);
  assert.equal(bench.entry.badMessages, 0);
});

test('the reference user-data events are understood', { skip }, () => {
  const read = (name: string) => JSON.parse(readFileSync(`${data}binance/user-stream/spot/${name}`, 'utf8')) as unknown;
  const bench = Bench.up('x-TD67BGP9-T');
  const seen = (name: string) => {
    bench.receive(read(name));
    return bench.take().map((r) => [r.kind, r.priceTicks, r.sizeLots, r.value, r.text]);
  };
  // Their client ids are 0-padded, so they are strangers here.
  assert.deepEqual(seen('execution_report_new.json'), [
    ['orderAdopted', 250_000, 10_000, 0, 'x-TD67BGP9-T0000000000000'],
  ]);
  assert.deepEqual(seen('execution_report_trade.json'), [['orderFill', 250_000, 10_000, 2.5, '']]);
  assert.deepEqual(seen('execution_report_canceled.json'), [['orderCancelled', 0, 10_000, 0, '']]);
  assert.deepEqual(seen('execution_report_expired.json'), [
    ['orderCancelled', 0, 10_000, 0, 'expired: INSUFFICIENT_LIQUIDITY'],
  ]);
  assert.deepEqual(seen('account_position_wrapped.json'), [['balance', 0, 0, 10_000, 'ETH']]);
  assert.deepEqual(seen('account_position.json'), [
    ['balance', 0, 0, 12_500, 'USDT'],
    ['balance', 0, 0, 5, 'ETH'],
  ]);
  for (const name of [
    'execution_report_wrapped.json',
    'list_status_wrapped.json',
    'balance_update.json',
    'balance_update_wrapped.json',
  ]) {
    assert.deepEqual(seen(name), [], name);
  }
  assert.equal(bench.entry.badMessages, 0);
});

test('R22: the published signatures', { skip }, () => {
  interface Vector {
    scheme: string;
    secret: string;
    signed_payload: string;
    signature: string;
  }
  const { vectors } = JSON.parse(readFileSync(`${data}vectors/signing-vectors.json`, 'utf8')) as { vectors: Vector[] };
  const hex = vectors.filter((vector) => vector.scheme === 'HMAC-SHA256 hex over queryString+body');
  assert.equal(hex.length, 4);
  for (const { secret, signed_payload, signature } of hex) {
    assert.equal(new RequestSigner(secret).sign(signed_payload), signature);
  }
});

test('parameters are signed by name, numbers as they are sent', () => {
  assert.equal(
    sortedPayload({ timestamp: 5, apiKey: 'k', signature: 'x', symbol: 'A' }),
    'apiKey=k&symbol=A&timestamp=5',
  );
  assert.throws(() => new RequestSigner(''), /apiSecret: expected text/);
});
