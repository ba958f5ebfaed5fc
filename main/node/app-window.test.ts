import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrowserSearch, browserArguments, findBrowser, whyNoDisplay } from './app-window.ts';
import { TicketOffice } from './ticket-office.ts';
import { WindowLifetime } from './window-lifetime.ts';

function search(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv, ...present: string[]): BrowserSearch {
  return { platform, environment, isExecutable: (path) => present.includes(path) };
}

test('finds a browser in PATH and in the usual places, or the one named', () => {
  const path = { PATH: '/a:/b' };
  assert.equal(findBrowser(search('linux', path, '/b/google-chrome', '/a/firefox')), '/b/google-chrome');
  assert.equal(findBrowser(search('linux', path, '/b/google-chrome', '/b/chromium')), '/b/chromium');
  assert.equal(findBrowser(search('linux', {}, '/snap/bin/chromium')), '/snap/bin/chromium');
  assert.equal(findBrowser(search('linux', path)), undefined);
  assert.equal(findBrowser(search('linux', { ...path, CHRISTMAS_BROWSER: '/x' }, '/x', '/a/chromium')), '/x');
  assert.equal(findBrowser(search('linux', { ...path, CHRISTMAS_BROWSER: '/y' }, '/x', '/a/chromium')), undefined);
  const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  assert.equal(findBrowser(search('darwin', {}, chrome)), chrome);
  const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
  assert.equal(findBrowser(search('win32', { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' }, edge)), edge);
});

test('a display is needed on Linux only', () => {
  assert.equal(whyNoDisplay(search('linux', {})), 'no display');
  assert.equal(whyNoDisplay(search('linux', { DISPLAY: ':0' })), undefined);
  assert.equal(whyNoDisplay(search('linux', { WAYLAND_DISPLAY: 'wayland-0' })), undefined);
  assert.equal(whyNoDisplay(search('darwin', {})), undefined);
});

test('the browser keeps its sandbox unless root, and opens no debugging port', () => {
  const user = browserArguments('http://x/', '/p', false);
  assert.ok(user.includes('--app=http://x/') && user.includes('--user-data-dir=/p'));
  assert.ok(!user.includes('--no-sandbox'));
  assert.ok(browserArguments('http://x/', '/p', true).includes('--no-sandbox'));
  assert.ok(user.every((arg) => !arg.includes('remote-debugging')));
});

test('tickets work once, sessions last, both are bounded', () => {
  const office = new TicketOffice();
  const ticket = office.issue();
  assert.ok(Buffer.from(ticket, 'base64url').byteLength === 32);
  assert.equal(office.redeem(`${ticket}x`), undefined);
  const session = office.redeem(ticket) as string;
  assert.equal(office.redeem(ticket), undefined);
  assert.ok(office.isSession(session));
  assert.ok(!office.isSession(ticket) && !office.isSession(''));
  const old = office.issue();
  for (let i = 0; i < 16; i++) office.issue();
  assert.equal(office.redeem(old), undefined);
  for (let i = 0; i < 64; i++) office.redeem(office.issue());
  assert.ok(!office.isSession(session));
});

test('the window counts as closed when its browser ended, or its pages where the browser goes on', async () => {
  const play = async (
    platform: NodeJS.Platform,
    script: (lifetime: WindowLifetime, setPages: (pages: number) => void) => void,
  ): Promise<string[]> => {
    const told: string[] = [];
    let pages = 0;
    const lifetime = new WindowLifetime({
      platform,
      pages: () => pages,
      onClosed: () => told.push('closed'),
      onNeverOpened: (reason) => told.push(reason),
      reloadMs: 40,
      settleMs: 10,
    });
    script(lifetime, (now) => {
      pages = now;
      lifetime.pagesChanged();
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    return told;
  };
  const open = (_lifetime: WindowLifetime, setPages: (pages: number) => void): void => setPages(1);
  assert.deepEqual(await play('linux', open), []);
  // Closed: the browser ends, its sockets a moment later.
  const closed = play('linux', (lifetime, setPages) => {
    setPages(1);
    lifetime.browserEnded('code 0');
    setPages(0);
  });
  assert.deepEqual(await closed, ['closed']);
  assert.deepEqual(await play('linux', (lifetime) => lifetime.browserEnded('code 1')), ['code 1']);
  // Reload on macOS, then the window closed there.
  const reload = play('darwin', (_lifetime, setPages) => {
    setPages(1);
    setPages(0);
    setPages(1);
  });
  assert.deepEqual(await reload, []);
  const gone = play('darwin', (_lifetime, setPages) => {
    setPages(1);
    setPages(0);
  });
  assert.deepEqual(await gone, ['closed']);
  // A browser of an earlier run took the window over.
  const joined = play('linux', (lifetime, setPages) => {
    setPages(1);
    lifetime.browserEnded('code 0');
    setTimeout(() => setPages(0), 50);
  });
  assert.deepEqual(await joined, ['closed']);
});
