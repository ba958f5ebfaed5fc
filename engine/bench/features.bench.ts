/** One run of one library's features: `features.bench.ts <ours|technicalindicators|trading-signals>`; prints a BenchSample. */
import { allocatedBytesPerEvent, collectGarbage } from './allocated-bytes.ts';
import type { BenchSample } from './bench-result.ts';
import { busyNs } from './busy-clock.ts';
import { type Feature, makeFeature } from './feature-implementations.ts';
import { type FeatureName, featureNames, type LibraryName, libraryNames } from './feature-names.ts';

const values = 200_000;
const measureNs = 150e6;
const warmUpNs = 100e6;
const allocationValues = 20_000;
/** Digits after the point that values must agree in: relative strength of technicalindicators is rounded to two. */
const digits: Record<FeatureName, number> = { ema: 6, rsi: 1, bands: 5, vwap: 6 };

/** Prices of a walk, and volumes. */
function makeSeries(): { prices: Float64Array; volumes: Float64Array } {
  const prices = new Float64Array(values);
  const volumes = new Float64Array(values);
  let state = 1;
  let price = 61_000;
  for (let i = 0; i < values; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    price += ((state >>> 16) - 32_768) / 16_384;
    prices[i] = price;
    volumes[i] = 1 + (state & 1023) / 128;
  }
  return { prices, volumes };
}

function run(library: LibraryName): BenchSample {
  const { prices, volumes } = makeSeries();
  const sink = new Float64Array(1);
  const drive = (feature: Feature, to: number): void => feature(prices, volumes, to, sink);
  const figures: Record<string, number> = {};
  const checksums: Record<string, string> = {};
  let bytesPerEvent = 0;
  for (const name of featureNames) {
    const checked = makeFeature(library, name);
    drive(checked, values);
    checksums[name] = (sink[0] as number).toFixed(digits[name]);
    const feature = makeFeature(library, name);
    const timeFor = (forNs: number): number => {
      const startNs = busyNs();
      let rounds = 0;
      let elapsedNs = 0;
      for (; elapsedNs < forNs; rounds++) {
        drive(feature, values);
        elapsedNs = busyNs() - startNs;
      }
      return elapsedNs / (rounds * values);
    };
    timeFor(warmUpNs);
    collectGarbage();
    figures[name] = 1e3 / timeFor(measureNs);
    bytesPerEvent += allocatedBytesPerEvent(allocationValues, () => drive(feature, allocationValues));
  }
  return { figures, checksums, bytesPerEvent: bytesPerEvent / featureNames.length };
}

const library = process.argv[2] as LibraryName;
if (!libraryNames.includes(library)) throw new RangeError(`Expected one of ${libraryNames.join(', ')}, was ${library}`);
console.log(JSON.stringify(run(library)));
