import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { HeadlessReport } from '../../engine/contract/report.ts';
import { ArgumentError } from '../supervisor/command-line.ts';
import { buildFakeDist, type FakeDist } from '../testing/fake-dist.ts';
import { RunningApp, until } from '../testing/running-app.ts';
import { readHeadlessArguments } from './headless-arguments.ts';

/** All three have said ready in their logs. */
function isReady(dataDir: string): boolean {
  return ['venue', 'trading', 'storage'].every((name) => {
    const path = join(dataDir, 'logs', `${name}.log`);
    return existsSync(path) && readFileSync(path, 'utf8').includes('] ready');
  });
}

/** Main looks at the states every 100 ms. */
function sessionRuns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300));
}

describe('headless', () => {
  let dist: FakeDist;
  let temporary = '';

  const start = (...args: string[]): RunningApp =>
    new RunningApp(process.execPath, [join(dist.root, 'main', 'headless.cjs'), ...args], {
      ...process.env,
      TMPDIR: temporary,
    });

  before(async () => {
    dist = await buildFakeDist('main/node/headless.ts', 'headless.cjs');
    temporary = join(dist.root, 'tmp');
    mkdirSync(temporary);
  });
  after(() => dist.remove());

  test('a session on the simulated venue: the report is the only thing on stdout, nothing is left behind', async () => {
    const run = start('--venue', 'sim', '--seconds', '0.5', '--report', '-');
    assert.deepEqual(await run.exit, { code: 0, signal: null });
    const report = JSON.parse(run.stdout) as HeadlessReport;
    assert.equal(report.symbol, 'BTCUSDT');
    // The fake storage is behind at first: the report waits for it.
    assert.deepEqual(report.storage, { rows: 10, backlog: 0 });
    assert.deepEqual(readdirSync(temporary), []);
  });

  test('a replay ends when the recording does and writes the report to a file', async () => {
    const dataDir = dist.dataDir('replay');
    writeFileSync(join(dataDir, 'fake.json'), JSON.stringify({ trading: { replayFinished: true } }));
    const path = join(dist.root, 'report.json');
    const file = join(dist.root, 'main', 'headless.cjs');
    const run = start(
      '--replay',
      file,
      '--speed',
      'max',
      '--data-dir',
      dataDir,
      '--report',
      path,
      '--symbol',
      'BTCUSDT',
    );
    assert.equal((await run.exit).code, 0, run.stderr);
    assert.equal(run.stdout, '');
    assert.equal((JSON.parse(readFileSync(path, 'utf8')) as HeadlessReport).decisionHash, 'abc');
    const log = readFileSync(join(dataDir, 'logs', 'trading.log'), 'utf8');
    assert.match(log, /"kind":"replay"/);
    assert.match(log, /"speed":"max"/);
    assert.match(log, /journal\/replay\/trading-0/);
  });

  test('an unusable recording: one line, exit code 2, no report, no restart', async () => {
    const dataDir = dist.dataDir('fatal');
    writeFileSync(join(dataDir, 'fake.json'), JSON.stringify({ trading: { fatal: 'x.jsonl: no snapshot' } }));
    const path = join(dist.root, 'none.json');
    const run = start('--replay', join(dist.root, 'main', 'headless.cjs'), '--data-dir', dataDir, '--report', path);
    assert.equal((await run.exit).code, 2);
    assert.equal(run.stderr, 'error: x.jsonl: no snapshot\n');
    assert.equal(existsSync(path), false);
    assert.equal(readFileSync(join(dataDir, 'logs', 'trading.log'), 'utf8').match(/\] starting/g)?.length, 1);
  });

  test('SIGINT ends early, with a report', async () => {
    const run = start('--venue', 'sim', '--seconds', '600');
    await until('trading ready', () => readdirSync(temporary).some((folder) => isReady(join(temporary, folder))));
    await sessionRuns();
    run.kill('SIGINT');
    assert.equal((await run.exit).code, 0, run.stderr);
    assert.equal((JSON.parse(run.stdout) as HeadlessReport).source, 'fake');
    assert.deepEqual(readdirSync(temporary), []);
  });

  test('a data folder in use: one line, exit code 2', async () => {
    const dataDir = dist.dataDir('used');
    const first = start('--venue', 'sim', '--seconds', '600', '--data-dir', dataDir);
    await until('trading ready', () => isReady(dataDir));
    await sessionRuns();
    const second = start('--venue', 'sim', '--data-dir', dataDir);
    assert.equal((await second.exit).code, 2);
    assert.match(second.stderr, new RegExp(`^error: .*held by running process ${first.pid}\\n$`));
    first.kill('SIGTERM');
    assert.equal((await first.exit).code, 0);
  });

  const bad: [args: string[], pattern: RegExp][] = [
    [[], /--venue sim or --replay/],
    [['--venue', 'nyse'], /--venue: .*"nyse"/],
    [['--venue', 'sim', '--replay', 'x'], /both/],
    [['--venue', 'sim', '--seed', '-1'], /--seed/],
    [['--venue', 'sim', '--seed', 'x1'], /--seed: .*"x1"/],
    [['--venue', 'sim', '--seconds', '0'], /--seconds: .*"0"/],
    [['--venue', 'sim', '--symbol', 'btc usdt'], /--symbol: .*"btc usdt"/],
    [['--venue', 'sim', '--speed', 'max'], /--speed: .*--replay/],
    [['--venue', 'sim', '--strategy', 'moon'], /--strategy: .*"moon"/],
    [['--venue', 'sim', '--report', '/no/such/folder/r.json'], /--report: .*\/no\/such\/folder/],
    [['--venue', 'sim', '--report', '/'], /--report: .*folder/],
    [['--venue', 'sim', 'stray'], /stray/],
    [['--venue', 'sim', '--data-dir', ''], /--data-dir/],
    [['--replay', '/no/such.jsonl'], /--replay: .*\/no\/such\.jsonl .*no such file/],
    [['--replay', '/'], /--replay: .*folder/],
    [['--replay', '/etc/hostname,'], /--replay: .*empty/],
    [['--replay', '/etc/hostname', '--speed', 'fast'], /--speed: .*"fast"/],
    [['--replay', '/etc/hostname', '--protocol', 'fix'], /--protocol: expected binance-spot, .*binance-coinm.*"fix"/],
    [['--replay', '/etc/hostname', '--tick-size', '0'], /--tick-size: .*"0"/],
    [['--replay', '/etc/hostname', '--seed', '3'], /--seed: .*--venue/],
    [['--venue', 'live'], /--venue live: .*--feed VENUE:SYMBOL/],
    [['--venue', 'live', '--feed', 'upbit'], /--feed: expected VENUE:SYMBOL.*"upbit"/],
    [['--venue', 'live', '--feed', 'nyse:IBM'], /--feed: expected binance-spot, .*"nyse:IBM"/],
    [['--venue', 'live', '--feed', 'upbit:KRW-BTC,krw eth'], /--feed: .*"krw eth" in "upbit:KRW-BTC,krw eth"/],
    [['--venue', 'live', '--feed', 'upbit:KRW-BTC', '--seed', '3'], /--seed: .*--venue sim/],
    [['--feed', 'upbit:KRW-BTC'], /--feed: .*--venue/],
    [['--venue', 'sim', '--paper'], /--paper: .*--feed/],
    [['--replay', '/etc/hostname', '--seconds', '3'], /--seconds: .*--venue/],
    [['--unheard-of'], /--unheard-of/],
  ];
  test('bad arguments are named', () => {
    for (const [args, pattern] of bad) {
      assert.throws(
        () => readHeadlessArguments(args),
        (error) => error instanceof ArgumentError && pattern.test(error.message) && !error.message.includes('\n'),
        args.join(' '),
      );
    }
  });

  test('good arguments, and what is assumed', () => {
    const sim = readHeadlessArguments(['--venue', 'sim', '--seed', '7', '--symbol', 'ETHUSDT']);
    assert.deepEqual(sim?.source, { kind: 'sim', seed: 7, symbols: ['ETHUSDT'] });
    assert.deepEqual([sim?.strategy, sim?.seconds, sim?.report, sim?.dataDir], ['none', 30, '-', undefined]);
    const files = [process.execPath, join(dist.root, 'main', 'headless.cjs')];
    const replay = readHeadlessArguments(['--replay', files.join(','), '--speed', '50', '--tick-size', '0.01']);
    assert.deepEqual(replay?.source, { kind: 'replay', files, speed: 50 });
    assert.equal(replay?.tickSize, '0.01');
    const futures = ['--replay', process.execPath, '--protocol', 'binance-coinm', '--symbol', 'BTCUSD_PERP'];
    assert.deepEqual(readHeadlessArguments(futures)?.source, {
      kind: 'replay',
      files: [process.execPath],
      protocol: 'binance-coinm',
      speed: 1,
      symbol: 'BTCUSD_PERP',
    });
    const feeds = [
      '--feed',
      'binance-spot:BTCUSDT,ETHUSDT',
      '--feed',
      'upbit:KRW-BTC',
      '--feed',
      'binance-spot:BTCUSDT,SOLUSDT',
    ];
    assert.deepEqual(readHeadlessArguments(['--venue', 'live', ...feeds, '--seconds', '9'])?.source, {
      kind: 'live',
      feeds: [
        { venue: 'binance-spot', symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] },
        { venue: 'upbit', symbols: ['KRW-BTC'] },
      ],
    });
    const beside = ['--venue', 'sim', '--symbol', 'ETHUSDT', '--feed', 'ccxt:bitstamp:BTC/USD'];
    assert.deepEqual(readHeadlessArguments(beside)?.source, {
      kind: 'sim',
      seed: 1,
      symbols: ['ETHUSDT'],
      feeds: [{ venue: 'ccxt:bitstamp', symbols: ['BTC/USD'] }],
    });
    const paper = readHeadlessArguments(['--venue', 'sim', '--feed', 'okx:BTC-USDT', '--paper'])?.source;
    assert.deepEqual(paper, { kind: 'sim', seed: 1, symbols: [], feeds: [{ venue: 'okx', symbols: ['BTC-USDT'] }] });
    assert.equal(readHeadlessArguments(['--help']), undefined);
  });

  test('a bad argument: one line on stderr, nothing on stdout, exit code 2', async () => {
    const run = start('--venue', 'sim', '--seed', 'x1');
    assert.equal((await run.exit).code, 2);
    assert.equal(run.stdout, '');
    assert.match(run.stderr, /^error: --seed: [^\n]*"x1"\n$/);
  });
});
