import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from '../contract/frame.ts';
import type { ControlEvent, ControlRequest } from '../contract/process.ts';

const entry = join(import.meta.dirname, 'testing', 'fake-process.ts');

function start(): ChildProcess {
  return fork(entry, [], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** The next event of a type; the child reports health all the time. */
function event(child: ChildProcess, type: ControlEvent['type']): Promise<ControlEvent> {
  return new Promise((resolve) => {
    const listener = (message: unknown): void => {
      if ((message as ControlEvent).type !== type) return;
      child.off('message', listener);
      resolve(message as ControlEvent);
    };
    child.on('message', listener);
  });
}

function ask(child: ChildProcess, request: ControlRequest): void {
  child.send(request);
}

describe('control channel of a Node child', () => {
  let child: ChildProcess;
  let url = '';
  // As the Node host does it: the upgraded socket goes to the child, main keeps nothing.
  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    assert.ok(socket instanceof Socket);
    const { url: path = '/', headers, method = 'GET' } = request;
    const upgrade = { url: path, headers, method, headBase64: head.toString('base64') };
    child.send({ type: 'connect', upgrade } satisfies ControlRequest, socket);
  });

  before(async () => {
    child = start();
    await event(child, 'accepting');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/port/trading`;
  });
  after(() => {
    child.kill('SIGKILL');
    server.close();
  });

  test('requests and answers, in order', async () => {
    const answers: number[] = [];
    const done = new Promise<void>((resolve) =>
      child.on('message', (message) => {
        const answer = message as ControlEvent;
        if (answer.type !== 'answer') return;
        answers.push(answer.requestId);
        if (answers.length === 50) resolve();
      }),
    );
    for (let requestId = 0; requestId < 50; requestId++) ask(child, { type: 'query', requestId, query: 'endSession' });
    await done;
    assert.deepEqual(answers, [...Array(50).keys()]);
  });

  test('a handed over socket becomes a frame port with the limits of all ports', async () => {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    socket.send(Buffer.alloc(MAX_FRAME_BYTES, 5));
    const [echo] = (await once(socket, 'message')) as [Buffer];
    assert.equal(echo.byteLength, MAX_FRAME_BYTES);
    socket.send(Buffer.alloc(MAX_FRAME_BYTES + 1));
    const [code] = (await once(socket, 'close')) as [number];
    assert.equal(code, 1009);
    // The process is none the worse.
    const next = new WebSocket(url);
    await once(next, 'open');
    next.close();
  });

  test('a socket that is no WebSocket handshake is refused and harms nothing', async () => {
    const socket = new Socket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 400/);
    const answered = event(child, 'answer');
    ask(child, { type: 'query', requestId: 99, query: 'endSession' });
    await answered;
  });

  test('Ctrl-C is not for it', { skip: process.platform === 'win32' }, async () => {
    child.kill('SIGINT');
    const answered = event(child, 'answer');
    ask(child, { type: 'query', requestId: 100, query: 'endSession' });
    await answered;
    assert.equal(child.exitCode, null);
  });

  test('SIGTERM is a request for an orderly end', { skip: process.platform === 'win32' }, async () => {
    const other = start();
    await event(other, 'accepting');
    other.kill('SIGTERM');
    assert.deepEqual(await once(other, 'exit'), [0, null]);
  });

  test('ends when its parent is gone', async () => {
    const other = start();
    await event(other, 'accepting');
    other.disconnect();
    assert.deepEqual(await once(other, 'exit'), [0, null]);
  });

  test('started by hand it says so', () => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', entry], { encoding: 'utf8' });
    assert.notEqual(run.status, 0);
    assert.match(run.stderr, /Expected to be started by Christmas/);
  });
});
