/** One run of one matching engine: `match.bench.ts <ours|nodejs-order-book> <mixed|resting>`; prints a BenchSample. */
import { createHash } from 'node:crypto';
import { allocatedBytesPerEvent, collectGarbage } from './allocated-bytes.ts';
import type { BenchSample } from './bench-result.ts';
import { busyNs } from './busy-clock.ts';
import { type BenchMatcher, makeMatcher, type MatcherName, matcherNames } from './match-implementations.ts';
import { loadMatchWorkload, type MatchMode, type MatchWorkload, matchModes } from './match-workload.ts';

const operations = 300_000;
const warmUpOperations: Record<MatcherName, number> = { ours: 300_000, 'nodejs-order-book': 60_000 };
/** Ours is done before the clock has moved: the same operations again, on a fresh engine each time. */
const repetitions: Record<MatcherName, number> = { ours: 12, 'nodejs-order-book': 1 };
/** Small enough that no collection runs in between. */
const allocationOperations = 10_000;

function drive(matcher: BenchMatcher, from: number, to: number): void {
  for (let i = from; i < to; i++) matcher.apply(i);
}

function filled(name: MatcherName, workload: MatchWorkload): BenchMatcher {
  const matcher = makeMatcher(name, workload);
  drive(matcher, 0, workload.fillCount);
  return matcher;
}

async function run(name: MatcherName, mode: MatchMode): Promise<BenchSample> {
  const warmUp = await loadMatchWorkload(mode, warmUpOperations[name], 2);
  for (let i = 0; i < 2; i++) drive(filled(name, warmUp), warmUp.fillCount, warmUp.count);

  const workload = await loadMatchWorkload(mode, operations + allocationOperations);
  const end = workload.count - allocationOperations;
  let elapsedNs = 0;
  let matcher = filled(name, workload);
  let checksum = '';
  for (let repetition = 0; repetition < repetitions[name]; repetition++) {
    if (repetition > 0) matcher = filled(name, workload);
    collectGarbage();
    const startNs = busyNs();
    drive(matcher, workload.fillCount, end);
    elapsedNs += busyNs() - startNs;
    if (repetition === 0) checksum = createHash('sha256').update(matcher.orders().join('\n')).digest('hex');
  }
  const bytesPerEvent = allocatedBytesPerEvent(allocationOperations, () => drive(matcher, end, workload.count));
  const rate = (operations * repetitions[name]) / (elapsedNs / 1e3);
  return { figures: { rate }, checksums: { 'resting orders at the end': checksum }, bytesPerEvent };
}

const [name, mode] = process.argv.slice(2) as [MatcherName, MatchMode];
if (!matcherNames.includes(name)) throw new RangeError(`Expected one of ${matcherNames.join(', ')}, was ${name}`);
if (!matchModes.includes(mode)) throw new RangeError(`Expected one of ${matchModes.join(', ')}, was ${mode}`);
console.log(JSON.stringify(await run(name, mode)));
