import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { defaultSettings } from '../../engine/contract/settings.ts';
import { defaultDataRoot } from './data-directory.ts';
import { LockedError, takeDirectoryLock } from './directory-lock.ts';
import { LogFile } from './log-file.ts';
import { readPageFile } from './page-files.ts';
import { Redactor } from './redactor.ts';
import { loadSecrets, plainSecretCodec, saveSecrets } from './secret-store.ts';
import { SettingsStore, withoutPassword } from './settings-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'christmas-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = (name: string): string => join(folder, `${count++}-${name}`);
const silent = (): void => undefined;

describe('redactor', () => {
  const redactor = new Redactor();
  redactor.add('s3cr3tValue', 'tiny');
  for (const [text, hidden] of [
    ['key s3cr3tValue in text', 's3cr3tValue'],
    ['{"apiKey":"abcdef123456","x":1}', 'abcdef123456'],
    ["apiSecret: 'abcdef123456'", 'abcdef123456'],
    ['GET /order?symbol=B&signature=0a1b2c3d HTTP', '0a1b2c3d'],
    ['http://127.0.0.1/open?ticket=QWERTY_-12', 'QWERTY_-12'],
    ['X-MBX-APIKEY: zzzyyyxxx', 'zzzyyyxxx'],
    ['postgres://me:pa55word@host/db', 'pa55word'],
    ['password=hunter2 token=deadbeef', 'deadbeef'],
    ['password=hunter2 token=deadbeef', 'hunter2'],
  ] as const) {
    test(`hides ${hidden} in ${text}`, () => {
      const clean = redactor.redact(text);
      assert.ok(!clean.includes(hidden), clean);
      assert.match(clean, /\[redacted\]/);
    });
  }
  test('leaves ordinary text alone', () => {
    for (const text of [
      'ready',
      'tiny spread, tokens 3',
      'http://127.0.0.1:80/x at 12:30:01',
      'book 61837.64 / 0.01',
    ]) {
      assert.equal(redactor.redact(text), text);
    }
  });
});

describe('log file', () => {
  test('a disk that takes nothing does not throw into main; logging goes on when it does again', () => {
    const path = join(fresh('full'), 'c.log');
    const log = new LogFile(path, new Redactor(), { maxBytes: 100, keep: 2 });
    log.line('before');
    // A folder in the way of the rotated file: renaming fails, as on a full or read-only disk.
    mkdirSync(join(`${path}.1`, 'in the way'), { recursive: true });
    for (let i = 0; i < 5; i++) log.line('x'.repeat(60));
    rmSync(`${path}.1`, { recursive: true });
    log.line('after');
    log.close();
    assert.match(readFileSync(path, 'utf8'), /after\n$/);
  });

  test('cuts lines, masks a secret split over chunks, decodes split characters', () => {
    const path = fresh('a.log');
    const redactor = new Redactor();
    redactor.add('topsecret');
    const log = new LogFile(path, redactor);
    const bytes = Buffer.from('one topsecret\ntwo 크리스마스\nlast');
    for (const byte of bytes) log.output('stdout', Uint8Array.of(byte));
    log.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/^\S+ /, '')),
      ['one [redacted]', 'two 크리스마스', 'last'],
    );
    assert.match(lines[0] ?? '', /^\d{4}-\d\d-\d\dT/);
  });

  test('rotates by size and keeps five', () => {
    const path = fresh('b.log');
    const log = new LogFile(path, new Redactor(), { maxBytes: 200, keep: 5 });
    for (let i = 0; i < 100; i++) log.line(`line ${i}`);
    log.close();
    const files = [path, ...[1, 2, 3, 4].map((i) => `${path}.${i}`)];
    assert.ok(files.every((file) => existsSync(file) && statSync(file).size <= 200));
    assert.equal(existsSync(`${path}.5`), false);
    const numbers = files
      .reverse()
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/line (\d+)/g)].map((m) => Number(m[1])));
    assert.equal(numbers.at(-1), 99);
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, i) => 100 - numbers.length + i),
    );
  });

  test('a line without end does not fill memory, and goes on after a restart of main', () => {
    const path = fresh('c.log');
    const log = new LogFile(path, new Redactor());
    for (let i = 0; i < 100; i++) log.output('stderr', Buffer.alloc(1_000, 'x'));
    log.close();
    const again = new LogFile(path, new Redactor());
    again.line('again');
    again.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.ok(lines.length > 5 && lines.every((line) => line.length < 9_000));
    assert.match(lines.at(-1) ?? '', / again$/);
  });
});

describe('settings', () => {
  test('defaults, an update that lasts, and its validation', () => {
    const path = fresh('settings.json');
    const store = new SettingsStore(path, silent);
    assert.deepEqual(store.get(), defaultSettings);
    store.update({ language: 'ko', layouts: { current: { any: ['shape'] } } });
    const again = new SettingsStore(path, silent).get();
    assert.equal(again.language, 'ko');
    assert.deepEqual(again.layouts, { current: { any: ['shape'] } });
    assert.throws(
      () => store.update({ rails: { ...defaultSettings.rails, maxPosition: -1 } }),
      /rails\.maxPosition: .*-1/,
    );
    assert.throws(() => store.update({ selectedPreset: 99 }), /selectedPreset: .*99/);
    assert.throws(() => store.update({ nonsense: 1 } as object), /nonsense/);
    assert.throws(() => store.update({ rails: undefined } as object), /rails: .*missing/);
    assert.equal(store.get().selectedPreset, 0);
    assert.deepEqual(
      readdirSync(join(path, '..')).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  test('a broken or invalid file is kept as .bad, with a warning, and defaults are used', () => {
    for (const content of ['{ not json', '[]', '{"version":1,"theme":"pink"}', 'null']) {
      const path = fresh('settings.json');
      writeFileSync(path, content);
      const warnings: string[] = [];
      const store = new SettingsStore(path, (text) => warnings.push(text));
      assert.deepEqual(store.get(), defaultSettings, content);
      assert.equal(readFileSync(`${path}.bad`, 'utf8'), content);
      assert.match(warnings[0] ?? '', /kept as .*\.bad/);
    }
  });

  test('a source of the command line is not saved, a chosen one is', () => {
    const path = fresh('settings.json');
    const source = { kind: 'replay', files: ['/x'], protocol: 'binance-spot', speed: 2 } as const;
    const store = new SettingsStore(path, silent, { ...source, files: [...source.files] });
    assert.equal(store.get().source.kind, 'replay');
    store.update({ theme: 'light' });
    assert.equal(store.get().source.kind, 'replay');
    assert.equal(new SettingsStore(path, silent).get().source.kind, 'sim');
    store.update({ source: { kind: 'sim', seed: 3, symbols: ['BTCUSDT'] } });
    assert.equal(store.get().source.kind, 'sim');
  });

  test('what a session has become is saved with the rest, but not where the command line named the source', () => {
    const path = fresh('settings.json');
    const store = new SettingsStore(path, silent);
    store.update({ theme: 'light' });
    const grown = { kind: 'live' as const, feeds: [{ venue: 'okx' as const, symbols: ['BTC-USDT'] }] };
    store.keepSource(grown);
    assert.deepEqual(new SettingsStore(path, silent).get().source, grown);
    assert.equal(new SettingsStore(path, silent).get().theme, 'light');
    assert.throws(() => store.keepSource({ kind: 'live', feeds: [] }), /source.feeds/);
    assert.deepEqual(store.get().source, grown);
    const given = new SettingsStore(path, silent, { kind: 'sim', seed: 1, symbols: ['BTCUSDT'] });
    given.keepSource({ kind: 'sim', seed: 1, symbols: ['BTCUSDT', 'ETHUSDT'] });
    assert.deepEqual(given.get().source, { kind: 'sim', seed: 1, symbols: ['BTCUSDT', 'ETHUSDT'] });
    assert.deepEqual(new SettingsStore(path, silent).get().source, grown);
  });

  test('the page never gets the password of the database', () => {
    const store = new SettingsStore(fresh('settings.json'), silent);
    store.update({ postgresUrl: 'postgres://me:hunter2@db:5433/x?password=other' });
    const page = store.getForPage();
    assert.ok(!/hunter2|other/.test(JSON.stringify(page)));
    assert.match(page.postgresUrl, /db:5433/);
    store.update(page);
    assert.match(store.get().postgresUrl, /hunter2/);
    assert.equal(withoutPassword('postgres://me:hunter2@[::1/db'), '');
    const error = ((): string => {
      try {
        store.update({ postgresUrl: 'mysql://me:hunter2@db' });
        return '';
      } catch (caught) {
        return (caught as Error).message;
      }
    })();
    assert.match(error, /^postgresUrl: /);
    assert.ok(!error.includes('hunter2'));
    const redis = { ...store.get().redis, hosts: ['redis://me:hunter2@cache:6379'] };
    assert.throws(
      () => store.update({ redis }),
      ({ message }: Error) => /^redis\.hosts\.0: expected host:port/.test(message) && !message.includes('hunter2'),
    );
    assert.throws(
      () => store.update({ redis: { ...redis, hosts: ['a:1', 'b:2'] } }),
      /one host where it is no cluster/,
    );
    store.update({ redis: { ...redis, hosts: ['[::1]:6379', 'cache-2.local'], cluster: true } });
    assert.deepEqual(store.get().redis.hosts, ['[::1]:6379', 'cache-2.local']);
  });
});

describe('secrets', () => {
  test('random per folder, stable, private; a damaged file is replaced without repeating it', async () => {
    const path = fresh('secrets.json');
    const first = await loadSecrets(path, plainSecretCodec, silent);
    assert.deepEqual(await loadSecrets(path, plainSecretCodec, silent), first);
    assert.notEqual(
      (await loadSecrets(fresh('secrets.json'), plainSecretCodec, silent)).simApiSecret,
      first.simApiSecret,
    );
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    await saveSecrets(path, plainSecretCodec, { ...first, redisPassword: 'hunter2hunter2' });
    assert.deepEqual(await loadSecrets(path, plainSecretCodec, silent), { ...first, redisPassword: 'hunter2hunter2' });
    const { simApiKey, simApiSecret } = first;
    writeFileSync(path, JSON.stringify({ simApiKey, simApiSecret }));
    assert.deepEqual(await loadSecrets(path, plainSecretCodec, silent), first, 'a file of before there was a Redis');
    writeFileSync(path, first.simApiSecret);
    const warnings: string[] = [];
    const second = await loadSecrets(path, plainSecretCodec, (text) => warnings.push(text));
    assert.notEqual(second.simApiSecret, first.simApiSecret);
    assert.equal(warnings.length, 1);
    assert.ok(!warnings[0]?.includes(first.simApiSecret));
  });
});

describe('directory lock', () => {
  test('held once, given back, also held against the same process', async () => {
    const path = fresh('lock');
    const unlock = await takeDirectoryLock(path);
    await assert.rejects(
      takeDirectoryLock(path),
      (error) => error instanceof LockedError && error.owner.pid === process.pid,
    );
    unlock();
    unlock();
    (await takeDirectoryLock(path))();
    assert.equal(existsSync(path), false);
  });

  test('a lock of a process that is gone, of a reused pid, and a torn one are taken over', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const torn = fresh('lock');
    writeFileSync(torn, '{"pi');
    const old = new Date(Date.now() - 60_000);
    utimesSync(torn, old, old);
    (await takeDirectoryLock(torn))();
    const owners = [{ pid: gone, startTicks: '' }];
    if (process.platform === 'linux') owners.push({ pid: process.pid, startTicks: '1' });
    for (const owner of owners) {
      const path = fresh('lock');
      writeFileSync(path, JSON.stringify(owner));
      const unlock = await takeDirectoryLock(path);
      assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid, process.pid);
      unlock();
    }
  });

  test('of many that take over a stale lock at once, exactly one wins', async () => {
    const path = fresh('lock');
    writeFileSync(path, JSON.stringify({ pid: spawnSync(process.execPath, ['-e', '']).pid, startTicks: '' }));
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeDirectoryLock(path)));
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    assert.equal(existsSync(`${path}.takeover`), false);
  });
});

test('the data folder is where each system expects it', () => {
  assert.equal(defaultDataRoot('linux', {}, '/home/u'), '/home/u/.local/share/christmas');
  assert.equal(defaultDataRoot('linux', { XDG_DATA_HOME: '/x' }, '/home/u'), '/x/christmas');
  assert.equal(defaultDataRoot('linux', { XDG_DATA_HOME: 'relative' }, '/home/u'), '/home/u/.local/share/christmas');
  assert.equal(defaultDataRoot('darwin', {}, '/Users/u'), '/Users/u/Library/Application Support/Christmas');
});

test('page files stay inside their folder, also through links', async () => {
  const root = fresh('page');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), 'home');
  writeFileSync(join(root, 'assets', 'a.js'), 'script');
  writeFileSync(`${root}-secret`, 'secret');
  symlinkSync(`${root}-secret`, join(root, 'link.txt'));
  const read = (path: string): Promise<{ status: number; headers: Record<string, string> }> =>
    readPageFile(root, path, {});
  assert.equal((await read('/')).status, 200);
  assert.match((await read('/assets/a.js')).headers['cache-control'] ?? '', /immutable/);
  assert.equal((await read('/')).headers['cache-control'], 'no-store');
  for (const path of [
    '/link.txt',
    '/assets',
    '/none',
    '/../page-secret',
    '/..%2f..%2fetc%2fpasswd',
    '/a%00b',
    '/C:/x',
    `/${'x'.repeat(5_000)}`,
  ]) {
    const { status } = await read(path);
    assert.ok(status === 400 || status === 404, `${path.slice(0, 40)}: ${status}`);
  }
});
