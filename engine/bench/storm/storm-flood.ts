import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageSummaries } from '../../contract/trading-messages.ts';
import { compareExecutions, type LagSummary, readJournalLag, summarizeLag } from './journal-lag.ts';
import {
  type EngineProcess,
  setRate,
  startStormProcesses,
  type StormProcesses,
  stormExecutions,
  stormStatus,
  waitUntilTrading,
} from './storm-processes.ts';
import type { ProbeSample } from './trading-probe.ts';

/** At the storm's own rate, unmeasured: the compiler is done, buffers have grown. */
const warmUpMs = 5_000;
/** The journal stands still for so long: nothing is under way any more. */
const settledMs = 1_000;
const settleLimitMs = 60_000;

export interface FloodRow {
  name: 'storm';
  messagesPerSecond: number;
  seconds: number;
  meanMessageBytes: number;
  messages: { sent: number; received: number; missing: number };
  executions: { sent: number; journalled: number; missing: number; repeated: number; unknown: number };
  orders: number;
  lagUs: LagSummary;
  /** Most bytes the kernel had not taken from the sender. */
  maxBacklogBytes: number;
  trading: {
    /** CPU of all threads: does not depend on what else runs. */
    cpuUsPerMessage: number;
    loopUtilization: number;
    collections: number;
    longestCollectionMs: number;
    heapUsedMb: { first: number; last: number };
    rssMb: number;
    journalMb: number;
  };
  latencyNs: StageSummaries;
  passed: { noExecutionLost: boolean; noMessageLost: boolean; lagFlat: boolean };
}

/** Without a page: full rate for so many seconds, then everything is compared with the journal. */
export async function runFlood(
  messagesPerSecond: number,
  seconds: number,
  log: (line: string) => void,
): Promise<FloodRow> {
  const dataDir = await mkdtemp(join(tmpdir(), 'christmas-storm-'));
  let processes: StormProcesses | undefined;
  try {
    processes = await startStormProcesses(dataDir, { periodMs: 1_000, forced: false });
    const { trading, url } = processes;
    const probes: ProbeSample[] = [];
    trading.on((event) => {
      if (event.type !== 'stormProbe') return;
      probes.push(event);
      log(
        `heap ${mb(event.heapUsedBytes)} MB, CPU ${(event.cpuMs / 10).toFixed(0)} %, loop ${(event.utilization * 100).toFixed(0)} %, ${event.collections} collections, longest ${event.longestCollectionMs.toFixed(1)} ms`,
      );
    });
    await waitUntilTrading(url);
    await setRate(url, messagesPerSecond);
    await sleep(warmUpMs);
    probes.length = 0;
    const phase = (await setRate(url, messagesPerSecond)).phases.at(-1);
    if (phase === undefined) throw new Error('Expected a phase, was none');
    log(`storm of ${messagesPerSecond} messages/s for ${seconds} s`);
    await sleep(seconds * 1_000);
    const { maxBacklogBytes, meanBytes } = await stormStatus(url);
    const after = await setRate(url, 0);
    const till = after.phases.at(-1)?.firstIndex ?? 0;
    const measured = [...probes];
    await untilSettled(trading);
    const sent = await stormExecutions(url);
    const report = await trading.report();
    await processes.stop();

    const found = readJournalLag(join(dataDir, 'journal'), phase, till);
    const compared = compareExecutions(sent, found.executions);
    const lagUs = summarizeLag(found.lagBySecond.slice(0, seconds));
    return {
      name: 'storm',
      messagesPerSecond,
      seconds,
      meanMessageBytes: Math.round(meanBytes),
      messages: { sent: till - phase.firstIndex, received: found.received, missing: found.missing },
      executions: { sent: sent.length, journalled: found.executions.length, ...compared },
      orders: report.orders.sent,
      lagUs,
      maxBacklogBytes,
      trading: {
        cpuUsPerMessage: mean(measured.map((probe) => probe.cpuMs)) * (1e3 / messagesPerSecond),
        loopUtilization: mean(measured.map((probe) => probe.utilization)),
        collections: measured.reduce((sum, probe) => sum + probe.collections, 0),
        longestCollectionMs: Math.max(0, ...measured.map((probe) => probe.longestCollectionMs)),
        heapUsedMb: { first: mb(measured[0]?.heapUsedBytes ?? 0), last: mb(measured.at(-1)?.heapUsedBytes ?? 0) },
        rssMb: mb(measured.at(-1)?.rssBytes ?? 0),
        journalMb: mb(report.journal.bytes),
      },
      latencyNs: report.latencyNs,
      passed: {
        noExecutionLost: sent.length > 0 && compared.missing + compared.repeated + compared.unknown === 0,
        noMessageLost: found.missing === 0,
        lagFlat: lagUs.isFlat,
      },
    };
  } finally {
    await processes?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** What is late is not lost: waits until nothing more is journalled but the timer. */
async function untilSettled(trading: EngineProcess): Promise<void> {
  const untilMs = Date.now() + settleLimitMs;
  let records = -1;
  while (Date.now() < untilMs) {
    const { journal } = await trading.report();
    // The timer writes 20 records a second.
    if (journal.records - records < 100) return;
    records = journal.records;
    await sleep(settledMs);
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mb(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
