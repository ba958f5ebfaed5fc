import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonCursor } from './json-cursor.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Walks a value with every operation of the cursor and builds what JSON.parse would. */
function build(cursor: JsonCursor, raw: Uint8Array): unknown {
  const first = cursor.peek();
  if (first === 123) {
    cursor.enterObject();
    const object: [string, unknown][] = [];
    while (cursor.nextKey()) {
      const key = JSON.parse(`"${text.decode(raw.subarray(cursor.keyFrom, cursor.keyTo))}"`) as string;
      object.push([key, build(cursor, raw)]);
    }
    return Object.fromEntries(object);
  }
  if (first === 91) {
    cursor.enterArray();
    const list: unknown[] = [];
    while (cursor.nextElement()) list.push(build(cursor, raw));
    return list;
  }
  if (!cursor.readScalar()) return undefined;
  const scalar = text.decode(raw.subarray(cursor.from, cursor.to));
  return JSON.parse(cursor.wasText ? `"${scalar}"` : scalar);
}

test('walking any JSON, compact or spaced, gives what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.boolean(), (value, spaced) => {
      const json = JSON.stringify(value, undefined, spaced ? 2 : undefined);
      const raw = utf8.encode(json);
      const cursor = new JsonCursor();
      cursor.start(raw, 0, raw.length);
      const built = build(cursor, raw);
      assert.ok(cursor.isAtEnd());
      assert.equal(JSON.stringify(built), JSON.stringify(JSON.parse(json)));
      cursor.start(raw, 0, raw.length);
      assert.ok(cursor.skipValue() && cursor.isAtEnd());
    }),
    { numRuns: 500 },
  );
});

test('a text cut short never reads as whole, and nothing throws or hangs on any bytes', () => {
  const whole = utf8.encode('{"topic":"orderbook.50.X","data":{"b":[["1.5","2"],["1.4","0"]],"a":[]},"ts":12}');
  const cursor = new JsonCursor();
  for (let length = 0; length < whole.length; length++) {
    cursor.start(whole, 0, length);
    const done = cursor.skipValue() && cursor.isAtEnd();
    assert.equal(done, false, `${length} bytes`);
  }
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.constantFrom(...'{}[],:"\\0a-. '), { maxLength: 60 }).map((c) => utf8.encode(c.join(''))),
  );
  fc.assert(
    fc.property(noise, (raw) => {
      cursor.start(raw, 0, raw.length);
      let steps = 0;
      const walk = (depth: number): void => {
        assert.ok(++steps < 1000 && depth < 100);
        const first = cursor.peek();
        if (first === 123) {
          cursor.enterObject();
          while (cursor.nextKey()) walk(depth + 1);
        } else if (first === 91) {
          cursor.enterArray();
          while (cursor.nextElement()) walk(depth + 1);
        } else cursor.readScalar();
      };
      walk(0);
      cursor.start(raw, 0, raw.length);
      cursor.skipValue();
    }),
    { numRuns: 3000 },
  );
});

test('commas stand where JSON wants them', () => {
  const cursor = new JsonCursor();
  for (const [json, good] of [
    ['{"a":1,"b":2}', true],
    ['{"a":{},"b":[]}', true],
    ['{"a":1 "b":2}', false],
    ['{,"a":1}', false],
    ['{"a":[1,2],"b":[3]}', true],
    ['{"a":[1 2]}', false],
    ['{"a":[,1]}', false],
    ['{"a":1}}', false],
    ['{"a"1}', false],
  ] as const) {
    const raw = utf8.encode(json);
    cursor.start(raw, 0, raw.length);
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.peek() === 91) {
        cursor.enterArray();
        while (cursor.nextElement()) cursor.readScalar();
      } else cursor.skipValue();
    }
    assert.equal(cursor.isAtEnd(), good, json);
  }
});
