import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import type { HostMessage } from '../../engine/contract/host-messages.ts';
import type { ProcessStatus } from '../../engine/contract/process.ts';
import type { Settings } from '../../engine/contract/settings.ts';
import { buildFakeDist, type FakeDist } from '../testing/fake-dist.ts';
import { childrenOf, isRunning, RunningApp, until } from '../testing/running-app.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

/** Status of a refused upgrade, or `open`. */
function upgrade(url: string, headers: Record<string, string>): Promise<{ outcome: string; socket: WebSocket }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('open', () => resolve({ outcome: 'open', socket }));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ outcome: String(response.statusCode), socket });
    });
    socket.on('error', () => undefined);
  });
}

describe('the Node host', () => {
  let dist: FakeDist;
  let app: RunningApp;
  let origin = '';
  let ticketUrl = '';
  let cookie = '';
  let dataDir = '';

  const start = (...args: string[]): RunningApp =>
    new RunningApp(process.execPath, [
      join(dist.root, 'main', 'node.cjs'),
      '--no-window',
      '--data-dir',
      dataDir,
      ...args,
    ]);

  before(async () => {
    dist = await buildFakeDist('main/node/desktop.ts', 'node.cjs');
    dataDir = dist.dataDir('one');
    app = start();
    ticketUrl = (await app.output(/http:\/\/\S+/))[0];
    origin = new URL(ticketUrl).origin;
  });
  after(async () => {
    app.kill('SIGTERM');
    await app.exit;
    dist.remove();
  });

  /** One host call over a fresh socket. */
  async function call(method: string, more: Record<string, unknown> = {}): Promise<HostMessage> {
    const { socket } = await upgrade(`${origin.replace('http', 'ws')}/host`, { origin, cookie });
    const reply = new Promise<HostMessage>((resolve) =>
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as HostMessage;
        if (message.type === 'reply') resolve(message);
      }),
    );
    socket.send(JSON.stringify({ requestId: 5, method, ...more }));
    const message = await reply;
    socket.close();
    return message;
  }

  async function processes(): Promise<ProcessStatus[]> {
    const reply = await call('getProcesses');
    assert.ok(reply.type === 'reply' && reply.ok);
    return reply.result as ProcessStatus[];
  }

  const allReady = async (): Promise<boolean> => (await processes()).every((process) => process.state === 'ready');

  test('lets nobody in without a ticket', async () => {
    for (const path of ['/', '/index.html', '/preload.js', '/assets/app-1234.js', '/open', '/open?ticket=guess']) {
      assert.equal((await get(origin + path)).status, 403, path);
    }
  });

  test('exchanges a ticket for a cookie, once', async () => {
    const head = await get(ticketUrl, {}, 'HEAD');
    assert.equal(head.status, 405);
    const first = await get(ticketUrl);
    assert.equal(first.status, 303);
    assert.equal(first.headers['location'], '/');
    const setCookie = String(first.headers['set-cookie']);
    assert.match(setCookie, /HttpOnly/);
    assert.match(setCookie, /SameSite=Strict/);
    cookie = setCookie.split(';')[0] as string;
    assert.equal((await get(ticketUrl)).status, 403);
    // With the cookie, reloading the old address just leads home.
    assert.equal((await get(ticketUrl, { cookie })).status, 303);
  });

  test('serves the page isolated and locked down, and only to its own host name', async () => {
    const page = await get(`${origin}/`, { cookie });
    assert.equal(page.status, 200);
    assert.match(page.body, /Christmas/);
    assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(page.headers['cross-origin-embedder-policy'], 'require-corp');
    assert.equal(page.headers['document-policy'], 'js-profiling');
    assert.equal(page.headers['cache-control'], 'no-store');
    const policy = String(page.headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.ok(policy.includes(`connect-src 'self' ${origin.replace('http', 'ws')};`), policy);
    const rebound = await get(`${origin}/`, { cookie, host: 'evil.example' });
    assert.equal(rebound.status, 403);
  });

  test('serves the preload behind the host information', async () => {
    const script = await get(`${origin}/preload.js`, { cookie });
    assert.match(String(script.headers['content-type']), /javascript/);
    const first = script.body.split('\n')[0] ?? '';
    const info = JSON.parse(first.slice(first.indexOf('{'), first.lastIndexOf('}') + 1)) as Record<string, unknown>;
    assert.equal(info['host'], 'node');
    assert.equal(info['canPickFiles'], false);
  });

  test('nothing outside the page folder is reachable', async () => {
    for (const path of [
      '/..%2fmain%2fnode.cjs',
      '/%2e%2e/main/node.cjs',
      '/assets/..%5c..%5cmain%5cnode.cjs',
      '/%00',
      '/%E0%A4%A',
    ]) {
      const answer = await get(origin + path, { cookie });
      assert.ok(answer.status === 400 || answer.status === 404, `${path}: ${answer.status}`);
    }
  });

  test('refuses upgrades of other origins, hosts, without a session, and to unknown ports', async () => {
    const ws = origin.replace('http', 'ws');
    const outcome = async (path: string, headers: Record<string, string>): Promise<string> =>
      (await upgrade(ws + path, headers)).outcome;
    // `new URL('//', origin)` throws: that must not reach main's event loop.
    for (const path of ['//', '//[']) {
      assert.equal(await outcome(path, { origin, cookie }), '404', path);
    }
    assert.equal(await outcome('/host', { cookie }), '403');
    assert.equal(await outcome('/host', { cookie, origin: 'http://evil.example' }), '403');
    assert.equal(await outcome('/host', { origin }), '403');
    assert.equal(await outcome('/port/trading', { origin, cookie: `${cookie}x` }), '403');
    assert.equal(await outcome('/port/main', { origin, cookie }), '404');
    assert.equal(await outcome('/host', { origin, cookie, host: 'localhost' }), '403');
  });

  test('starts all processes and hands a page socket to one of them', async () => {
    await until('all ready', allReady);
    const list = await processes();
    assert.deepEqual(
      list.map((process) => process.name),
      ['venue', 'trading', 'storage'],
    );
    assert.equal(new Set(list.map((process) => process.pid)).size, 3);
    const { outcome, socket } = await upgrade(`${origin.replace('http', 'ws')}/port/trading`, { origin, cookie });
    assert.equal(outcome, 'open');
    const echoed = new Promise<Buffer>((resolve) => socket.on('message', (data) => resolve(data as Buffer)));
    socket.send(Buffer.from([1, 2, 3]));
    assert.deepEqual([...(await echoed)], [1, 2, 3]);
    // The far end is the process, not main: it goes when the process goes.
    const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    process.kill(list[1]?.pid as number, 'SIGKILL');
    await gone;
    await until('trading back', async () => {
      const trading = (await processes())[1];
      return trading?.state === 'ready' && trading.restarts === 1;
    });
  });

  test('settings: validated with field and value, saved, sent to other pages', async () => {
    const { socket } = await upgrade(`${origin.replace('http', 'ws')}/host`, { origin, cookie });
    const seen: Settings[] = [];
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as HostMessage;
      if (message.type === 'settings') seen.push(message.settings);
    });
    const bad = await call('updateSettings', { patch: { theme: 'pink' } });
    assert.ok(bad.type === 'reply' && !bad.ok);
    assert.match(bad.error, /theme.*"pink"/);
    const good = await call('updateSettings', {
      patch: { theme: 'light', postgresUrl: 'postgres://me:hunter22@db/x' },
    });
    assert.ok(good.type === 'reply' && good.ok);
    await until('the other page to hear of it', () => seen.some((settings) => settings.theme === 'light'));
    assert.ok(!JSON.stringify([good, seen]).includes('hunter22'));
    assert.match(readFileSync(join(dataDir, 'settings.json'), 'utf8'), /hunter22/);
    const again = await call('updateSettings', { patch: (good as { result: Partial<Settings> }).result });
    assert.ok(again.type === 'reply' && again.ok);
    assert.match(readFileSync(join(dataDir, 'settings.json'), 'utf8'), /hunter22/);
    const unknown = await call('formatDisk');
    assert.ok(unknown.type === 'reply' && !unknown.ok);
    await call('updateSettings', { patch: { postgresUrl: '' } });
    socket.close();
  });

  test('secrets are in no log and in no file that others may read', async () => {
    const { simApiKey, simApiSecret } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as Record<
      string,
      string
    >;
    const logs = ['main', 'venue', 'trading', 'storage'].map((name) => {
      const path = join(dataDir, 'logs', `${name}.log`);
      return statSync(path, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(path, 'utf8');
    });
    // The fake processes print their whole configuration.
    assert.match(logs[2] as string, /configured .*redacted/);
    for (const log of logs) {
      assert.ok(!log.includes(simApiKey as string) && !log.includes(simApiSecret as string));
      assert.ok(!log.includes('hunter22'));
    }
    if (process.platform !== 'win32') {
      for (const file of ['secrets.json', 'instance.json', 'settings.json']) {
        assert.equal(statSync(join(dataDir, file)).mode & 0o077, 0, file);
      }
    }
  });

  test('changing the source restarts venue and trading only', async () => {
    await until('all ready', allReady);
    const before = await processes();
    const replay = { kind: 'replay', files: [join(dist.root, 'main', 'node.cjs')], protocol: 'binance-spot', speed: 4 };
    await call('updateSettings', { patch: { source: replay } });
    await until('replay running', async () => {
      const list = await processes();
      return list.length === 2 && list.every((process) => process.state === 'ready') && list[0]?.pid !== before[1]?.pid;
    });
    assert.equal((await processes())[1]?.pid, before[2]?.pid);
    assert.throws(() => process.kill(before[0]?.pid as number, 0));
    await call('updateSettings', { patch: { source: { kind: 'sim', seed: 2, symbols: ['BTCUSDT'] } } });
    await until('simulation running', async () => (await processes()).length === 3 && (await allReady()));
    // Rails alone restart nothing.
    const settled = await processes();
    const rails = {
      maxOrderSize: 2,
      maxPosition: 3,
      maxOrderValue: 9,
      priceCollarBps: 9,
      maxOrdersPerSecond: 9,
      maxDailyLoss: 9,
      maxOpenOrders: 9,
    };
    await call('updateSettings', { patch: { rails } });
    assert.deepEqual(
      (await processes()).map((process) => process.pid),
      settled.map((process) => process.pid),
    );
  });

  test('a second start asks the first and ends with 0; its address works', async () => {
    const second = start();
    assert.equal((await second.exit).code, 0);
    const url = second.stdout.match(/http:\/\/\S+/)?.[0] as string;
    assert.equal(new URL(url).origin, origin);
    assert.equal((await get(url)).status, 303);
  });

  test('bad arguments: one line, exit code 2', async () => {
    for (const [args, pattern] of [
      [['--port', '99999999'], /^error: --port: .*99999999.*\n$/],
      [['--frobnicate'], /^error: .*--frobnicate.*\n$/],
      [['--replay', '/no/such/file'], /^error: --replay: .*\/no\/such\/file.*\n$/],
    ] as const) {
      const run = start(...args);
      assert.equal((await run.exit).code, 2);
      assert.match(run.stderr, pattern);
    }
  });

  test('SIGINT ends everything in order: exit code 0, no process and no lock left', async () => {
    const folder = dist.dataDir('two');
    const other = new RunningApp(process.execPath, [
      join(dist.root, 'main', 'node.cjs'),
      '--no-window',
      '--data-dir',
      folder,
    ]);
    await other.output(/http:\/\//);
    await until('children', () => readFileSync(join(folder, 'logs', 'trading.log'), 'utf8').includes('] ready'));
    const children = childrenOf(other.pid);
    if (process.platform === 'linux') assert.equal(children.length, 3);
    other.kill('SIGINT');
    other.kill('SIGINT');
    assert.equal((await other.exit).code, 0);
    assert.equal(statSync(join(folder, 'lock'), { throwIfNoEntry: false }), undefined);
    assert.equal(statSync(join(folder, 'instance.json'), { throwIfNoEntry: false }), undefined);
    assert.deepEqual(children.filter(isRunning), []);
    assert.doesNotMatch(readFileSync(join(folder, 'logs', 'trading.log'), 'utf8'), /SIGTERM/);
  });

  test('after kill -9 of main its children end by themselves and the next start takes over', async () => {
    const folder = dist.dataDir('three');
    const first = new RunningApp(process.execPath, [
      join(dist.root, 'main', 'node.cjs'),
      '--no-window',
      '--data-dir',
      folder,
    ]);
    const url = (await first.output(/http:\/\/\S+/))[0];
    await until('children', () => readFileSync(join(folder, 'logs', 'storage.log'), 'utf8').includes('] ready'));
    const children = childrenOf(first.pid);
    first.kill('SIGKILL');
    await first.exit;
    await until('its children to end', () => !children.some(isRunning));
    const second = new RunningApp(process.execPath, [
      join(dist.root, 'main', 'node.cjs'),
      '--no-window',
      '--data-dir',
      folder,
    ]);
    const newUrl = (await second.output(/Christmas is at (http:\/\/\S+)/))[1] as string;
    assert.notEqual(new URL(newUrl).searchParams.get('ticket'), new URL(url).searchParams.get('ticket'));
    second.kill('SIGTERM');
    assert.equal((await second.exit).code, 0);
  });
});
