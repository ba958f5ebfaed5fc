import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { RecordingError } from './recording-reader.ts';
import { RecordingPlayer } from './recording-player.ts';
import { scanRecording } from './recording-scan.ts';
import type { RecordingScan, RecordingScanOptions } from './scanned-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'captures-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Everything that a target is told, in order, as text. */
function play(scan: RecordingScan): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const played: string[] = [];
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const player = new RecordingPlayer({
      scan,
      speed: 'max',
      timerIntervalNs: 0,
      scheduler: { nowMs: () => 0, sleep: () => Promise.resolve() },
      target: {
        onMessage: (bytes, timeNs) => played.push(`${timeNs / 1e6} ${text(bytes)}`),
        onSnapshot: (bytes, timeNs, symbol) => played.push(`${timeNs / 1e6} snapshot ${symbol} ${text(bytes)}`),
        onSnapshotFailed: (symbol, timeNs, reason) => played.push(`${timeNs / 1e6} failed ${symbol} ${reason}`),
        onReopened: (timeNs, reason) => played.push(`${timeNs / 1e6} ${reason}`),
        onFinished: () => resolve(played),
        onError: reject,
      },
    });
    player.start();
  });
}

const depth = (symbol: string, more = '') =>
  `{"stream":"x@depth","data":{"e":"depthUpdate","E":1,"s":"${symbol}","U":1,"u":2${more},"b":[["1.50","0.250"]],"a":[]}}`;
const ticker = (symbol: string) =>
  `{"data":{"u":1,"s":"${symbol}","b":"1.5","B":"2","a":"1.75","A":"0.0125"},"stream":"x"}`;
const snapshot = '{"lastUpdateId":1,"bids":[["1.505","1"]],"asks":[]}';
const http = (symbol: string) => `https://api.binance.com/api/v3/depth?symbol=${symbol}&limit=1000`;
const SOCKET = 'wss://stream.binance.com:9443/stream?streams=x';

const messages: Record<string, string> = {
  kraken: '[1,{"as":[["10.500","2.00","1.000000"]],"bs":[]},"book-10","XBT/USD"]',
  okx: '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["10.5","2","0","1"]],"bids":[],"ts":"1652459236212"}]}',
  bybit:
    '{"topic":"orderbook.50.XRPUSDT","type":"snapshot","ts":1733011200691,"data":{"s":"XRPUSDT","b":[],"a":[["10.5","2"]],"u":1}}',
  upbit: '{"ty":"orderbook","cd":"KRW-BTC","tms":1618678262640,"obu":[{"ap":1.05E1,"bp":10.0,"as":2.0,"bs":1.0}]}',
  'binance-spot': depth('BTCUSDT'),
  'binance-usdm': depth('BTCUSDT', ',"pu":1'),
  'binance-coinm': depth('BTCUSD_PERP', ',"pu":1'),
};

describe('scan of a capture', () => {
  it('tells every protocol by its messages, with symbol and steps; what contradicts is an error with file and line', async () => {
    for (const [protocol, message] of Object.entries(messages)) {
      const name = protocol.toUpperCase();
      const isBinance = protocol.startsWith('binance');
      const answer = isBinance ? `${http(/"s":"(\w+)"/.exec(message)?.[1] as string)} -> 6: ${snapshot}\n` : '';
      const path = file(`${name}.ws.1.0`, `wss://venue/public <-> 4.5\n5: ${message}\n5.5: ${message}\n${answer}`);
      const scan = await scanRecording([path]);
      assert.equal(scan.protocol, protocol);
      assert.deepEqual([scan.depth, scan.originUs, scan.durationNs], [2, 4.5e6, isBinance ? 1.5e9 : 1e9], protocol);
      assert.equal(scan.tickSize, isBinance ? '0.001' : '0.1', protocol);
      assert.equal(scan.lotSize, isBinance ? '0.01' : '1', protocol);
      assert.equal((await scanRecording([path], { protocol: scan.protocol })).protocol, protocol);
      for (const other of Object.keys(messages) as (keyof typeof messages)[]) {
        if (other === protocol) continue;
        const options = { protocol: other } as RecordingScanOptions;
        await assert.rejects(scanRecording([path], options), (error: Error) => {
          assert.ok(error instanceof RecordingError);
          assert.match(error.message, new RegExp(`^${path}: line 2: expected `), `${protocol} as ${other}`);
          assert.ok(error.message.includes(other), error.message);
          return true;
        });
      }
    }
    const spot = file('SPOT.ws.1.0', `wss://stream.bybit.com/v5/public/spot <-> 4.5\n5: ${messages['bybit']}\n`);
    assert.equal((await scanRecording([spot])).protocol, 'bybit-spot');
    assert.equal((await scanRecording([join(folder, 'KRAKEN.ws.1.0')])).bookDepth, 10);
  });

  it('takes in what lies beside the sockets, plays connections and answers by time, and keeps the list apart', async () => {
    const sockets = file('B1.ws.1.0', `${SOCKET} <-> 5\n5.001: ${depth('AAABTC')}\n5.003: ${ticker('BBBBTC')}\n`);
    const other = file('B1.ws.2.0.gz', gzipSync(`${SOCKET} <-> 5.0005\n5.002: ${depth('BBBBTC')}\n`));
    const list = 'https://api.binance.com/api/v3/exchangeInfo';
    file('B1.0', `${list} -> 4: {"symbols":[]}\nconfiguration: {"l2_book":["AAA-BTC"]}\n`);
    file(
      'B1.http.0.0',
      `${http('BBBBTC')} -> 5.004: ${snapshot}\n${http('AAABTC')} -> 5.005: {"code":-1003,"msg":"no"}\n`,
    );
    const scan = await scanRecording([sockets, other], { symbol: 'BBBBTC' });
    assert.deepEqual(scan.files, [sockets, other]);
    assert.deepEqual(
      scan.played.map((path) => path.slice(folder.length + 1)),
      ['B1.ws.1.0', 'B1.ws.2.0.gz', 'B1.http.0.0'],
    );
    assert.deepEqual(
      scan.instruments.map(({ symbol, tickSize, lotSize }) => [symbol, tickSize, lotSize]),
      [
        ['AAABTC', '0.1', '0.01'],
        ['BBBBTC', '0.001', '0.0001'],
      ],
    );
    assert.deepEqual([scan.symbol, scan.depth, scan.tickers, scan.snapshots, scan.sockets], ['BBBBTC', 2, 1, 1, 2]);
    // The list is of a second before: time begins with what is played.
    assert.deepEqual([scan.originUs, scan.durationNs], [5e6, 5e6]);
    assert.deepEqual(
      scan.answers.map(({ where, url }) => [where, url]),
      [[`${join(folder, 'B1.0')}: line 1`, list]],
    );
    assert.deepEqual(await play(scan), [
      `1 ${depth('AAABTC')}`,
      `2 ${depth('BBBBTC')}`,
      `3 ${ticker('BBBBTC')}`,
      `4 snapshot BBBBTC ${snapshot}`,
      '5 failed AAABTC the venue answered {"code":-1003,"msg":"no"}',
    ]);
    // Named, they are not taken twice.
    const named = await scanRecording([sockets, join(folder, 'B1.0'), join(folder, 'B1.http.0.0')]);
    assert.equal(named.lines, scan.lines - 1);
    await assert.rejects(
      scanRecording([sockets], { symbol: 'CCCBTC' }),
      /expected a recording of CCCBTC, was of AAABTC, BBBBTC/,
    );
    await assert.rejects(
      scanRecording([sockets], { tickSize: '0.001' }),
      /tickSize: expected only with a recording of one symbol/,
    );
  });

  it('a connection opened anew is told; a last line that was cut is left out and named', async () => {
    const okx = messages['okx'] as string;
    const text = `wss://o <-> 1\n2: ${okx}\nwss://o <-> 3\n4: pong\n5: ${okx}\n6: ${okx}`;
    const whole = await scanRecording([file('whole.0', text)]);
    assert.deepEqual([whole.lines, whole.cutLines], [4, []]);
    for (const cut of [1, 30, okx.length, okx.length + 2]) {
      const path = file('cut.0', text.slice(0, text.length - cut));
      const scan = await scanRecording([path]);
      assert.deepEqual([scan.lines, scan.cutLines], [3, [`${path}: line 6`]], `${cut} bytes less`);
      assert.deepEqual(await play(scan), [
        `1000 ${okx}`,
        '2000 the recorder connected anew',
        '3000 pong',
        `4000 ${okx}`,
      ]);
    }
    // Cut in the middle of the file is no cut: it is damage.
    await assert.rejects(
      scanRecording([file('broken.0', `1: ${okx.slice(0, -9)}\n2: ${okx}\n`)]),
      /broken\.0: line 1: expected a JSON message \(broken\), was "\{"arg"/,
    );
    const python = `1: b'${okx}'\n2: b'{"arg":{"channel":"trades","instId":"\\xed\\x95\\x9c"},"data":[]}'\n3: b'${okx.slice(0, -5)}`;
    const bytes = await scanRecording([file('python.0', python)]);
    assert.deepEqual([bytes.lines, bytes.cutLines.length], [2, 1]);
    assert.deepEqual((await play(bytes))[1], '1000 {"arg":{"channel":"trades","instId":"한"},"data":[]}');
  });

  it("bare messages, one a line: the time is the venue's and never goes back", async () => {
    const at = (ts: number) => (messages['bybit'] as string).replace('1733011200691', String(ts));
    const path = file(
      'x.data',
      `${at(1733011200700)}\r\n\n${at(1733011200650)}\n{"op":"pong"}\n${at(1733011200790)}\n{"to`,
    );
    const scan = await scanRecording([path]);
    assert.deepEqual([scan.protocol, scan.format, scan.lines, scan.durationNs], ['bybit', 'messages', 4, 9e7]);
    assert.deepEqual(scan.cutLines, [`${path}: line 6`]);
    assert.deepEqual(await play(scan), [
      `0 ${at(1733011200700)}`,
      `0 ${at(1733011200650)}`,
      '0 {"op":"pong"}',
      `90 ${at(1733011200790)}`,
    ]);
    await assert.rejects(
      scanRecording([file('none.data', '{"op":"pong"}\n')]),
      /none\.data: line 1: expected a message with the venue's time/,
    );
  });

  it('refuses in one line what it cannot play', async () => {
    const bybit2 = '{"topic":"orderBookL2_25.BTCUSD","type":"snapshot","data":[]}';
    const cases: [name: string, text: string, reason: RegExp][] = [
      ['old.0', `5: ${bybit2}\n`, /old\.0: line 1: expected Bybit v5, was its old API/],
      [
        'v2.0',
        '5: {"channel":"book","type":"snapshot","data":[]}\n',
        /v2\.0: line 1: expected WebSocket v1 of Kraken, was v2/,
      ],
      [
        'two.0',
        `5: ${messages['okx']}\n6: ${messages['kraken']}\n`,
        /two\.0: line 2: expected a message of okx as before, was one of kraken/,
      ],
      [
        'mixed.0',
        `5: ${depth('AB')}\n6: ${depth('AB', ',"pu":1')}\n`,
        /mixed\.0: line 2: expected depth updates all with or all without/,
      ],
      ['bare.0', `5: ${depth('AB')}\n`, /bare\.0: no snapshot/],
      [
        'others.0',
        '5: {"type":"l2update","product_id":"BTC-USD"}\n',
        /others\.0: holds no market data of a known protocol/,
      ],
      ['silent.0', 'wss://a <-> 5\n', /silent\.0: holds no message/],
      [
        'nobody.0',
        `5: ${messages['okx']?.replace('"BTC-USDT"', '7')}\n`,
        /nobody\.0: line 1: expected a symbol, was none/,
      ],
      ['stream.0', `5: ${messages['okx']}\n1723161253937085768 {}\n`, /stream\.0:2: expected "<epoch seconds>/],
    ];
    for (const [name, text, reason] of cases) {
      await assert.rejects(scanRecording([file(name, text)]), (error: Error) => {
        assert.ok(error instanceof RecordingError, String(error));
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
  });
});

describe('a capture of one line, cut', () => {
  it('is refused by its name', async () => {
    const path = file('stump', '1618678132.5: {"eve');
    await assert.rejects(
      scanRecording([path]),
      (error) => error instanceof RecordingError && /stump:1: /.test(error.message),
    );
  });
});

describe('times of a capture', () => {
  it('refuses a line further from the first than counts exactly', async () => {
    const path = file('far', `1618678132.5: ${messages['kraken']}\n19618678132.5: ${messages['kraken']}\n`);
    await assert.rejects(scanRecording([path]), /far: line 2: expected a time within 104 days of the first line/);
  });
});
