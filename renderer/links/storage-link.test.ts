import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { StorageClientMessage } from '../../engine/contract/storage-messages.ts';
import { FakeEngine } from './fake-engine.test-support.ts';
import { StorageLink } from './storage-link.ts';

const range = { fromS: 0, toS: 9, limit: 5 };
const none = { openTimeS: [], open: [], high: [], low: [], close: [], volumeLots: [], buyVolumeLots: [] };

async function openLink() {
  const engine = new FakeEngine();
  const ignore = () => undefined;
  const link = new StorageLink(async () => engine.port, {
    onStatus: ignore,
    onOpen: ignore,
    onDisconnect: ignore,
    onBadFrame: (error) => assert.fail(error),
  });
  link.start();
  await turn();
  return { link, engine, sent: engine.sent as unknown as StorageClientMessage[] };
}

test('what is given up is cancelled by its number, once; what was answered is not', async () => {
  const { link, engine, sent } = await openLink();
  const questions = new AbortController();
  const series = { venue: 'sim', symbol: 'BTCUSDT', tickSize: '0.1' };
  const answered = link.candles(series, 1, range, questions.signal);
  const pending = link.candles({ ...series, source: 'import' }, 60, { ...range, oldest: true }, questions.signal);
  assert.deepEqual(sent, [
    {
      type: 'request',
      requestId: 1,
      request: { kind: 'candles', venue: 'sim', symbol: 'BTCUSDT', intervalSeconds: 1, ...range },
    },
    {
      type: 'request',
      requestId: 2,
      request: {
        kind: 'candles',
        venue: 'sim',
        symbol: 'BTCUSDT',
        source: 'import',
        intervalSeconds: 60,
        ...range,
        oldest: true,
      },
    },
  ]);
  engine.say({ type: 'reply', requestId: 1, ok: true, result: none });
  assert.deepEqual(await answered, none);
  questions.abort();
  assert.deepEqual(sent.slice(2), [{ type: 'cancel', requestId: 2 }]);
  engine.say({ type: 'reply', requestId: 2, ok: false, error: 'superseded' });
  await assert.rejects(pending, /superseded/);
  await assert.rejects(link.trades(series, { beforeUs: 1, limit: 1 }, questions.signal), /abort/i);
  assert.equal(sent.length, 3, 'what is given up before it is asked is not asked');
  link.stop();
});
