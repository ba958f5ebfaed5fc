import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import WebSocket from 'ws';
import type {} from '../../engine/contract/host-api.ts';
import { expect, test } from '../fixtures.ts';
import { endNodeHost, type NodeHost, startNodeHost } from '../host/node-app.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A raw request: `fetch` would not let a test lie about Host and Origin. */
function get(address: string, headers: Record<string, string> = {}, path?: string): Promise<Answer> {
  const url = new URL(address);
  return new Promise((resolve, reject) => {
    const call = request(
      { host: url.hostname, port: url.port, path: path ?? `${url.pathname}${url.search}`, headers, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    call.on('error', reject);
    call.end();
  });
}

/** Status of a WebSocket upgrade: 101 when it was accepted. */
function upgradeStatus(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_call, response) => {
      response.resume();
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => resolve(0));
  });
}

function cookieOf(answer: Answer): string {
  const [first] = ([] as string[]).concat(answer.headers['set-cookie'] ?? []);
  return first?.split(';')[0] ?? '';
}

test.describe('the Node host', () => {
  let host: NodeHost;

  test.beforeEach(async ({ dataDir }) => {
    host = await startNodeHost(dataDir);
  });
  test.afterEach(async () => {
    expect(await endNodeHost(host)).toBe(0);
  });

  test('gives a page only for its one-time ticket, and only once', async () => {
    const origin = new URL(host.address).origin;
    expect((await get(origin)).status, 'no ticket').toBe(403);
    const wrong = host.address.replace(/[0-9a-zA-Z_-]{16,}$/, (ticket) => `${ticket.slice(0, -2)}zz`);
    expect(wrong).not.toBe(host.address);
    expect((await get(wrong)).status, 'wrong ticket').toBe(403);

    const first = await get(host.address);
    expect([200, 302, 303]).toContain(first.status);
    const cookie = ([] as string[]).concat(first.headers['set-cookie'] ?? []).join();
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    expect((await get(host.address)).status, 'the same ticket again').toBe(403);
    expect((await get(origin, { cookie: cookieOf(first) })).status, 'the cookie it was exchanged for').toBe(200);
    expect((await get(origin, { cookie: 'christmas=guess' })).status, 'a guessed cookie').toBe(403);
  });

  test('refuses a foreign Host, with the right cookie or without', async () => {
    const origin = new URL(host.address).origin;
    const cookie = cookieOf(await get(host.address));
    for (const name of [
      'evil.example',
      'evil.example:80',
      'localhost.evil.example',
      `127.0.0.1.nip.io:${new URL(origin).port}`,
    ]) {
      const { status } = await get(origin, { host: name, cookie });
      expect([400, 403, 421], `Host ${name}`).toContain(status);
    }
  });

  test('refuses a WebSocket from a foreign Origin, without Origin or without the cookie', async () => {
    const { origin, host: authority } = new URL(host.address);
    const cookie = cookieOf(await get(host.address));
    expect(await upgradeStatus(`ws://${authority}/host`, { origin, cookie }), 'the real page').toBe(101);
    const paths = ['/host', '/port/trading', '/port/storage', '/port/venue'];
    for (const path of paths) {
      const url = `ws://${authority}${path}`;
      expect(await upgradeStatus(url, { origin: 'http://evil.example', cookie }), `${path}: foreign Origin`).not.toBe(
        101,
      );
      expect(await upgradeStatus(url, { origin: 'null', cookie }), `${path}: null Origin`).not.toBe(101);
      expect(await upgradeStatus(url, { cookie }), `${path}: no Origin`).not.toBe(101);
      expect(await upgradeStatus(url, { origin }), `${path}: no cookie`).not.toBe(101);
      expect(await upgradeStatus(url, { origin, cookie, host: 'evil.example' }), `${path}: foreign Host`).not.toBe(101);
    }
  });

  test('sends the isolation headers and a policy without unsafe sources, and serves nothing outside its folder', async () => {
    const origin = new URL(host.address).origin;
    const cookie = cookieOf(await get(host.address));
    const page = await get(origin, { cookie });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/../../../package.json',
      '//etc/passwd',
    ]) {
      const answer = await get(origin, { cookie }, path);
      expect(answer.body, path).not.toMatch(/"devDependencies"|root:/);
    }
  });
});

test('the page breaks no policy, opens no window, goes nowhere else, and never holds a secret', async ({
  app,
  terminal,
}) => {
  const frames: (string | Buffer)[] = [];
  app.page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => frames.push(payload));
    socket.on('framesent', ({ payload }) => frames.push(payload));
  });
  await app.page.addInitScript(() => {
    const record = window as unknown as { violations: string[] };
    record.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      record.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  await app.page.reload();
  await terminal.waitUntilLive();
  await terminal.ladder.placeMarketable('buy');
  await expect.poll(async () => (await terminal.fills()).length).toBeGreaterThan(0);
  for (const key of ['?', 'Escape', 'Control+k', 'Escape']) await app.page.keyboard.press(key);
  await app.page.waitForTimeout(1_000);
  expect(await app.page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
  expect(await app.page.evaluate(() => window.crossOriginIsolated)).toBe(true);

  const { simApiKey, simApiSecret } = JSON.parse(readFileSync(join(app.dataDir, 'secrets.json'), 'utf8'));
  expect(frames.length, 'frames seen').toBeGreaterThan(10);
  const places: [string, string][] = [
    ['the page', await app.page.content()],
    [
      'its storage',
      await app.page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })),
    ],
    ['frames', frames.map((frame) => frame.toString('latin1')).join('\n')],
    ['logs and output', app.logs()],
    ['settings', await app.page.evaluate(async () => JSON.stringify(await window.christmas.getSettings()))],
  ];
  for (const [place, text] of places) {
    expect(text.includes(simApiKey), `API key in ${place}`).toBe(false);
    expect(text.includes(simApiSecret), `API secret in ${place}`).toBe(false);
  }

  // A plain browser may open the tab; what matters is that neither page gets a handle to the other.
  const cut = await app.page.evaluate(async () => {
    const other = window.open('https://example.invalid/');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return other === null || other.closed;
  });
  expect(cut, 'the page holds no handle of another window').toBe(true);
  for (const other of app.page.context().pages()) {
    if (other === app.page) continue;
    expect(await other.evaluate(() => window.opener === null), 'the other window holds no handle of the page').toBe(
      true,
    );
    await other.close();
  }
  const before = app.page.url();
  await app.page.evaluate(() => {
    const form = document.createElement('form');
    form.action = 'https://example.com/';
    document.body.append(form);
    form.submit();
  });
  await app.page.waitForTimeout(500);
  expect(app.page.url(), 'a form cannot take the page elsewhere').toBe(before);
});
