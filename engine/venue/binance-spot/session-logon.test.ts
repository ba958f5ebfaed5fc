import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { RecordKind } from '../../contract/record.ts';
import { Side } from '../../contract/units.ts';
import { BinanceSpotOrderEntry } from './order-entry.ts';
import { sortedPayload } from './signing.ts';
import { instrument } from './venue.test-support.ts';

type Request = { id: string; method: string; params?: Record<string, string | number> };

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const order = {
  orderNumber: 7,
  instrument: 0,
  side: Side.buy,
  priceTicks: 6_000_012,
  sizeLots: 830,
  postOnly: false,
  immediateOrCancel: true,
};

class Bench {
  readonly sent: Request[] = [];
  readonly states: [up: boolean, reason: string][] = [];
  readonly rejected: string[] = [];
  readonly entry: BinanceSpotOrderEntry;

  constructor(apiSecret: string) {
    this.entry = new BinanceSpotOrderEntry(
      {
        instruments: [instrument(0, 'BTCUSDT', '0.01', '0.00001')],
        apiKey: 'key',
        apiSecret,
        clientIdPrefix: 'xm-',
        strangers: { numberOf: () => 0, clientIdOf: () => '', allocate: () => 1 },
        wallClockMs: (timeNs) => 1_700_000_000_000 + timeNs / 1e6,
      },
      {
        emit: (slot) => {
          if (slot.kind === RecordKind.orderEntryState) this.states.push([slot.id === 1, slot.text]);
          else if (slot.kind === RecordKind.orderRejected) this.rejected.push(slot.text);
        },
        send: (message) => {
          this.sent.push(JSON.parse(message) as Request);
          return true;
        },
      },
    );
  }

  take(method: string): Request {
    const at = this.sent.findIndex((request) => request.method === method);
    assert.ok(at >= 0, `expected ${method}, was ${this.sent.map((request) => request.method).join()}`);
    return this.sent.splice(at, 1)[0] as Request;
  }

  answer(request: Request, answer: object, timeNs: number): void {
    this.entry.onMessage(Buffer.from(JSON.stringify({ id: request.id, ...answer })), timeNs);
  }
}

test('a connection is logged on once with a right signature; what follows on it carries neither key nor signature', () => {
  const bench = new Bench(pem);
  bench.entry.onConnected(0);
  const logon = bench.take('session.logon');
  const { signature, ...signed } = logon.params as Record<string, string | number>;
  assert.ok(verify(null, Buffer.from(sortedPayload(signed)), publicKey, Buffer.from(String(signature), 'base64')));
  assert.deepEqual(Object.keys(signed).sort(), ['apiKey', 'recvWindow', 'timestamp']);
  assert.ok(!bench.sent.some((request) => request.method.startsWith('userDataStream')));
  bench.entry.place(order, 1);
  assert.deepEqual(bench.rejected, ['order entry is down: not sent']);

  bench.answer(logon, { status: 200, result: { apiKey: 'key' } }, 1);
  bench.answer(bench.take('userDataStream.subscribe'), { status: 200, result: { subscriptionId: 0 } }, 2);
  assert.deepEqual(bench.states, [[true, '']]);
  bench.entry.place(order, 3e6);
  assert.deepEqual(bench.take('order.place').params, {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'IOC',
    price: '60000.12',
    quantity: '0.00830',
    newClientOrderId: 'xm-7',
    newOrderRespType: 'ACK',
    recvWindow: 5000,
    timestamp: 1_700_000_000_003,
  });
  bench.entry.cancel(7, 0, 4e6);
  assert.deepEqual(Object.keys(bench.take('order.cancel').params ?? {}).sort(), [
    'origClientOrderId',
    'recvWindow',
    'symbol',
    'timestamp',
  ]);

  // Another connection knows nothing of it.
  bench.sent.length = 0;
  bench.entry.onDisconnected(5e6, 'gone');
  bench.entry.onConnected(6e6);
  assert.ok(bench.take('session.logon').params?.['signature']);
});

test('a logon that is refused leaves order entry down with the reason, and is tried again', () => {
  const bench = new Bench(pem);
  bench.entry.onConnected(0);
  const error = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
  bench.answer(bench.take('session.logon'), { status: 401, error }, 1);
  assert.deepEqual(bench.states, [[false, 'logon: Invalid API-key, IP, or permissions for action. (-2015)']]);
  assert.equal(bench.entry.isUp, false);
  bench.entry.onTimer(4e9);
  bench.take('session.logon');
  // An answer that never comes is asked for again as well.
  bench.entry.onTimer(10e9);
  bench.entry.onTimer(14e9);
  bench.take('session.logon');
});

test('a PEM that is no Ed25519 private key is refused by name', () => {
  assert.throws(
    () => new Bench('-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----'),
    /apiSecret: expected an Ed25519 private key in PEM/,
  );
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const text = rsa.export({ type: 'pkcs8', format: 'pem' }) as string;
  assert.throws(() => new Bench(text), /apiSecret: expected an Ed25519 private key, was rsa/);
});
