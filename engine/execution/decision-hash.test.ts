import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Side } from '../contract/units.ts';
import { DecisionHash, DecisionKind } from './decision-hash.ts';

type Decision = Parameters<DecisionHash['add']>;
const base: Decision = [DecisionKind.place, 0, Side.buy, 0, 100, 5, 1, 1e9];

function hashOf(...decisions: Decision[]): string {
  const hash = new DecisionHash();
  for (const decision of decisions) hash.add(...decision);
  return hash.digest();
}

test('equal decisions give an equal hash, every field and the order of decisions matter', () => {
  const other: Decision[] = base.map((value, i) => base.map((v, j) => (i === j ? value + 1 : v)) as Decision);
  const hashes = [hashOf(), hashOf(base), hashOf(base, base), ...other.map((d) => hashOf(d))];
  assert.equal(new Set(hashes).size, hashes.length);
  assert.notEqual(hashOf(base, other[0]!), hashOf(other[0]!, base));
  assert.equal(hashOf(base, other[1]!), hashOf(base, other[1]!));
  assert.match(hashOf(base), /^[0-9a-f]{64}$/);
});

test('reading the hash does not end it, and its value is fixed for all machines', () => {
  const hash = new DecisionHash();
  assert.equal(hash.digest(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  hash.add(...base);
  hash.digest();
  hash.add(...base);
  assert.equal(hash.count, 2);
  assert.equal(hash.digest(), hashOf(base, base));
});

test('however often it is read, the hash is that of all decisions, written one behind the other', () => {
  const often = new DecisionHash();
  const once = new DecisionHash();
  const plain = createHash('sha256');
  for (let i = 0; i < 300; i++) {
    const timeNs = i * 1e6;
    often.add(DecisionKind.place, 3, Side.sell, 4, 100 + i, 5, i, timeNs);
    once.add(DecisionKind.place, 3, Side.sell, 4, 100 + i, 5, i, timeNs);
    if (i % 37 === 0) often.digest();
    const record = Buffer.alloc(56);
    record.set([DecisionKind.place, Side.sell, 4, 0, 3, 0]);
    [100 + i, 5, i, timeNs].forEach((value, k) => {
      record.writeDoubleLE(value, 8 + 8 * k);
    });
    record.writeUInt32LE(i, 40);
    plain.update(record);
  }
  assert.equal(once.digest(), plain.digest('hex'));
  assert.equal(often.digest(), once.digest());
});
