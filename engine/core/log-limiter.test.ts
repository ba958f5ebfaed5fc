import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogLimiter } from './log-limiter.ts';

test('a million lines in ten seconds are eleven, and none is left uncounted', () => {
  const limiter = new LogLimiter();
  const written: string[] = [];
  const write = (line: string | undefined): void => {
    if (line !== undefined) written.push(line);
  };
  const count = 1_000_000;
  for (let i = 0; i < count; i++) write(limiter.line(`bad ${i}`, (i * 10e9) / count));
  write(limiter.rest(10.5e9));
  write(limiter.rest(20e9));
  assert.equal(written.length, 11);
  assert.equal(written[0], 'bad 0');
  const counted = written.reduce((sum, line) => {
    const rest = /\((?:and )?(\d+) (more before|such lines)\)/.exec(line);
    return sum + (rest === null ? 1 : Number(rest[1]) + (rest[2] === 'more before' ? 1 : 0));
  }, 0);
  assert.equal(counted, count);
});

test('lines that are rare are written as they are', () => {
  const limiter = new LogLimiter();
  assert.equal(limiter.line('a', 0), 'a');
  assert.equal(limiter.rest(1e9), undefined);
  assert.equal(limiter.line('b', 1e9), 'b');
  assert.equal(limiter.line('c', 1.5e9), undefined);
  assert.equal(limiter.rest(1.9e9), undefined);
  assert.equal(limiter.rest(2e9), 'c');
});
