import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { FaultStatus } from '../../contract/fault-menu.ts';
import { type SimulatedVenue, startSimulatedVenue } from '../start-simulated-venue.ts';
import { API_KEY, API_SECRET, Inbox, type Json } from '../venue-client.test-support.ts';

let venue: SimulatedVenue;
before(async () => {
  venue = await startSimulatedVenue({ seed: 3, symbols: ['BTCUSDT'], apiKey: API_KEY, apiSecret: API_SECRET });
});
after(() => venue.close());

interface Answer {
  status: number;
  body: unknown;
}

/** Not fetch: it does not let a test choose Host and Origin. */
function call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: venue.port, method, path, headers: { 'x-api-key': API_KEY, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const arm = (command: object): Promise<Answer> => call('POST', '/control/faults', JSON.stringify(command));

async function hitsOf(id: number): Promise<FaultStatus> {
  const { body } = await call('GET', '/control/faults');
  const status = (body as FaultStatus[]).find((one) => one.id === id);
  assert.ok(status !== undefined);
  return status;
}

describe('control API', () => {
  it('arms, lists and ends faults', async () => {
    const armed = await arm({ fault: 'silentStall', symbol: 'BTCUSDT', durationMs: 60_000 });
    assert.equal(armed.status, 200);
    const { id, active } = armed.body as FaultStatus;
    assert.ok(active);
    assert.ok((await hitsOf(id)).active);
    assert.equal((await call('DELETE', `/control/faults/${id}`)).status, 200);
    assert.equal((await hitsOf(id)).active, false);
    assert.equal((await call('DELETE', `/control/faults/${id}`)).status, 404);
  });

  it('refuses in words what it cannot take', async () => {
    const bad: [string, RegExp][] = [
      ['{', /JSON/],
      ['{"fault":"fire"}', /^fault: expected one of .*was "fire"/],
      ['{"fault":"gap","count":-1}', /^count: expected .*was -1/],
      ['{"fault":"wrongChecksum","protocol":"bybit"}', /no checksum/],
    ];
    for (const [body, message] of bad) {
      const answer = await call('POST', '/control/faults', body);
      assert.equal(answer.status, 400);
      assert.match((answer.body as { error: string }).error, message);
    }
    assert.equal((await call('POST', '/control/faults', ' '.repeat(5_000))).status, 413);
    assert.equal((await call('PUT', '/control/faults')).status, 405);
    assert.equal((await call('GET', '/control/faults/x')).status, 404);
  });

  it('is for programs of this machine that know the key', async () => {
    const path = '/control/faults';
    assert.equal((await call('GET', path, undefined, { 'x-api-key': 'other' })).status, 401);
    assert.equal((await call('GET', path, undefined, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await call('GET', path, undefined, { host: `evil.example:${venue.port}` })).status, 403);
    assert.equal((await call('GET', path, undefined, { host: `localhost:${venue.port}` })).status, 200);
  });
});

describe('faults of the transport, over real sockets', () => {
  const streams = 'btcusdt@depth@100ms/btcusdt@bookTicker';

  for (const fault of ['splitFrames', 'trickledBytes', 'mergedFrames']) {
    it(`${fault}: every message arrives whole and none is missing`, async () => {
      const inbox = await Inbox.open(`${venue.streamUrl}?streams=${streams}`);
      const armed = await arm({ fault, durationMs: 700 });
      const isDepth = (message: Json): boolean => (message['data'] as Json | undefined)?.['e'] === 'depthUpdate';
      let last = 0;
      for (let i = 0; i < 10; i++) {
        const depth = (await inbox.next(isDepth))['data'] as { U: number; u: number };
        if (last > 0) assert.equal(depth.U, last + 1);
        last = depth.u;
      }
      assert.ok((await hitsOf((armed.body as FaultStatus).id)).hits > 5);
      inbox.socket.terminate();
    });
  }

  it('halfOpen: nothing comes and nobody is told, until the venue cuts it', async () => {
    const inbox = await Inbox.open(`${venue.streamUrl}?streams=${streams}`);
    await inbox.next();
    const armed = await arm({ fault: 'halfOpen', durationMs: 600 });
    assert.equal((armed.body as FaultStatus).hits, 1);
    let pongs = 0;
    inbox.socket.on('pong', () => pongs++);
    // What was already in the socket may still come.
    await new Promise((resolve) => setTimeout(resolve, 100));
    inbox.received.length = 0;
    inbox.socket.ping();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual([inbox.received.length, pongs, inbox.closed], [0, 0, false]);
    await inbox.untilClosed();
  });

  it('unansweredPing: data goes on, pings are left unanswered', async () => {
    const inbox = await Inbox.open(`${venue.streamUrl}?streams=${streams}`);
    let pongs = 0;
    inbox.socket.on('pong', () => pongs++);
    const armed = (await arm({ fault: 'unansweredPing', durationMs: 60_000 })).body as FaultStatus;
    inbox.socket.ping();
    await inbox.next();
    await inbox.next();
    assert.equal(pongs, 0);
    await call('DELETE', `/control/faults/${armed.id}`);
    inbox.socket.ping();
    const deadline = Date.now() + 2_000;
    while (pongs === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(pongs, 1);
    inbox.socket.terminate();
  });

  it('serverShutdown: announced, then cut; connectionCut: cut; tradeBurst: 1 024 trades', async () => {
    const inbox = await Inbox.open(`${venue.streamUrl}?streams=btcusdt@trade`);
    const burst = (await arm({ fault: 'tradeBurst' })).body as FaultStatus;
    assert.ok(burst.hits >= 1_000, `was ${burst.hits}`);
    await arm({ fault: 'serverShutdown', durationMs: 50 });
    assert.ok(await inbox.next((message) => message['e'] === 'serverShutdown'));
    await inbox.untilClosed();
    const other = await Inbox.open(`${venue.streamUrl}?streams=${streams}`);
    await arm({ fault: 'connectionCut' });
    await other.untilClosed();
  });

  it('rateLimit: 429 for requests and connections, 418 for those that go on, then over', async () => {
    const { id } = (await arm({ fault: 'rateLimit', protocol: 'binance-spot', durationMs: 60_000 }))
      .body as FaultStatus;
    const depth = `${venue.restUrl}/api/v3/depth?symbol=BTCUSDT&limit=5`;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await fetch(depth)).status);
    assert.deepEqual(statuses, [429, 429, 429, 429, 429, 418]);
    await assert.rejects(Inbox.open(`${venue.streamUrl}?streams=${streams}`), /418/);
    await call('DELETE', `/control/faults/${id}`);
    // The ban outlives the limit.
    assert.equal((await fetch(depth)).status, 418);
  });
});
