import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type PlayerScheduler, RecordingPlayer } from './recording-player.ts';
import { scanRecording } from './recording-scan.ts';
import { instrumentOfScan, type RecordingScan } from './scanned-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'christmas-player-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const ORIGIN = 1_723_161_253_937_085_768n;
const line = (ms: number, json: string) => `${ORIGIN + BigInt(ms) * 1_000_000n} ${json}\n`;
const trade = (id: number, price = '61837.63000000', symbol = 'BTCUSDT') =>
  `{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"${symbol}","t":${id},"p":"${price}","q":"0.02000000","T":1,"m":true,"M":true}}`;
const depth = '{"stream":"d","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["1.5","0.25"]],"a":[]}}';
const snapshot = '{"lastUpdateId":1,"bids":[["1.50","1"]],"asks":[]}';

/** Time that passes only in sleeps, at once. */
class ManualTime implements PlayerScheduler {
  ms = 0;
  longestSleepMs = 0;
  nowMs(): number {
    return this.ms;
  }
  sleep(ms: number): Promise<void> {
    this.ms += ms;
    this.longestSleepMs = Math.max(this.longestSleepMs, ms);
    return Promise.resolve();
  }
}

interface Played {
  messages: string[];
  wallMs: number[];
}

function play(
  scan: RecordingScan,
  speed: number | 'max',
  time = new ManualTime(),
  onMessage?: (player: RecordingPlayer, count: number) => void,
): Promise<Played> {
  return new Promise((resolve, reject) => {
    const played: Played = { messages: [], wallMs: [] };
    const note = (kind: string) => (bytes: Uint8Array, timeNs: number) => {
      played.messages.push(`${kind} ${timeNs} ${new TextDecoder().decode(bytes)}`);
      played.wallMs.push(Math.round(time.ms));
      onMessage?.(player, played.wallMs.length);
    };
    const player = new RecordingPlayer({
      scan,
      speed,
      scheduler: time,
      target: {
        onMessage: note('message'),
        onSnapshot: note('snapshot'),
        onTimer: (timeNs) => played.messages.push(`timer ${timeNs}`),
        onFinished: () => resolve(played),
        onError: reject,
      },
    });
    player.start();
  });
}

test('plain, gzip and several files play the same messages at every speed; only the wall clock differs', async () => {
  const first = line(0, trade(1)) + line(100, depth) + line(150, snapshot);
  const second = line(400, trade(2)) + line(400, trade(3)) + line(1000, trade(4)).trimEnd();
  const plain = [file('a.txt', first), file('b.txt', second)];
  const mixed = [file('a.gz', gzipSync(first)), plain[1] as string];
  const scan = await scanRecording(plain);
  assert.deepEqual(
    [scan.lines, scan.trades, scan.depth, scan.snapshots, scan.symbol, scan.tickSize, scan.lotSize, scan.durationNs],
    [6, 4, 1, 1, 'BTCUSDT', '0.01', '0.01', 1e9],
  );
  assert.equal(scan.originUs, 1_723_161_253_937_086);
  const instrument = instrumentOfScan(scan, { makerFee: 0.001, takerFee: 0.002 });
  assert.deepEqual([instrument.baseAsset, instrument.quoteAsset, instrument.takerFee], ['BTC', 'USDT', 0.002]);

  const real = await play(scan, 1);
  assert.equal(real.messages.filter((m) => m.startsWith('timer')).length, 20);
  assert.equal(real.messages[0], `message 0 ${trade(1)}`);
  assert.ok(real.messages.includes(`snapshot 150000000 ${snapshot}`));
  assert.ok(real.messages.indexOf('timer 100000000') < real.messages.indexOf(`message 100000000 ${depth}`));
  assert.deepEqual(real.wallMs, [0, 100, 150, 400, 400, 1000]);
  const fast = await play(await scanRecording(mixed), 10);
  assert.deepEqual(fast.messages, real.messages);
  assert.deepEqual(fast.wallMs, [0, 10, 15, 40, 40, 100]);
  const max = await play(scan, 'max');
  assert.deepEqual(max.messages, real.messages);
  assert.equal(max.wallMs.at(-1), 0);
});

test('speed changes and pauses are felt at once; stopping ends everything', async () => {
  const lines = Array.from({ length: 11 }, (_, i) => line(i * 1000, trade(i))).join('');
  const scan = await scanRecording([file('long.txt', lines)]);
  const time = new ManualTime();
  const played = await play(scan, 1, time, (player, count) => {
    if (count === 5) player.setSpeed(100);
  });
  assert.ok(time.longestSleepMs <= 20);
  assert.equal(played.wallMs[4], 4000);
  assert.equal(played.wallMs[10], 4060);

  let calls = 0;
  const player = new RecordingPlayer({
    scan,
    speed: 'max',
    scheduler: new ManualTime(),
    target: {
      onMessage: () => {
        if (++calls === 3) player.stop();
      },
      onSnapshot: () => undefined,
      onFinished: () => assert.fail('finished after stop'),
      onError: (error) => assert.fail(error),
    },
  });
  player.start();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(calls, 3);
  assert.throws(() => player.setSpeed(0), /speed: expected "max" or a number above 0, was 0/);
});

test('what the target throws stops the player and is reported', async () => {
  const scan = await scanRecording([file('throw.txt', line(0, trade(1)) + line(1, trade(2)))]);
  await assert.rejects(
    play(scan, 'max', new ManualTime(), () => {
      throw new Error('journal is full');
    }),
    /journal is full/,
  );
});

test('a recording that cannot be used is refused with one line that names file and reason', async () => {
  const good = line(0, trade(1)) + line(5, trade(2));
  const gz = gzipSync(Buffer.from(good.repeat(200)));
  const flipped = Buffer.from(gz);
  flipped[gz.length >> 1] = (flipped[gz.length >> 1] as number) ^ 0xff;
  const cases: [files: string[], reason: RegExp][] = [
    [[join(folder, 'absent.gz')], /absent\.gz: no such file/],
    [[folder], /expected a file, was a folder/],
    [[file('empty.txt', '')], /empty\.txt: the file is empty/],
    [[file('cut.gz', gz.subarray(0, gz.length - 20))], /cut\.gz: damaged or cut short/],
    [[file('flipped.gz', flipped)], /flipped\.gz: (damaged|line)/],
    [[file('cut.txt', good.slice(0, -30))], /cut\.txt: line 2: the line is cut short/],
    [[file('words.txt', 'hello world\n')], /words\.txt: line 1: expected lines "<local ns> <json>"/],
    [[file('time.txt', good + good.slice(3))], /time\.txt: line 3: expected 19 digits/],
    [[file('tail.txt', `${good.trimEnd()}}\n`)], /tail\.txt: line 2: expected nothing behind the object/],
    [
      [file('two.txt', good + line(9, trade(3, '1', 'ETHUSDT')))],
      /two\.txt: line 3: expected only BTCUSDT, was also ETHUSDT/,
    ],
    [[file('nosnapshot.txt', line(0, depth))], /nosnapshot\.txt: no snapshot/],
    [
      [file('mixed.txt', line(0, depth.replace('"u":2', '"u":2,"pu":1')) + line(1, depth))],
      /mixed\.txt: line 2: expected depth updates with field pu as before, was one without field pu/,
    ],
    [
      [file('late.txt', line(900, trade(1))), file('early.txt', good)],
      /early\.txt: line 1: begins before the file before it ends/,
    ],
    [[file('zip.zip', Buffer.from('PK\u0003\u0004xxxx'))], /zip\.zip: Expected a zip archive, was something else/],
    [[], /at least one recording/],
  ];
  for (const [files, reason] of cases) {
    await assert.rejects(scanRecording(files), (error: Error) => {
      assert.match(error.message, reason);
      assert.equal(error.name, 'RecordingError');
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  }
  const ok = file('ok.txt', good);
  await assert.rejects(scanRecording([ok], { symbol: 'ETHUSDT' }), /expected only ETHUSDT, was also BTCUSDT/);
  await assert.rejects(scanRecording([ok], { tickSize: '0.1' }), /tickSize: expected at least 2 decimals/);
  assert.equal((await scanRecording([ok], { lotSize: '0.00001' })).lotSize, '0.00001');
});

test('public trade files: aggTrades and trades, with and without a header, in ms and in us', async () => {
  const aggregate = '3001,61602.01000000,0.50000000,9001,9003,1735689600123456,True,True';
  const withHeader = `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker,best\r\n${aggregate}\r\n`;
  const scan = await scanRecording([file('BTCUSDT-aggTrades-2025-01-01.csv', withHeader)]);
  assert.deepEqual(
    [scan.format, scan.symbol, scan.lines, scan.trades, scan.depth, scan.tradeStream, scan.originUs, scan.lotSize],
    ['aggTrades', 'BTCUSDT', 1, 1, 0, 'aggTrade', 1735689600123456, '0.1'],
  );
  const json =
    '{"e":"aggTrade","E":1735689600123456,"s":"BTCUSDT","a":3001,"p":"61602.01000000","q":"0.50000000","f":9001,"l":9003,"T":1735689600123456,"m":true}';
  assert.deepEqual((await play(scan, 'max')).messages, [`message 0 ${json}`]);

  const rows = '7,0.35,12,4.2,1633998512100,false,true\n8,0.36,1,0.36,1633998512600,true,true\n';
  const single = await scanRecording([file('NKNUSDT-trades-2021-10-12.csv.gz', gzipSync(rows))]);
  assert.deepEqual([single.format, single.durationNs, single.lotSize, single.tickSize], ['trades', 5e8, '1', '0.01']);
  const played = (await play(single, 'max')).messages.filter((m) => m.startsWith('message'));
  assert.deepEqual(played, [
    'message 0 {"e":"trade","E":1633998512100,"s":"NKNUSDT","t":7,"p":"0.35","q":"12","T":1633998512100,"m":false}',
    'message 500000000 {"e":"trade","E":1633998512600,"s":"NKNUSDT","t":8,"p":"0.36","q":"1","T":1633998512600,"m":true}',
  ]);
  await assert.rejects(scanRecording([file('prices.csv', rows)]), /does not start with a symbol/);
  await assert.rejects(
    scanRecording([file('NKNUSDT-trades-bad.csv', rows.replace('0.36', 'x.36'))]),
    /line 2: price: expected a decimal number/,
  );
});

test('days of silence are played timer by timer, and can be stopped meanwhile', async () => {
  const days = file('days', line(0, snapshot) + line(0, depth) + line(2 * 86_400_000, trade(1)));
  const scan = await scanRecording([days]);
  const timersUntil = (stopAtSlice: number): Promise<number> =>
    new Promise((resolve, reject) => {
      let timers = 0;
      let slices = 0;
      let nowMs = 0;
      const player = new RecordingPlayer({
        scan,
        speed: 'max',
        timerIntervalNs: 1e9,
        scheduler: { nowMs: () => nowMs++, sleep: () => Promise.resolve() },
        target: {
          onMessage: () => undefined,
          onSnapshot: () => undefined,
          onTimer: (timeNs) => {
            assert.equal(timeNs, ++timers * 1e9);
          },
          onSlice: () => {
            if (++slices !== stopAtSlice) return;
            player.stop();
            resolve(timers);
          },
          onFinished: () => resolve(timers),
          onError: reject,
        },
      });
      player.start();
    });
  assert.equal(await timersUntil(Number.POSITIVE_INFINITY), 2 * 86_400);
  const stopped = await timersUntil(2);
  assert.ok(stopped > 0 && stopped < 20_000, `was ${stopped} timers`);
});

test('a line further from the first than counts exactly is refused', async () => {
  const far = file('far', line(0, snapshot) + line(105 * 86_400_000, trade(1)));
  await assert.rejects(scanRecording([far]), /far: line 2: expected a time within 104 days of the first line/);
});

test('a trade file has one row of column names at most: a second is a broken one', async () => {
  const row = '28458,4.000002,1.5,6.000003,1499865549600,false\n';
  const twice = file('BTCUSDT-trades-2.csv', `id,price,qty,quote_qty,time,is_buyer_maker\nb${row}${row}`);
  await assert.rejects(scanRecording([twice]), /line 2: id: expected digits/);
});
