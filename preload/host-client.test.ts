import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostInfo } from '../engine/contract/host-api.ts';
import type { HostRequest } from '../engine/contract/host-messages.ts';
import { defaultSettings } from '../engine/contract/settings.ts';
import { HostClient } from './host-client.ts';

const info: HostInfo = { host: 'node', version: '1', platform: 'linux', canPickFiles: false };

function client(): { host: HostClient; sent: HostRequest[] } {
  const sent: HostRequest[] = [];
  const host = new HostClient({
    send: (request) => sent.push(request),
    openPort: () => Promise.reject(new Error('not here')),
  });
  return { host, sent };
}

test('replies find their calls in any order, errors reject', async () => {
  const { host, sent } = client();
  const api = host.api(info);
  const settings = api.getSettings();
  const restart = api.restartProcess('trading');
  const processes = api.getProcesses();
  assert.deepEqual(
    sent.map(({ method }) => method),
    ['getSettings', 'restartProcess', 'getProcesses'],
  );
  const [first, second, third] = sent.map(({ requestId }) => requestId) as [number, number, number];
  host.receive({ type: 'reply', requestId: third, ok: true, result: [] });
  host.receive({ type: 'reply', requestId: second, ok: false, error: 'trading: no' });
  host.receive({ type: 'reply', requestId: 999, ok: true, result: 'nobody asked' });
  host.receive({ type: 'reply', requestId: first, ok: true, result: defaultSettings });
  assert.deepEqual(await settings, defaultSettings);
  assert.deepEqual(await processes, []);
  await assert.rejects(restart, /^Error: trading: no$/);
});

test('when the connection is lost every open call fails, later ones do not', async () => {
  const { host, sent } = client();
  const api = host.api(info);
  const lost = [api.getSettings(), api.getProcesses()];
  host.failAll('lost');
  for (const call of lost) await assert.rejects(call, /^Error: lost$/);
  const again = api.getProcesses();
  host.receive({ type: 'reply', requestId: sent.at(-1)?.requestId as number, ok: true, result: [] });
  assert.deepEqual(await again, []);
});

test('events reach their listeners until they leave', () => {
  const { host } = client();
  const api = host.api(info);
  const languages: string[] = [];
  const listener = (settings: { language: string }): number => languages.push(settings.language);
  const leave = api.onSettings(listener);
  const leaveAgain = api.onSettings(listener);
  host.receive({ type: 'settings', settings: defaultSettings });
  leave();
  host.receive({ type: 'settings', settings: { ...defaultSettings, language: 'ko' } });
  leaveAgain();
  host.receive({ type: 'settings', settings: defaultSettings });
  assert.deepEqual(languages, ['en', 'en', 'ko']);
});
