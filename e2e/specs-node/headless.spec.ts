import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { root } from '../../build/run-command.ts';
import type { HeadlessReport, ReportTotals } from '../../engine/contract/report.ts';
import { expect, test } from '../fixtures.ts';
import { listProcesses } from '../host/process-list.ts';
import { withStoredRows } from '../postgres.ts';

const recordings = join(root, '..', 'shared', 'data', 'binance', 'l2-recordings');
const first = join(recordings, 'spot_btcusdt_20240808.gz');
const second = join(recordings, 'spot_btcusdt_20240809.gz');

interface HeadlessRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

const running = new Set<ChildProcess>();
test.afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** As `npm run headless` does after its build; `throughNpmScript` for that script itself. */
function headless(args: string[], throughNpmScript = false): Promise<HeadlessRun> {
  const start = throughNpmScript
    ? ['--import', 'tsx', join(root, 'build', 'run.ts'), 'headless']
    : [join(root, 'dist', 'main', 'headless.cjs')];
  const child = spawn(process.execPath, [...start, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  running.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  return new Promise((resolve) =>
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, stdout, stderr });
    }),
  );
}

function expectNothingLeft(dataDir: string): void {
  const left = listProcesses().filter((entry) => entry.command.includes(dataDir));
  expect(left, 'processes left behind').toEqual([]);
}

test('sim: trades, stores every record, and position and PnL follow from the fills in Postgres', async ({
  dataDir,
}) => {
  const run = await headless([
    '--venue',
    'sim',
    '--seed',
    '7',
    '--seconds',
    '12',
    '--strategy',
    'imbalance',
    '--data-dir',
    dataDir,
    '--report',
    '-',
  ]);
  expect(run.stderr + run.stdout).not.toBe('');
  expect(run.code, run.stderr).toBe(0);
  const report = JSON.parse(run.stdout) as HeadlessReport;
  expect(report.feed.gaps).toBe(0);
  expect(report.feed.crossed).toBe(0);
  expect(report.feed.state).toBe('live');
  expect(report.orders.sent).toBeGreaterThan(0);
  expect(report.orders.filled).toBeGreaterThan(0);
  expect(report.storage).toEqual({ rows: report.journal.records, backlog: 0 });
  for (const stage of ['read', 'decode', 'apply', 'decide', 'check', 'write', 'ack', 'tickToOrder']) {
    expect(report.latencyNs[stage]?.count, `samples of stage ${stage}`).toBeGreaterThan(0);
  }
  expectNothingLeft(dataDir);

  await withStoredRows(dataDir, async (stored) => {
    expect(await stored.rowCount(), 'rows counted in Postgres').toBe(report.storage.rows);
    const fills = await stored.fills();
    const { positionLots, gross, fees } = recompute(fills);
    const { lotSize, tickSize } = await stored.units('BTCUSDT');
    expect(positionLots * Number(lotSize)).toBeCloseTo(Number(report.position), 8);
    expect(fees).toBeCloseTo(report.pnl.fees, 6);
    expect(report.pnl.net).toBeCloseTo(report.pnl.gross - report.pnl.fees, 6);
    // What is still open is worth the mid of the book that the report shows.
    const mid = (Number(report.book.bestBids[0]?.[0]) + Number(report.book.bestAsks[0]?.[0])) / 2;
    const worth = gross * Number(tickSize) * Number(lotSize) + positionLots * Number(lotSize) * mid;
    expect(worth).toBeCloseTo(report.pnl.gross, 6);
  });
});

/** Position and cash from fills alone: what was received less what was paid. */
function recompute(fills: { side: string; priceTicks: number; sizeLots: number; fee: number }[]): {
  positionLots: number;
  gross: number;
  fees: number;
} {
  let [positionLots, gross, fees] = [0, 0, 0];
  for (const fill of fills) {
    const sign = fill.side === 'buy' ? 1 : -1;
    positionLots += sign * fill.sizeLots;
    gross -= sign * fill.sizeLots * fill.priceTicks;
    fees += fill.fee;
  }
  return { positionLots, gross, fees };
}

test.describe('recorded day', () => {
  test.skip(!existsSync(first), 'needs ../shared/data');
  test.setTimeout(240_000);

  test('equals expected.json; the same decisions in three runs and at 50 times the pace', async ({ dataDir }) => {
    const expected = JSON.parse(readFileSync(join(recordings, 'expected.json'), 'utf8')).recordings[0];
    const hashes: string[] = [];
    for (const speed of ['max', 'max', 'max', '50']) {
      const report = join(dataDir, `report-${hashes.length}.json`);
      const run = await headless([
        ...[
          '--replay',
          `${first},${second}`,
          '--protocol',
          'binance-spot',
          '--speed',
          speed,
          '--strategy',
          'imbalance',
        ],
        ...['--data-dir', join(dataDir, `run-${hashes.length}`), '--report', report],
      ]);
      expect(run.code, run.stderr).toBe(0);
      const result = JSON.parse(readFileSync(report, 'utf8')) as HeadlessReport;
      hashes.push(result.decisionHash);
      expect(pick(result), `speed ${speed}`).toEqual(expectation(expected));
      expect(result.instruments[0]?.ticker).toEqual(tickerOf(expected));
      expect(result.orders.sent, 'a strategy that decided something').toBeGreaterThan(0);
      expect(result.storage).toEqual({ rows: result.journal.records, backlog: 0 });
    }
    expect(new Set(hashes).size, hashes.join(' ')).toBe(1);
    expectNothingLeft(dataDir);
  });

  for (const [at, protocol] of ['binance-usdm', 'binance-coinm'].entries()) {
    test(`${protocol} equals expected.json; as spot it is refused`, async ({ dataDir }) => {
      const expected = JSON.parse(readFileSync(join(recordings, 'expected.json'), 'utf8')).recordings[at + 1];
      const files = (expected.files as string[]).map((name) => join(recordings, name)).join();
      const play = ['--replay', files, '--speed', 'max', '--strategy', 'none'];
      // Without --protocol it is found out.
      const run = await headless([...play, '--data-dir', join(dataDir, 'a'), '--report', '-']);
      expect(run.code, run.stderr).toBe(0);
      const result = JSON.parse(run.stdout) as HeadlessReport;
      expect(pick(result)).toEqual(expectation(expected));
      expect(result.instruments[0]?.ticker).toEqual(tickerOf(expected));
      expect(result.storage).toEqual({ rows: result.journal.records, backlog: 0 });
      expect(result.instruments.map(({ venue }) => venue)).toEqual([protocol]);
      const asSpot = [...play, '--protocol', 'binance-spot', '--data-dir', join(dataDir, 'b'), '--report', '-'];
      expectRefused(await headless(asSpot), /futures recording/);
      expectNothingLeft(dataDir);
    });
  }

  test('the second file alone has no snapshot: exit 2, one line, nothing written', async ({ dataDir }) => {
    const report = join(dataDir, 'report.json');
    const run = await headless([
      '--replay',
      second,
      '--strategy',
      'none',
      '--data-dir',
      join(dataDir, 'data'),
      '--report',
      report,
    ]);
    expectRefused(run, /no snapshot/i);
    expect(run.stderr).toContain('spot_btcusdt_20240809.gz');
    expect(existsSync(report), 'half a report').toBe(false);
    expectNothingLeft(dataDir);
  });

  test('a damaged file is named: exit 2', async ({ dataDir }) => {
    const cut = join(dataDir, 'cut.gz');
    const whole = readFileSync(first);
    writeFileSync(cut, whole.subarray(0, whole.byteLength >> 1));
    expectRefused(
      await headless(['--replay', cut, '--strategy', 'none', '--data-dir', join(dataDir, 'a'), '--report', '-']),
      /cut\.gz/,
    );
    const garbled = join(dataDir, 'garbled.gz');
    const lines = gunzipSync(whole).toString('utf8').split('\n').slice(0, 400);
    lines[300] = 'not a line of a recording';
    writeFileSync(garbled, gzipSync(lines.join('\n')));
    const run = await headless([
      '--replay',
      garbled,
      '--strategy',
      'none',
      '--data-dir',
      join(dataDir, 'b'),
      '--report',
      '-',
    ]);
    expectRefused(run, /garbled\.gz/);
    expectNothingLeft(dataDir);
  });
});

/** What ../shared/data/README.md says of each capture, as sums over its instruments. */
const captures: [title: string, replay: string, args: string[], instruments: number, totals: Partial<ReportTotals>][] =
  [
    [
      'Kraken: every checksum right',
      'kraken/KRAKEN.ws.50.0',
      ['--protocol', 'kraken'],
      10,
      { depth: 4279, applied: 4269, checksums: 4269, trades: 0 },
    ],
    [
      'Kraken: three connections at once',
      'kraken/KRAKEN.ws.49.0,kraken/KRAKEN.ws.50.0,kraken/KRAKEN.ws.48.0',
      [],
      10,
      { depth: 4279, applied: 4269, checksums: 4269, trades: 10 },
    ],
    [
      'OKX: every checksum right',
      'okx/OKX.ws.1.0',
      ['--protocol', 'okx', '--symbol', 'BTC-USDT', '--strategy', 'imbalance'],
      3,
      { depth: 290, applied: 287, checksums: 290, trades: 74 },
    ],
    [
      'Upbit: Python byte strings',
      'upbit/UPBIT.ws.62.0',
      ['--protocol', 'upbit', '--symbol', 'KRW-WAVES'],
      5,
      { depth: 145, applied: 140, trades: 304 },
    ],
    [
      'Bybit v5: one message a line in a zip archive',
      'bybit/xrpusdt-ob500.data.zip',
      ['--protocol', 'bybit'],
      1,
      { depth: 50, applied: 49 },
    ],
    [
      'Binance spot: several symbols',
      'binance/multi-symbol/BINANCE.ws.1.0',
      ['--protocol', 'binance-spot', '--symbol', 'LRCBTC'],
      4,
      { depth: 177, applied: 172, discarded: 5, trades: 2, tickerAgrees: 159 },
    ],
    [
      'Binance USD-M: several symbols, files by name',
      'binance/multi-symbol/BINANCE_FUTURES.http.0.0,binance/multi-symbol/BINANCE_FUTURES.0,binance/multi-symbol/BINANCE_FUTURES.ws.1.0',
      ['--protocol', 'binance-usdm', '--symbol', 'CTKUSDT', '--strategy', 'imbalance'],
      4,
      { depth: 764, applied: 752, discarded: 12, trades: 91, tickerAgrees: 744 },
    ],
  ];
const nothing: ReportTotals = {
  ...{ depth: 0, applied: 0, discarded: 0, gaps: 0, resyncs: 0, crossed: 0, badMessages: 0 },
  ...{ checksums: 0, checksumFailures: 0, trades: 0, tickerAgrees: 0, tickerDiffers: 0 },
};

test.describe('captures', () => {
  test.skip(!existsSync(first), 'needs ../shared/data');
  test.setTimeout(240_000);
  const data = join(root, '..', 'shared', 'data');
  const pathsOf = (replay: string): string =>
    replay
      .split(',')
      .map((name) => join(data, name))
      .join();

  for (const [title, replay, args, instruments, totals] of captures) {
    test(title, async ({ dataDir }) => {
      const run = await headless([
        ...['--replay', pathsOf(replay), '--speed', 'max', '--data-dir', join(dataDir, 'data'), '--report', '-'],
        ...args,
      ]);
      expect(run.code, run.stderr).toBe(0);
      const report = JSON.parse(run.stdout) as HeadlessReport;
      expect(report.totals).toEqual({ ...nothing, ...totals });
      expect(report.instruments).toHaveLength(instruments);
      const chosen = args.includes('--symbol') ? args[args.indexOf('--symbol') + 1] : report.instruments[0]?.symbol;
      expect(report.symbol).toBe(chosen);
      const own = report.instruments.find(({ symbol }) => symbol === chosen);
      expect([report.feed, report.book, report.trades]).toEqual([own?.feed, own?.book, own?.trades]);
      for (const { symbol, feed, book } of report.instruments) {
        expect(feed.state, `${symbol} ${feed.stateReason}`).toBe('live');
        expect(Number(book.bestBids[0]?.[0]), symbol).toBeLessThan(Number(book.bestAsks[0]?.[0]));
      }
      expect(report.storage).toEqual({ rows: report.journal.records, backlog: 0 });
      expectNothingLeft(dataDir);
    });
  }

  test('what cannot be played is refused before anything is written: file, line, reason', async ({ dataDir }) => {
    const cases: [replay: string, args: string[], message: RegExp][] = [
      [
        'okx/OKX.ws.1.0',
        ['--protocol', 'kraken'],
        /OKX\.ws\.1\.0: line 5: expected a message of kraken, was one of okx/,
      ],
      ['okx/OKX.ws.1.0', ['--symbol', 'ETH-USDT'], /expected a recording of ETH-USDT, was of BTC-USD-220527, /],
      [
        'okx/OKX.ws.1.0',
        ['--symbol', 'UNI-USD-SWAP', '--strategy', 'imbalance'],
        /expected none, was imbalance \(Inverse contracts \(okx\)/,
      ],
      ['bybit/BYBIT.ws.25.0', [], /BYBIT\.ws\.25\.0: line 18: expected Bybit v5, was its old API/],
      ['coinbase/COINBASE.ws.28.0', [], /COINBASE\.ws\.28\.0: holds no market data of a known protocol/],
    ];
    for (const [replay, args, message] of cases) {
      const folder = join(dataDir, 'data');
      const common = ['--replay', pathsOf(replay), '--speed', 'max', '--data-dir', folder, '--report', '-'];
      expectRefused(await headless([...common, ...args]), message);
      expect(readdirSync(join(folder, 'journal', 'replay')), 'written').toEqual([]);
    }
    expectNothingLeft(dataDir);
  });
});

const refused: [title: string, args: string[], message: RegExp][] = [
  ['no source', ['--strategy', 'none', '--report', '-'], /--venue|--replay/],
  ['both sources', ['--venue', 'sim', '--replay', 'x.gz', '--report', '-'], /--venue|--replay/],
  ['an unknown venue', ['--venue', 'moon', '--report', '-'], /moon/],
  ['an unknown option', ['--venue', 'sim', '--sedd', '7', '--report', '-'], /--sedd/],
  ['an unknown strategy', ['--venue', 'sim', '--strategy', 'luck', '--report', '-'], /luck/],
  ['seconds that are no number', ['--venue', 'sim', '--seconds', 'ten', '--report', '-'], /seconds.*ten/],
  ['negative seconds', ['--venue', 'sim', '--seconds=-3', '--report', '-'], /seconds.*-3/],
  ['a seed that is no number', ['--venue', 'sim', '--seed', 'x', '--report', '-'], /seed.*x/],
  ['speed zero', ['--replay', 'package.json', '--speed', '0', '--report', '-'], /speed.*0/],
  ['an unknown protocol', ['--replay', 'package.json', '--protocol', 'morse', '--report', '-'], /morse/],
  ['a file that is not there', ['--replay', 'nowhere/x.gz', '--strategy', 'none', '--report', '-'], /nowhere.x\.gz/],
  [
    'a report folder that is not there',
    ['--venue', 'sim', '--seconds', '1', '--report', 'nowhere/at/all.json'],
    /nowhere.at/,
  ],
];

test('bad arguments: one line that names them, exit 2, nothing written', async ({ dataDir }) => {
  for (const [title, args, message] of refused) {
    await test.step(title, async () => {
      const folder = join(dataDir, 'data');
      const run = await headless([...args, '--data-dir', folder]);
      expectRefused(run, message);
      expect(
        existsSync(folder) ? readdirSync(folder).filter((name) => name === 'journal' || name === 'postgres') : [],
        'written',
      ).toEqual([]);
    });
  }
  expectNothingLeft(dataDir);
});

function expectRefused(run: HeadlessRun, message: RegExp): void {
  expect(run.stderr.trim()).toMatch(message);
  expect(run.stderr.trim().split('\n'), 'lines on stderr').toHaveLength(1);
  expect(run.stdout).toBe('');
  expect(run.code).toBe(2);
}

/** The parts of a report that expected.json speaks of, in its shape. */
function pick(report: HeadlessReport): unknown {
  return {
    depth: report.feed.depth,
    discarded: report.feed.discarded,
    applied: report.feed.applied,
    gaps: report.feed.gaps,
    crossed: report.feed.crossed,
    bidLevels: report.book.bidLevels,
    askLevels: report.book.askLevels,
    bestBids: report.book.bestBids,
    bestAsks: report.book.bestAsks,
    trades: report.trades,
  };
}

function expectation(expected: {
  streams: { depth: number };
  sync: { discarded: number; applied: number; gaps: number };
  checks: { crossed_books: number };
  final_book: { bid_levels: number; ask_levels: number; best_bids: string[][]; best_asks: string[][] };
  trades: Record<string, unknown>;
}): unknown {
  const { trades } = expected;
  return {
    depth: expected.streams.depth,
    discarded: expected.sync.discarded,
    applied: expected.sync.applied,
    gaps: expected.sync.gaps,
    crossed: expected.checks.crossed_books,
    bidLevels: expected.final_book.bid_levels,
    askLevels: expected.final_book.ask_levels,
    bestBids: expected.final_book.best_bids,
    bestAsks: expected.final_book.best_asks,
    trades: {
      count: trades.count,
      firstId: trades.first_id,
      lastId: trades.last_id,
      volume: trades.volume,
      buyVolume: trades.aggressive_buy_volume,
      sellVolume: trades.aggressive_sell_volume,
      low: trades.low,
      high: trades.high,
      first: trades.first_price,
      last: trades.last_price,
    },
  };
}

function tickerOf({ checks }: { checks: Record<string, number> }): unknown {
  return { tickerAgrees: checks['top_equals_bookTicker'], tickerDiffers: checks['top_differs_from_bookTicker'] };
}
