export const featureNames = ['ema', 'rsi', 'bands', 'vwap'] as const;
export type FeatureName = (typeof featureNames)[number];
export const libraryNames = ['ours', 'technicalindicators', 'trading-signals'] as const;
export type LibraryName = (typeof libraryNames)[number];
