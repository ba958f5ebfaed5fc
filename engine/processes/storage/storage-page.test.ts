import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJsonFrames, type FramePort, JsonFrameAssembler, readFrameHeader } from '../../contract/frame.ts';
import type { StorageRequest, StorageServerMessage, StorageStatus } from '../../contract/storage-messages.ts';
import { StoragePage } from './storage-page.ts';

class FakePort implements FramePort {
  bufferedBytes = 0;
  readonly sent: StorageServerMessage[] = [];
  readonly #assembler = new JsonFrameAssembler();
  #onFrame: (frame: Uint8Array) => void = () => undefined;
  #onClose: (reason: string) => void = () => undefined;
  send(frame: Uint8Array): void {
    const message = this.#assembler.push(frame, readFrameHeader(frame));
    if (message !== undefined) this.sent.push(message as StorageServerMessage);
  }
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener;
  }
  onClose(listener: (reason: string) => void): void {
    this.#onClose = listener;
  }
  close(): void {
    this.#onClose('closed');
  }
  receive(message: unknown): void {
    for (const frame of encodeJsonFrames(message, 0)) this.#onFrame(frame);
  }
  receiveBytes(bytes: Uint8Array): void {
    this.#onFrame(bytes);
  }
}

const status: StorageStatus = {
  state: 'up',
  reason: '',
  server: 'embedded',
  rows: 1,
  rowsByTable: { trades: 1 },
  backlog: 0,
  committedUs: 5,
  jobs: [],
  cache: { kind: 'memory', server: '', state: 'up', sinceMs: 0, reason: '', ticks: 0, backlog: 0 },
};

function open(answer: (request: StorageRequest) => Promise<unknown>) {
  const port = new FakePort();
  const forgotten: object[] = [];
  const cancelled: number[] = [];
  const closed: StoragePage[] = [];
  const service = {
    request: (_owner: object, request: StorageRequest) => answer(request),
    cancel: (_owner: object, requestId: number) => cancelled.push(requestId),
    forget: (owner: object) => forgotten.push(owner),
  };
  const page = new StoragePage(port, service, (each) => closed.push(each));
  return { port, page, forgotten, cancelled, closed };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('requests are answered by id, also large ones and failures', async () => {
  const large = { openTimeS: Array.from({ length: 30_000 }, (_, i) => i) };
  const { port } = open(async (request) => {
    if (request.kind === 'fills') throw new RangeError('limit: expected 1, was 2');
    return large;
  });
  port.receive({ type: 'request', requestId: 7, request: { kind: 'status' } });
  port.receive({ type: 'request', requestId: 8, request: { kind: 'fills', symbol: 'X', limit: 2 } });
  await settled();
  assert.deepEqual(port.sent, [
    { type: 'reply', requestId: 7, ok: true, result: large },
    { type: 'reply', requestId: 8, ok: false, error: 'limit: expected 1, was 2' },
  ]);
});

test('a request that was superseded is cancelled by its number', async () => {
  const { port, cancelled } = open(() => new Promise(() => undefined));
  port.receive({ type: 'request', requestId: 4, request: { kind: 'status' } });
  port.receive({ type: 'cancel', requestId: 4 });
  await settled();
  assert.deepEqual(cancelled, [4]);
  assert.deepEqual(port.sent, []);
});

test('status is skipped for a page that does not read, and nothing is sent to a closed one', async () => {
  let finish: (value: unknown) => void = () => undefined;
  const { port, page, forgotten, closed } = open(() => new Promise((resolve) => (finish = resolve)));
  page.sendStatus(status);
  port.bufferedBytes = 100e6;
  page.sendStatus(status);
  assert.deepEqual(port.sent, [{ type: 'status', status }]);
  port.receive({ type: 'request', requestId: 1, request: { kind: 'status' } });
  port.close();
  finish('too late');
  await settled();
  assert.equal(port.sent.length, 1);
  assert.deepEqual(forgotten, [page]);
  assert.deepEqual(closed, [page]);
});

test('a malformed frame closes the port; a malformed request does not', async (t) => {
  t.mock.method(console, 'error', () => undefined);
  const { port, closed } = open(async () => 1);
  port.receive({ type: 'request', request: {} });
  port.receive({ type: 'request', requestId: 3, request: null });
  await settled();
  assert.deepEqual(port.sent, [{ type: 'reply', requestId: 3, ok: false, error: 'Expected a request' }]);
  port.receiveBytes(new Uint8Array(30));
  assert.equal(closed.length, 1);
});
