import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type CaptureEntry, readCryptofeed } from './cryptofeed-reader.ts';
import { decodePythonBytes } from './python-bytes.ts';
import { dataFolder, skipReason } from './recorded-day.test-support.ts';
import { RecordingError } from './recording-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'cryptofeed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(files: string | readonly string[]): Promise<CaptureEntry[]> {
  const all: CaptureEntry[] = [];
  for await (const entry of readCryptofeed(files)) all.push(entry);
  return all;
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const textOf = (entry: CaptureEntry | undefined) => new TextDecoder().decode(entry?.bytes);
const ascii = (text: string) => new TextEncoder().encode(text);

describe('cryptofeed reader', () => {
  it('tells the five kinds of line apart, with exact times', async () => {
    const file = write(
      'kinds.0',
      'wss://x.y/ws?a=1 <-> 1618678132.3858151\n' +
        'wss://x.y/ws?a=1 <- 1618678132.8253062: {"op":"a -> b"}\n' +
        '1618678133: [1]\r\n' +
        '1618678133.5: {"e": "configuration: "}\n\n' +
        'https://x.y/z -> 1618678134.000000001: {"a":"b: c"}\n' +
        'configuration: {"trades":[]}',
    );
    const all = await readAll(file);
    assert.deepEqual(
      all.map((e) => [e.kind, e.timeNs, e.epochUs, e.url, textOf(e)]),
      [
        ['opened', 0, 1618678132385815, 'wss://x.y/ws?a=1', ''],
        ['sent', 439491100, 1618678132825306, 'wss://x.y/ws?a=1', '{"op":"a -> b"}'],
        ['message', 614184900, 1618678133000000, '', '[1]'],
        ['message', 1114184900, 1618678133500000, '', '{"e": "configuration: "}'],
        ['http', 1614184901, 1618678134000000, 'https://x.y/z', '{"a":"b: c"}'],
        ['configuration', 1614184901, 1618678134000000, '', '{"trades":[]}'],
      ],
    );
  });

  it('merges files by time', async () => {
    const a = write('a.0', '5.25: a1\n7: a2\n');
    const b = write('b.0', 'http://h -> 5: b1\nhttp://h -> 7: b2\nhttp://h -> 9: b3\n');
    const all = await readAll([a, b]);
    assert.deepEqual(
      all.map((e) => [textOf(e), e.timeNs]),
      [
        ['b1', 0],
        ['a1', 25e7],
        ['a2', 2e9],
        ['b2', 2e9],
        ['b3', 4e9],
      ],
    );
  });

  it('names file and line of what it cannot read', async () => {
    for (const bad of [
      'hello',
      '12x: {}',
      '12.: {}',
      '12.5 {}',
      'wss://x <-> 12.5: {}',
      'wss://x <= 12.5: {}',
      "7: b'a",
    ]) {
      const file = write('bad.0', `1.5: {}\n\n${bad}\n`);
      await assert.rejects(readAll(file), (error: Error) => {
        assert.ok(error instanceof RecordingError, String(error));
        assert.ok(error.message.startsWith(`${file}:3: `), error.message);
        return true;
      });
    }
    await assert.rejects(readAll(join(folder, 'absent')), /absent: no such file/);
  });

  it('unescapes Python byte strings to the bytes', () => {
    const decode = (text: string) => [...decodePythonBytes(ascii(text))];
    assert.deepEqual(decode("b'a\"b'"), [97, 34, 98]);
    assert.deepEqual(decode('b"it\'s"'), [...ascii("it's")]);
    assert.deepEqual(decode("b'\\xed\\x95\\x9C\\\\x41\\'\\n\\t'"), [0xed, 0x95, 0x9c, 92, 120, 52, 49, 39, 10, 9]);
    for (const bad of ["b'a", "b'", "b'\\x4'", "b'\\q'", "b'a'b'", "b'\\\\'b'", "b'é'"])
      assert.throws(() => decode(bad), RangeError, bad);
  });

  it('reads every recorded capture to the end', { skip: skipReason }, async () => {
    // Lines that are not blank, by kind: message, sent, http, opened, configuration.
    const expected: [string, number][] = [
      ['kraken/KRAKEN.ws.50.0', 4323],
      ['okx/OKX.ws.1.0', 414],
      ['upbit/UPBIT.ws.62.0', 451],
      ['upbit/UPBIT.0', 2],
      ['bitstamp/BITSTAMP.http.0.0', 10],
    ];
    for (const [name, count] of expected) {
      const all = await readAll(dataFolder + name);
      assert.equal(all.length, count, name);
      for (const entry of all) {
        assert.ok(entry.timeNs >= 0 && Number.isSafeInteger(entry.timeNs), name);
        if (entry.kind !== 'opened') assert.doesNotThrow(() => JSON.parse(textOf(entry)), name);
      }
    }
  });
});
