import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { signedPayload } from './protocol/request-signing.ts';
import { API_KEY, type Answer, ApiClient, Inbox, startManualVenue } from './venue-client.test-support.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

test('with an Ed25519 key a connection logs on, trades unsigned, hears of its orders, and logs out', async () => {
  const { venue, clock } = await startManualVenue({ apiSecret: pem });
  try {
    const inbox = await Inbox.open(venue.apiUrl);
    let count = 0;
    const call = async (method: string, params: Record<string, unknown> = {}): Promise<Answer> => {
      const id = `c${++count}`;
      inbox.send({ id, method, params });
      return (await inbox.next((message) => message['id'] === id)) as unknown as Answer;
    };
    const timestamp = clock.nowMs;
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: '61000.00',
      quantity: '0.50000',
    };

    assert.equal((await call('order.place', { ...order, timestamp })).error?.code, -2015);
    assert.equal((await call('userDataStream.subscribe')).error?.code, -2015);
    const params = { apiKey: API_KEY, timestamp };
    const wrong = { ...params, signature: Buffer.alloc(64).toString('base64') };
    assert.equal((await call('session.logon', wrong)).error?.code, -1022);
    const signature = sign(null, Buffer.from(signedPayload(params)), privateKey).toString('base64');
    const { result } = await call('session.logon', { ...params, signature });
    assert.deepEqual(result, {
      apiKey: API_KEY,
      authorizedSince: timestamp,
      serverTime: timestamp,
      userDataStream: false,
    });

    assert.deepEqual((await call('userDataStream.subscribe')).result, { subscriptionId: 0 });
    assert.equal((await call('order.place', order)).error?.code, -1102, 'the time is still asked for');
    assert.equal((await call('order.place', { ...order, timestamp: timestamp - 60_000 })).error?.code, -1021);
    assert.equal((await call('order.place', { ...order, timestamp })).status, 200);
    const report = await inbox.next((message) => message['event'] !== undefined);
    assert.equal((report['event'] as Record<string, unknown>)['x'] ?? 'balance', 'NEW');

    assert.equal((await call('session.logout')).status, 200);
    assert.equal((await call('order.place', { ...order, timestamp })).error?.code, -2015);
  } finally {
    await venue.close();
  }
});

test('an HMAC key cannot log on', async () => {
  const { venue, clock } = await startManualVenue();
  try {
    const api = await ApiClient.open(venue.apiUrl, () => clock.nowMs);
    assert.equal((await api.call('session.logon')).error?.code, -4056);
  } finally {
    await venue.close();
  }
});
