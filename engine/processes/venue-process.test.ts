import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { FaultStatus } from '../contract/fault-menu.ts';
import type { ControlEvent, ControlRequest, VenueReady } from '../contract/process.ts';
import { ApiClient, API_KEY, API_SECRET, type Json } from '../simulation/venue-client.test-support.ts';

const dir = mkdtempSync(join(tmpdir(), 'christmas-venue-process-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function start(): ChildProcess {
  const child = fork(join(import.meta.dirname, 'venue.ts'), [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

function event<T extends ControlEvent['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<ControlEvent, { type: T }>> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const received = message as ControlEvent;
      if (received.type === type) resolve(received as Extract<ControlEvent, { type: T }>);
      else if (received.type === 'fatal') reject(new Error(received.error));
    });
    child.once('exit', (code, signal) => reject(new Error(`Expected ${type}, was exit ${code ?? signal}`)));
  });
}

function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
}

async function ready(child: ChildProcess, port: number, symbols = ['BTCUSDT']): Promise<VenueReady> {
  await event(child, 'accepting');
  const config = {
    process: 'venue' as const,
    dataDir: dir,
    seed: 7,
    symbols,
    port,
    apiKey: API_KEY,
    apiSecret: API_SECRET,
  };
  child.send({ type: 'configure', config } satisfies ControlRequest);
  const answer = (await event(child, 'ready')).ready;
  assert.equal(answer.process, 'venue');
  return answer as VenueReady;
}

async function lastUpdateId(venue: VenueReady): Promise<number> {
  const response = await fetch(`${venue.restUrl}/api/v3/depth?symbol=BTCUSDT&limit=5`);
  return ((await response.json()) as { lastUpdateId: number }).lastUpdateId;
}

describe('venue process', () => {
  it('keeps orders and balances over kill -9 and comes back on the same port', async () => {
    const first = start();
    const venue = await ready(first, 0);
    const api = await ApiClient.open(venue.apiUrl);
    const placed = await api.limit('BUY', '60000.00', '0.01', { newClientOrderId: 'keep' });
    await api.call('order.place', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.02' });
    const balances = ((await api.call('account.status')).result as Json)['balances'];
    const updateId = await lastUpdateId(venue);
    // The answer to this one is never read: it may or may not be in the file, but never half of it.
    api.post('order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
      newClientOrderId: 'last',
    });
    const killed = ended(first);
    first.kill('SIGKILL');
    assert.equal(await killed, 'SIGKILL');

    const second = start();
    const again = await ready(second, venue.port);
    assert.equal(again.port, venue.port);
    const client = await ApiClient.open(again.apiUrl);
    const open = (await client.call('openOrders.status', { symbol: 'BTCUSDT' })).result as Json[];
    assert.deepEqual(
      open.map((row) => [row['clientOrderId'], row['orderId']]),
      [['keep', (placed.result as Json)['orderId']]],
    );
    const last = await client.call('order.status', { symbol: 'BTCUSDT', origClientOrderId: 'last' });
    if (last.status === 200) assert.equal((last.result as Json)['status'], 'FILLED');
    else assert.deepEqual(((await client.call('account.status')).result as Json)['balances'], balances);
    assert.ok((await lastUpdateId(again)) > updateId);
    const health = await event(second, 'health');
    assert.ok(health.health.rssBytes > 0);
    const stopped = ended(second);
    second.send({ type: 'shutdown' } satisfies ControlRequest);
    assert.equal(await stopped, 0);
  });

  it('takes faults over the control channel, and says what is wrong with one', async () => {
    const child = start();
    await ready(child, 0);
    const ask = async (requestId: number, command?: object): Promise<Extract<ControlEvent, { type: 'answer' }>> => {
      const answered = event(child, 'answer');
      child.send({ type: 'query', requestId, query: 'faults', ...(command === undefined ? {} : { command }) });
      return answered;
    };
    const armed = await ask(1, { fault: 'gap', symbol: 'BTCUSDT', count: 1_000 });
    assert.ok(armed.ok);
    assert.deepEqual(
      (armed.result as FaultStatus[]).map(({ id, fault, active }) => [id, fault, active]),
      [[1, 'gap', true]],
    );
    const refused = await ask(2, { fault: 'gap', count: 0 });
    assert.deepEqual(refused, {
      type: 'answer',
      requestId: 2,
      ok: false,
      error: 'count: expected a whole number from 1 to 100000, was 0',
    });
    assert.equal(((await ask(3)) as { result: FaultStatus[] }).result.length, 1);
    const stopped = ended(child);
    child.send({ type: 'shutdown' } satisfies ControlRequest);
    assert.equal(await stopped, 0);
  });

  it('ends by itself when its parent is gone, and says what cannot work', async () => {
    const orphan = start();
    await ready(orphan, 0);
    const gone = ended(orphan);
    orphan.disconnect();
    assert.equal(await gone, 0);
    const wrong = start();
    await assert.rejects(ready(wrong, 0, ['not a symbol']), /Expected a symbol of 4 to 20/);
    wrong.kill('SIGKILL');
  });
});
