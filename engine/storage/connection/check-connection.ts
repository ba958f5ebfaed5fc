import type { ConnectionReport } from '../../contract/connection-report.ts';
import { connectionFailure } from './connection-failure.ts';

/** Longest time for a whole check, ms. */
export const CHECK_TIMEOUT_MS = 5_000;
const ROUND_TRIPS = 5;

/** An open connection for one check. */
export interface CheckedServer {
  roundTrip(): Promise<unknown>;
  examine(): Promise<Pick<ConnectionReport, 'versions' | 'lacks'>>;
}

/**
 * Runs a check within a time; a failure is part of the report, never thrown.
 * @param close cuts the connection off, whatever state it is in
 */
export async function checkConnection(
  open: () => Promise<CheckedServer>,
  close: () => void,
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<ConnectionReport> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  const work = examineServer(open);
  try {
    return await Promise.race([work, limit]);
  } catch (error) {
    const { message } = error as Error;
    return { failure: connectionFailure(error as Error), detail: message, latencyMs: 0, versions: [], lacks: [] };
  } finally {
    clearTimeout(timer);
    close();
    // The loser of the race must not end as an unhandled rejection.
    work.catch(() => undefined);
  }
}

async function examineServer(open: () => Promise<CheckedServer>): Promise<ConnectionReport> {
  const server = await open();
  const examined = await server.examine();
  const timesMs: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const from = performance.now();
    await server.roundTrip();
    timesMs.push(performance.now() - from);
  }
  timesMs.sort((a, b) => a - b);
  return { failure: 'none', detail: '', latencyMs: timesMs[ROUND_TRIPS >> 1] as number, ...examined };
}
