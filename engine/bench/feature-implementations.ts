import { createRequire } from 'node:module';
import { BollingerBands, EMA, RSI, VWAP } from 'trading-signals';
import { ExponentialAverage } from '../market/exponential-average.ts';
import { RelativeStrength } from '../market/relative-strength.ts';
import { RollingDeviation } from '../market/rolling-deviation.ts';
import { VolumeWeightedPrice } from '../market/volume-weighted-price.ts';
import type { FeatureName, LibraryName } from './feature-names.ts';

/**
 * Takes the first `count` prices (and volumes) one by one and puts the feature's value after each into `out[0]`: of the bands
 * the upper one, 0 while there is none. A loop of its own for each, so that all are compiled as they would be in use.
 */
export type Feature = (prices: Float64Array, volumes: Float64Array, count: number, out: Float64Array) => void;

const averagePeriod = 20;
const strengthPeriod = 14;
const bandPeriod = 20;
const bandDeviations = 2;

const ours: Record<FeatureName, () => Feature> = {
  ema: () => {
    const average = new ExponentialAverage(averagePeriod);
    return (prices, _volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        average.add(price);
        out[0] = average.value;
      }
    };
  },
  rsi: () => {
    const strength = new RelativeStrength(strengthPeriod);
    return (prices, _volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        strength.add(price);
        out[0] = strength.value;
      }
    };
  },
  bands: () => {
    const deviation = new RollingDeviation(bandPeriod);
    return (prices, _volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        deviation.add(price);
        out[0] = deviation.band(bandDeviations);
      }
    };
  },
  vwap: () => {
    const average = new VolumeWeightedPrice();
    return (prices, volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        const volume = volumes[i] as number;
        average.add(price, volume);
        out[0] = average.value;
      }
    };
  },
};

const tradingSignals: Record<FeatureName, () => Feature> = {
  ema: () => {
    const average = new EMA(averagePeriod);
    return (prices, _volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        out[0] = average.add(price) ?? 0;
      }
    };
  },
  rsi: () => {
    const strength = new RSI(strengthPeriod);
    return (prices, _volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        out[0] = strength.add(price) ?? 0;
      }
    };
  },
  bands: () => {
    const bands = new BollingerBands(bandPeriod, bandDeviations);
    return (prices, _volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        out[0] = bands.add(price)?.upper ?? 0;
      }
    };
  },
  vwap: () => {
    const average = new VWAP();
    return (prices, volumes, count, out) => {
      for (let i = 0; i < count; i++) {
        const price = prices[i] as number;
        const volume = volumes[i] as number;
        out[0] = average.add({ high: price, low: price, close: price, volume }) ?? 0;
      }
    };
  },
};

/** What of the package is used: its ES module entry does not load in Node, its types are for that entry. */
interface TechnicalIndicators {
  EMA: new (input: { period: number; values: number[] }) => { nextValue(price: number): number | undefined };
  RSI: new (input: { period: number; values: number[] }) => { nextValue(price: number): number | undefined };
  BollingerBands: new (input: {
    period: number;
    stdDev: number;
    values: number[];
  }) => { nextValue(price: number): { upper: number } | undefined };
  VWAP: new (input: {
    high: number[];
    low: number[];
    close: number[];
    volume: number[];
  }) => {
    nextValue(candle: { high: number; low: number; close: number; volume: number }): number | undefined;
  };
}

function technicalIndicators(): Record<FeatureName, () => Feature> {
  const library = createRequire(import.meta.url)('technicalindicators') as TechnicalIndicators;
  return {
    ema: () => {
      const average = new library.EMA({ period: averagePeriod, values: [] });
      return (prices, _volumes, count, out) => {
        for (let i = 0; i < count; i++) {
          const price = prices[i] as number;
          out[0] = average.nextValue(price) ?? 0;
        }
      };
    },
    rsi: () => {
      const strength = new library.RSI({ period: strengthPeriod, values: [] });
      return (prices, _volumes, count, out) => {
        for (let i = 0; i < count; i++) {
          const price = prices[i] as number;
          out[0] = strength.nextValue(price) ?? 0;
        }
      };
    },
    bands: () => {
      const bands = new library.BollingerBands({ period: bandPeriod, stdDev: bandDeviations, values: [] });
      return (prices, _volumes, count, out) => {
        for (let i = 0; i < count; i++) {
          const price = prices[i] as number;
          out[0] = bands.nextValue(price)?.upper ?? 0;
        }
      };
    },
    vwap: () => {
      const average = new library.VWAP({ high: [], low: [], close: [], volume: [] });
      return (prices, volumes, count, out) => {
        for (let i = 0; i < count; i++) {
          const price = prices[i] as number;
          const volume = volumes[i] as number;
          out[0] = average.nextValue({ high: price, low: price, close: price, volume }) ?? 0;
        }
      };
    },
  };
}

export function makeFeature(library: LibraryName, name: FeatureName): Feature {
  const all = library === 'ours' ? ours : library === 'trading-signals' ? tradingSignals : technicalIndicators();
  return all[name]();
}
