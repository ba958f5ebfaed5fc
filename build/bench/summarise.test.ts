import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bench, BenchImplementation } from '../../engine/bench/bench-result.ts';
import { median, summarise } from './summarise.ts';

const implementation = (label: string): BenchImplementation => ({ label, script: '', args: [], nodeFlags: [] });
const [ours, peer] = [implementation('ours'), implementation('peer 1.0')];
const bench: Bench = { name: 'x', ours, peers: [peer], rows: [{ figure: 'rate', unit: 'M/s', better: 'higher' }] };
const sample = (rate: number, sum = 'a') => ({ figures: { rate }, checksums: { result: sum }, bytesPerEvent: rate });

test('the ratio is the median of the ratios run by run', () => {
  const rows = summarise(
    bench,
    new Map([
      [ours, [sample(10), sample(40), sample(30)]],
      [peer, [sample(5), sample(10), sample(30)]],
    ]),
  );
  assert.deepEqual(rows, [
    {
      name: 'x',
      ours: 30,
      peer: 10,
      peerName: 'peer 1.0',
      ratio: 2,
      unit: 'M/s',
      better: 'higher',
      spread: [1, 4],
      runs: 3,
      bytesPerEvent: 30,
      peerBytesPerEvent: 10,
    },
  ]);
});

test('different results for the same work are an error that names both', () => {
  const samples = new Map([
    [ours, [sample(10)]],
    [peer, [sample(10, 'b')]],
  ]);
  assert.throws(() => summarise(bench, samples), /expected the same result, was a \(ours\) and b \(peer 1\.0\)/);
});

test('median of an even count is the middle of two', () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), RangeError);
});

test('what is added is the median of the differences run by run', () => {
  const [row] = summarise(
    { ...bench, rows: [{ figure: 'rate', unit: 'us', better: 'lower', added: true }] },
    new Map([
      [ours, [sample(10), sample(40), sample(30)]],
      [peer, [sample(5), sample(10), sample(30)]],
    ]),
  );
  assert.deepEqual(row?.added, { median: 5, spread: [0, 30] });
});

test('the overall row is a geometric mean against the best peer of each figure', () => {
  const other = implementation('other');
  const rows = [
    { figure: 'x', unit: 'M/s', better: 'higher' as const },
    { figure: 'y', unit: 'M/s', better: 'higher' as const },
  ];
  const of = (x: number, y: number) => [{ figures: { x, y }, checksums: {} }];
  const summary = summarise(
    { name: 'both', ours, peers: [peer, other], rows, geometricMean: true },
    new Map([
      [ours, of(8, 50)],
      [peer, of(2, 1)],
      [other, of(1, 2)],
    ]),
  );
  const overall = summary.at(-1);
  assert.equal(overall?.name, 'both');
  assert.ok(Math.abs((overall?.ratio ?? 0) - 10) < 1e-9, `expected sqrt(4 * 25), was ${overall?.ratio}`);
});
