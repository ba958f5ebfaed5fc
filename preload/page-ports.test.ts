import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { type FramePort, MAX_FRAME_BYTES } from '../engine/contract/frame.ts';
import { PageMessagePort } from './page-message-port.ts';
import { PageWebSocketPort } from './page-websocket-port.ts';

// Node 20 has no WebSocket of its own; that of ws has the browser's interface.
Object.assign(globalThis, { WebSocket: NodeWebSocket });

/** The page's port, and the process's end as it is on the wire. */
interface Wire {
  port: FramePort;
  send(data: unknown): void;
  onData(listener: (data: Uint8Array) => void): void;
  drop(): void;
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
after(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

async function overWebSocket(): Promise<Wire> {
  if (server.address() === null) await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  const accepted = new Promise<NodeWebSocket>((resolve) => server.once('connection', resolve));
  const page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  page.binaryType = 'arraybuffer';
  await new Promise((resolve) => {
    page.onopen = resolve;
  });
  const far = await accepted;
  return {
    port: new PageWebSocketPort(page),
    send: (data) => far.send(data as Uint8Array),
    onData: (listener) => far.on('message', (data) => listener(data as Buffer)),
    drop: () => far.terminate(),
  };
}

function overMessagePort(): Promise<Wire> {
  const { port1, port2 } = new MessageChannel();
  return Promise.resolve({
    port: new PageMessagePort(port1 as unknown as MessagePort),
    send: (data) => port2.postMessage(data),
    onData: (listener) => port2.on('message', listener),
    drop: () => port2.close(),
  });
}

const closed = (port: FramePort): Promise<string> => new Promise((resolve) => port.onClose(resolve));

for (const [name, connect] of [
  ['WebSocket', overWebSocket],
  ['MessagePort', overMessagePort],
] as const) {
  describe(`page port over ${name}`, () => {
    test('order both ways; a view is sent without the buffer behind it', async () => {
      const { port, send, onData } = await connect();
      const arrived: Uint8Array[] = [];
      const all = new Promise<void>((resolve) =>
        onData((data) => {
          arrived.push(data);
          if (arrived.length === 100) resolve();
        }),
      );
      const buffer = new Uint8Array(1_000);
      for (let i = 0; i < 100; i++) {
        buffer[500] = i;
        port.send(buffer.subarray(500, 501));
      }
      await all;
      assert.deepEqual(
        arrived.map((data) => [data[0], data.byteLength, data.buffer.byteLength < 1_000 || name === 'WebSocket']),
        Array.from({ length: 100 }, (_, i) => [i, 1, true]),
      );
      for (let i = 0; i < 100; i++) send(Uint8Array.of(i));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const frames: number[] = [];
      // Kept until somebody listens.
      await new Promise<void>((resolve) => {
        port.onFrame((frame) => {
          if (frames.push(frame[0] as number) === 100) resolve();
        });
      });
      assert.deepEqual(frames, [...Array(100).keys()]);
      port.close();
    });

    test('refuses frames that are too large, both ways, and what is not binary', async () => {
      const first = await connect();
      assert.throws(() => first.port.send(new Uint8Array(MAX_FRAME_BYTES + 1)), RangeError);
      let frames = 0;
      first.port.onFrame(() => frames++);
      first.send(new Uint8Array(MAX_FRAME_BYTES + 1));
      assert.match(await closed(first.port), /large/);
      const second = await connect();
      second.port.onFrame(() => frames++);
      second.send('text');
      assert.match(await closed(second.port), /binary/);
      assert.equal(frames, 0);
    });

    test('tells when the process is gone, and a late listener too', async () => {
      const { port, drop } = await connect();
      const told = closed(port);
      drop();
      assert.notEqual(await told, '');
      assert.equal(await closed(port), await told);
      port.send(Uint8Array.of(1));
    });
  });
}
