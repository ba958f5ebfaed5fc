import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { FRAME_HEADER_BYTES, type FramePort, MAX_FRAME_BYTES } from '../contract/frame.ts';
import { MarketFrameWriter } from '../contract/market-frame.ts';
import { MessagePortFramePort, type MessagePortLike } from './message-port-frame-port.ts';
import { WebSocketFramePort } from './websocket-frame-port.ts';

/** A connected pair, and a way to send what a well-behaved port would refuse to send. */
interface Pair {
  near: FramePort;
  far: FramePort;
  sendRaw(bytes: Uint8Array | string): void;
  /** The far side goes away without a farewell. */
  drop(): void;
}

/** Electron's MessagePortMain in terms of worker_threads: events carry `data`, the port starts by hand. */
class FakeElectronPort implements MessagePortLike {
  readonly #port: MessagePort;
  constructor(port: MessagePort) {
    this.#port = port;
  }
  postMessage(message: unknown): void {
    this.#port.postMessage(message);
  }
  on(event: 'message' | 'close', listener: (event: { data: unknown }) => void): this {
    if (event === 'message') {
      this.#port.on('message', (data: unknown) => listener({ data }));
      // Attaching a listener starts a worker port; Electron's waits for start().
    } else this.#port.on('close', () => listener({ data: undefined }));
    return this;
  }
  start(): void {
    this.#port.start();
  }
  close(): void {
    this.#port.close();
  }
}

function messagePortPair(): Promise<Pair> {
  const { port1, port2 } = new MessageChannel();
  return Promise.resolve({
    near: new MessagePortFramePort(new FakeElectronPort(port1)),
    far: new MessagePortFramePort(new FakeElectronPort(port2)),
    sendRaw: (bytes) => port2.postMessage(bytes),
    drop: () => port2.close(),
  });
}

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  maxPayload: MAX_FRAME_BYTES,
});
after(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

async function webSocketPair(): Promise<Pair> {
  if (server.address() === null) await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
  });
  // Attached before the socket opens: a frame right behind the handshake must not be lost.
  const far = new WebSocketFramePort(client);
  const near = new WebSocketFramePort(await accepted);
  if (client.readyState !== client.OPEN) await new Promise<void>((resolve) => client.once('open', () => resolve()));
  return { near, far, sendRaw: (bytes) => client.send(bytes), drop: () => client.terminate() };
}

function received(port: FramePort, count: number): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const frames: Uint8Array[] = [];
    port.onFrame((frame) => {
      frames.push(frame);
      if (frames.length === count) resolve(frames);
    });
    port.onClose((reason) => reject(new Error(`closed after ${frames.length} frames: ${reason}`)));
  });
}

function closed(port: FramePort): Promise<string> {
  return new Promise((resolve) => port.onClose(resolve));
}

for (const [name, connect] of [
  ['WebSocket', webSocketPair],
  ['Electron MessagePort', messagePortPair],
] as const) {
  describe(`frame port over ${name}`, () => {
    test('keeps order and content, both ways', async () => {
      const { near, far } = await connect();
      const count = 500;
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        const arriving = received(to, count);
        for (let i = 0; i < count; i++) from.send(Uint8Array.of(i & 255, i >> 8, 7));
        const frames = await arriving;
        assert.deepEqual(
          frames.map((frame) => (frame[0] as number) | ((frame[1] as number) << 8)),
          Array.from({ length: count }, (_, i) => i),
        );
        assert.ok(frames.every((frame) => frame.byteLength === 3));
      }
      near.close();
    });

    test('copies before send returns, and sends only the view of a larger buffer', async () => {
      const { near, far } = await connect();
      const writer = new MarketFrameWriter();
      const arriving = received(far, 2);
      writer.body[0] = 1;
      near.send(writer.finish(1, 0, 4));
      writer.body[0] = 2;
      near.send(writer.finish(2, 0, 4));
      const frames = await arriving;
      const values = frames.map((frame) =>
        new DataView(frame.buffer, frame.byteOffset).getFloat64(FRAME_HEADER_BYTES, true),
      );
      assert.deepEqual(values, [1, 2]);
      assert.ok(frames.every((frame) => frame.byteLength === FRAME_HEADER_BYTES + 32));
      near.close();
    });

    test('delivers what arrived before anybody listened', async () => {
      const { near, far } = await connect();
      near.send(Uint8Array.of(1));
      near.send(Uint8Array.of(2));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const frames = await received(far, 2);
      assert.deepEqual(
        frames.map((frame) => frame[0]),
        [1, 2],
      );
      near.close();
    });

    test('carries the largest frame and refuses to send a larger one', async () => {
      const { near, far } = await connect();
      const arriving = received(far, 1);
      near.send(new Uint8Array(MAX_FRAME_BYTES).fill(9));
      assert.equal((await arriving)[0]?.byteLength, MAX_FRAME_BYTES);
      assert.throws(() => near.send(new Uint8Array(MAX_FRAME_BYTES + 1)), RangeError);
      near.close();
    });

    test('closes on an oversize frame and delivers nothing of it', async () => {
      const { near, sendRaw } = await connect();
      let frames = 0;
      near.onFrame(() => frames++);
      const ended = closed(near);
      sendRaw(new Uint8Array(MAX_FRAME_BYTES + 1));
      assert.match(await ended, /size|at most|1009/i);
      assert.equal(frames, 0);
    });

    test('closes on what is not binary', async () => {
      const { near, sendRaw } = await connect();
      let frames = 0;
      near.onFrame(() => frames++);
      const ended = closed(near);
      sendRaw('text');
      await ended;
      assert.equal(frames, 0);
    });

    test('tells both sides of a close, once, also late listeners', async () => {
      const { near, far } = await connect();
      const nearClosed = closed(near);
      const farClosed = closed(far);
      near.close();
      near.close();
      await Promise.all([nearClosed, farClosed]);
      assert.equal(await closed(near), await nearClosed);
      far.send(Uint8Array.of(1));
    });

    test('notices a peer that vanished', async () => {
      const { near, drop } = await connect();
      const ended = closed(near);
      drop();
      assert.notEqual(await ended, '');
    });

    test('bufferedBytes is a number that falls back to 0', async () => {
      const { near, far } = await connect();
      const count = 200;
      const arriving = received(far, count);
      let most = 0;
      for (let i = 0; i < count; i++) {
        near.send(new Uint8Array(MAX_FRAME_BYTES));
        most = Math.max(most, near.bufferedBytes);
      }
      // 12 MB at once is more than any socket buffer; MessagePorts cannot tell.
      if (name === 'WebSocket') assert.ok(most > MAX_FRAME_BYTES, `most was ${most}`);
      await arriving;
      assert.equal(near.bufferedBytes, 0);
      near.close();
    });
  });
}
