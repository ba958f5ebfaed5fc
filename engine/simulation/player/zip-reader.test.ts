import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../core/crc32.ts';
import { dataFolder, skipReason } from './recorded-day.test-support.ts';
import { isZip, openZip, ZipError } from './zip-reader.ts';

interface Planned {
  name: string;
  content: Uint8Array;
  deflated: boolean;
}

/** Writes an archive by the format's description, apart from the reader. */
function makeZip(files: readonly Planned[], comment = ''): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, deflated } of files) {
    const data = deflated ? deflateRawSync(content) : Buffer.from(content);
    const nameBytes = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(deflated ? 8 : 0, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, nameBytes, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), shared, rest, nameBytes]));
    body.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...body, central, end, Buffer.from(comment)]);
}

const sample = makeZip([
  { name: 'a.txt', content: Buffer.from('hello '.repeat(50)), deflated: true },
  { name: 'folder/', content: new Uint8Array(0), deflated: false },
  { name: 'folder/b', content: Buffer.from('plain'), deflated: false },
]);

test('files come out as they went in, stored or deflated, with a comment behind or without', () => {
  const files = fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,8}$/),
      content: fc.uint8Array({ maxLength: 300 }),
      deflated: fc.boolean(),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(files, fc.stringMatching(/^[a-z ]{0,40}$/), (planned, comment) => {
      const read = openZip(makeZip(planned, comment)).map((entry) => [entry.name, Buffer.from(entry.read())]);
      assert.deepEqual(
        read,
        planned.map(({ name, content }) => [name, Buffer.from(content)]),
      );
    }),
    { numRuns: 100 },
  );
});

test('folders are left out and an archive is told by its first bytes', () => {
  assert.deepEqual(
    openZip(sample).map(({ name, size }) => [name, size]),
    [
      ['a.txt', 300],
      ['folder/b', 5],
    ],
  );
  assert.equal(isZip(sample), true);
  assert.equal(isZip(Buffer.from('{"topic":1}')), false);
  assert.equal(isZip(Buffer.from('PK')), false);
});

test('a damaged archive is an error in words or reads rightly: never another error, never wrong bytes', () => {
  const truth = new Map(openZip(sample).map((entry) => [entry.name, Buffer.from(entry.read())]));
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(sample.length), (at, flip, cut) => {
      for (const broken of [Buffer.from(sample), Buffer.from(sample.subarray(0, cut))]) {
        if (broken.length === sample.length) broken[at] = (broken[at] as number) ^ flip;
        try {
          for (const entry of openZip(broken)) {
            const data = Buffer.from(entry.read());
            if (truth.has(entry.name)) assert.ok(data.equals(truth.get(entry.name) as Buffer));
          }
        } catch (error) {
          assert.ok(error instanceof ZipError, String(error));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('what is not supported says so', () => {
  const change = (offset: number, value: number) => {
    const bytes = Buffer.from(sample);
    const central = bytes.indexOf('PK\x01\x02', 0, 'latin1');
    bytes.writeUInt16LE(value, central + offset);
    return bytes;
  };
  assert.throws(() => openZip(change(8, 1)), /^ZipError: a\.txt: expected a file in the clear, was encrypted/);
  assert.throws(() => openZip(change(10, 14)), /^ZipError: a\.txt: expected method 0 .* was 14/);
  assert.throws(() => openZip(Buffer.from('nothing')), /^ZipError: Expected a zip archive/);
  assert.throws(() => openZip(change(24, 299)).map((entry) => entry.read()), /^ZipError: a\.txt: /);
});

test('the recorded Bybit archive', { skip: skipReason }, () => {
  const entries = openZip(readFileSync(`${dataFolder}bybit/xrpusdt-ob500.data.zip`));
  assert.deepEqual(
    entries.map(({ name, size }) => [name, size]),
    [['2024-12-01_XRPUSDT_ob500.data', 80382]],
  );
  const text = new TextDecoder().decode(entries[0]?.read());
  assert.equal(text.trimEnd().split('\n').length, 50);
});
