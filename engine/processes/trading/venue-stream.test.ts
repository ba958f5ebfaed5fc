import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { fetchBytes } from './venue-request.ts';
import { VenueSocket } from './venue-stream.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function webSocketServer(onConnection: (socket: WebSocket) => void): Promise<string> {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', onConnection);
  return `ws://127.0.0.1:${await listen(server)}`;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a venue that accepts and hangs up is asked less and less often', async () => {
  let connections = 0;
  const url = await webSocketServer((socket) => {
    connections++;
    socket.close();
  });
  const socket = new VenueSocket(
    () => url,
    () => performance.now() * 1e6,
    {
      onOpen: () => undefined,
      onMessage: () => undefined,
      onClose: () => undefined,
    },
  );
  socket.connect();
  await pause(1_500);
  socket.dispose();
  // 100, 200, 400, 800 ms and their jitter; without back-off some fifteen.
  assert.ok(connections >= 2 && connections <= 6, `was ${connections}`);
});

test('messages carry the time they were read; after dispose none comes, whatever was under way', async () => {
  const url = await webSocketServer((socket) => {
    for (let i = 0; i < 200; i++) socket.send(Buffer.alloc(1_000, i));
  });
  const times: number[] = [];
  const done = new Promise<void>((resolve) => {
    const socket = new VenueSocket(
      () => url,
      () => performance.now() * 1e6,
      {
        onOpen: () => undefined,
        onMessage: (_bytes, readNs) => {
          times.push(readNs);
          if (times.length < 5) return;
          socket.dispose();
          resolve();
        },
        onClose: () => assert.fail('told of a close that its owner asked for'),
      },
    );
    socket.connect();
  });
  await done;
  await pause(100);
  assert.equal(times.length, 5);
  assert.ok(times.every((time) => time > 0 && time <= performance.now() * 1e6));
});

test('the end of a read comes once behind all messages that it brought', async () => {
  const count = 400;
  const url = await webSocketServer((socket) => {
    // In one write: several messages arrive with one read, and some reads end within a message.
    for (let i = 0; i < count; i++) socket.send(Buffer.alloc(1_000, i));
  });
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    let messages = 0;
    const socket = new VenueSocket(
      () => url,
      () => performance.now() * 1e6,
      {
        onOpen: () => undefined,
        onMessage: () => {
          messages++;
          seen.push('message');
        },
        onReadEnd: () => {
          seen.push('end');
          if (messages < count) return;
          socket.dispose();
          resolve();
        },
        onClose: () => undefined,
      },
    );
    socket.connect();
  });
  assert.equal(seen.at(-1), 'end');
  const ends = seen.filter((what) => what === 'end').length;
  assert.ok(ends < count / 2, `${ends} ends of ${count} messages`);
});

test('a document that trickles in ends at the time limit, with its address', async () => {
  const port = await listen(
    createServer((_request, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    }),
  );
  await assert.rejects(
    fetchBytes(`http://127.0.0.1:${port}/slow`, 100),
    new RegExp(`http://127\\.0\\.0\\.1:${port}/slow: no answer within 100 ms`),
  );
});

test('another status than 200, and a connection that breaks, are errors', async () => {
  const port = await listen(
    createServer((request, response) => {
      if (request.url === '/status') response.writeHead(429).end('slow down');
      else {
        response.writeHead(200, { 'content-length': 100 });
        response.write('part');
        setTimeout(() => response.destroy(), 10);
      }
    }),
  );
  await assert.rejects(fetchBytes(`http://127.0.0.1:${port}/status`), /expected status 200, was 429 slow down/);
  await assert.rejects(fetchBytes(`http://127.0.0.1:${port}/broken`), /aborted|ECONNRESET|hang up/);
});

test('a renewed connection takes over with its first message: nothing is told twice, nothing is told closed', async () => {
  const sockets: WebSocket[] = [];
  const url = await webSocketServer((socket) => {
    const number = sockets.push(socket);
    if (number === 1) socket.send('old 1');
  });
  const told: string[] = [];
  let renewed = 0;
  const socket = new VenueSocket(
    () => url,
    () => performance.now() * 1e6,
    {
      onOpen: () => told.push('open'),
      onMessage: (bytes) => told.push(Buffer.from(bytes).toString()),
      onClose: (reason) => told.push(`closed: ${reason}`),
      onRenewed: () => renewed++,
    },
  );
  socket.connect();
  while (!told.includes('old 1')) await pause(5);
  socket.renew();
  socket.renew();
  while (sockets.length < 2) await pause(5);
  sockets[0]?.send('old 2');
  while (!told.includes('old 2')) await pause(5);
  assert.equal(renewed, 0, 'the old one speaks until the new one does');
  const oldEnded = new Promise((resolve) => sockets[0]?.once('close', resolve));
  sockets[1]?.send('new 1');
  while (!told.includes('new 1')) await pause(5);
  await oldEnded;
  assert.equal(socket.send('still open'), true);
  assert.deepEqual([told, renewed, sockets.length], [['open', 'old 1', 'old 2', 'new 1'], 1, 2]);
  sockets[1]?.terminate();
  while (!told.some((line) => line.startsWith('closed'))) await pause(5);
  socket.dispose();
});

test('a venue that refuses the connection for a while is asked again no sooner than it says', async () => {
  const times: number[] = [];
  const port = await listen(
    createServer((_request, response) => response.end()).on('upgrade', (_request, raw) => {
      times.push(performance.now());
      // Its client hangs up once it has read the refusal.
      raw.on('error', () => raw.destroy());
      raw.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    }),
  );
  const reasons: string[] = [];
  const socket = new VenueSocket(
    () => `ws://127.0.0.1:${port}`,
    () => performance.now() * 1e6,
    { onOpen: () => assert.fail(), onMessage: () => undefined, onClose: (reason) => reasons.push(reason) },
  );
  socket.connect();
  while (times.length < 2) await pause(10);
  socket.dispose();
  assert.equal(reasons[0], 'refused with status 429');
  assert.ok(
    (times[1] as number) - (times[0] as number) >= 950,
    `was ${(times[1] as number) - (times[0] as number)} ms`,
  );
});
