import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ControlEvent } from '../../engine/contract/process.ts';
import type { LaunchedProcess, ProcessExit } from '../supervisor/launcher.ts';
import { NodeLauncher } from './node-launcher.ts';

const folder = mkdtempSync(join(tmpdir(), 'christmas-launcher-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const stubborn = join(folder, 'stubborn.cjs');
writeFileSync(
  stubborn,
  `process.on('SIGTERM', () => process.send({ type: 'progress', text: 'no' }));
   process.stdout.write('flags ' + process.execArgv.join(' ') + ' options ' + process.env.NODE_OPTIONS);
   process.on('message', (message) => process.send({ type: 'progress', text: message.type }));
   process.send({ type: 'accepting' });
   setInterval(() => undefined, 1000);`,
);

function exitOf(process: LaunchedProcess<unknown>): Promise<ProcessExit> {
  return new Promise((resolve) => process.onExit(resolve));
}

function nextEvent(process: LaunchedProcess<unknown>): Promise<ControlEvent> {
  return new Promise((resolve) => process.onEvent(resolve));
}

test('launches with flags and a clean environment, talks, and kills what will not go', async () => {
  process.env['NODE_OPTIONS'] = '--no-warnings';
  const launched = new NodeLauncher(() => stubborn, ['--enable-source-maps']).launch({
    name: 'trading',
    v8Flags: ['--max-semi-space-size=16'],
  });
  delete process.env['NODE_OPTIONS'];
  let output = '';
  launched.onOutput((_stream, chunk) => {
    output += Buffer.from(chunk).toString('utf8');
  });
  const exit = exitOf(launched);
  assert.deepEqual(await nextEvent(launched), { type: 'accepting' });
  assert.ok(launched.pid > 0);
  const heard = new Promise<ControlEvent>((resolve) => launched.onEvent(resolve));
  launched.post({ type: 'shutdown' });
  assert.deepEqual(await heard, { type: 'progress', text: 'shutdown' });
  if (process.platform !== 'win32') {
    const refused = new Promise<ControlEvent>((resolve) => launched.onEvent(resolve));
    launched.kill('SIGTERM');
    assert.deepEqual(await refused, { type: 'progress', text: 'no' });
  }
  launched.kill('SIGKILL');
  assert.deepEqual(await exit, { code: null, signal: 'SIGKILL' });
  assert.equal(output, 'flags --enable-source-maps --max-semi-space-size=16 options undefined');
  // Too late, but harmless.
  launched.post({ type: 'shutdown' });
  launched.kill('SIGTERM');
  assert.deepEqual(await exitOf(launched), { code: null, signal: 'SIGKILL' });
});

test('a process that cannot run its entry exits, once, with its last words', async () => {
  const launched = new NodeLauncher(() => join(folder, 'none.cjs')).launch({ name: 'storage', v8Flags: [] });
  let output = '';
  launched.onOutput((_stream, chunk) => {
    output += Buffer.from(chunk).toString('utf8');
  });
  let exits = 0;
  launched.onExit(() => exits++);
  const { code } = await exitOf(launched);
  assert.notEqual(code, 0);
  assert.match(output, /none\.cjs/);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(exits, 1);
});

test('sockets that wait for a process that ends are closed: their pages would wait for ever', {
  skip: process.platform === 'win32' && 'NOT TESTED here: needs SIGSTOP',
}, async () => {
  const launched = new NodeLauncher(() => stubborn).launch({ name: 'storage', v8Flags: [] });
  await nextEvent(launched);
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  process.kill(launched.pid, 'SIGSTOP');
  // They go one by one. The first is on its way, where only the page's own limit helps it.
  const clients: Socket[] = [];
  for (let i = 0; i < 3; i++) {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    clients.push(connect((server.address() as AddressInfo).port, '127.0.0.1'));
    const upgrade = { url: '/port/storage', headers: {}, method: 'GET', headBase64: '' };
    launched.post({ type: 'connect', upgrade }, (await accepted)[0]);
  }
  const closed = Promise.all(clients.slice(1).map((client) => once(client.resume(), 'close')));
  launched.kill('SIGKILL');
  await closed;
  clients[0]?.destroy();
});
