import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StorageStatus } from '../../engine/contract/storage-messages.ts';
import { raiseIncident, useUiStore } from '../stores/ui-store.ts';
import { StoreWatch } from './store-watch.ts';

const status = (state: StorageStatus['state'], reason = '', sinceMs = 0) =>
  ({ state, reason, sinceMs }) as StorageStatus;
const shown = () => useUiStore.getState().incidents.map(({ key, text, sinceMs }) => ({ key, text, sinceMs }));
const isOver = () => useUiStore.getState().incidents.map(({ overMs }) => overMs !== null);

test('a store that is away is told once, with since when; its first start is no incident', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  useUiStore.setState({ incidents: [] });
  const watch = new StoreWatch();
  watch.observe(status('starting', '', 500));
  assert.deepEqual(shown(), []);
  watch.observe(status('up'));
  watch.observe(status('starting', '', 1_000));
  assert.deepEqual(shown(), [{ key: 'store', text: '', sinceMs: 1_000 }], 'it was there and starts again');
  raiseIncident({ key: 'other', kind: 'process', title: '', text: '', sinceMs: 2_000 });
  watch.observe(status('starting', '', 1_000));
  assert.equal(shown()[0]?.key, 'other', 'what is told already stays where it is');
  watch.observe(status('down', 'connection refused', 1_000));
  watch.forget();
  watch.observe(status('starting', '', 9_000));
  assert.deepEqual(shown()[0], { key: 'store', text: 'connection refused', sinceMs: 1_000 });
  assert.deepEqual(isOver(), [false, false]);
  watch.observe(status('up'));
  assert.deepEqual(isOver(), [true, false]);
  watch.forget();
  watch.observe(status('starting', '', 10_000));
  assert.deepEqual(isOver(), [true, false]);
});
