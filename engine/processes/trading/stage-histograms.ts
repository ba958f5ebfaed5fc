import type { StageSummaries } from '../../contract/trading-messages.ts';
import { LatencyHistogram } from '../../core/histogram.ts';
import { type StageName, stageNames } from '../../core/stages.ts';

export type StageHistograms = Record<StageName, LatencyHistogram>;

/** One always-on histogram a stage of the hot path, ns. */
export function createStageHistograms(): StageHistograms {
  return Object.fromEntries(stageNames.map((name) => [name, new LatencyHistogram()])) as StageHistograms;
}

export function summarize(stages: StageHistograms): StageSummaries {
  return Object.fromEntries(stageNames.map((name) => [name, stages[name].summary()]));
}
