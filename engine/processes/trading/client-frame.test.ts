import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { WebSocketServer } from 'ws';
import { MAX_TEXT_FRAME_BYTES, maskedTextFrame } from './client-frame.ts';
import { VenueSocket } from './venue-stream.ts';

/** RFC 6455 by the letter, for short and 16-bit lengths. */
function decode(frame: Buffer): string {
  assert.equal(frame[0], 0x81, 'FIN and text');
  const lengthField = (frame[1] as number) & 0x7f;
  assert.equal((frame[1] as number) & 0x80, 0x80, 'masked');
  const at = lengthField === 126 ? 4 : 2;
  const length = lengthField === 126 ? frame.readUInt16BE(2) : lengthField;
  assert.ok(lengthField === 126 ? length > 125 : length <= 125, `shortest form of ${length}`);
  const mask = frame.subarray(at, at + 4);
  const payload = frame.subarray(at + 4);
  assert.equal(payload.byteLength, length);
  return Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] as number))).toString('utf8');
}

test('any text comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      assert.equal(decode(maskedTextFrame(text)), text);
    }),
  );
  for (const length of [0, 1, 125, 126, 127, MAX_TEXT_FRAME_BYTES]) {
    assert.equal(decode(maskedTextFrame('x'.repeat(length))).length, length);
  }
  assert.throws(() => maskedTextFrame('x'.repeat(MAX_TEXT_FRAME_BYTES + 1)), /text: expected at most 65535 bytes/);
});

test('masks do not repeat', () => {
  const masks = new Set<string>();
  for (let i = 0; i < 5_000; i++) masks.add(maskedTextFrame('').toString('hex', 2));
  assert.ok(masks.size > 4_990, `was ${masks.size}`);
});

test('a server of the ws package reads what VenueSocket sends, in order, between the frames of ws itself', async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const texts = Array.from({ length: 300 }, (_, i) => `${i} 한글 ${'x'.repeat((i * 37) % 900)}`);
  texts.push('y'.repeat(100_000), 'last');
  const received: string[] = [];
  let client: VenueSocket | undefined;
  await new Promise<void>((resolve, reject) => {
    sockets.on('connection', (socket) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        received.push(String(data));
        // The answers to these go out through ws, which hangs up when too many wait to be sent.
        if (received.length % 20 === 0) socket.ping();
        if (received.length === texts.length) resolve();
      });
    });
    client = new VenueSocket(
      () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      () => performance.now() * 1e6,
      {
        onOpen: () => {
          for (const text of texts) assert.equal(client?.send(text), true);
        },
        onMessage: () => undefined,
        onClose: (reason) => reject(new Error(`Expected ${texts.length} texts, was ${received.length}: ${reason}`)),
      },
    );
    client.connect();
  });
  assert.deepEqual(received, texts);
  client?.dispose();
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  server.close();
});
