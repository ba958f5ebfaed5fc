import type { RequestBudget } from '../../../venue/request-budget.ts';
import type { VenueLimits } from '../../../venue/venue-limits.ts';
import { fetchAnswer, retryAfterMs, statusError } from '../venue-request.ts';

export type RestAnswer = { ok: true; body: Uint8Array } | { ok: false; reason: string; retryAfterMs: number };

/** Several that were told to wait for the same moment must not all come at it. */
const SPREAD_MS = 1_000;

/**
 * A public document of a venue within its request budget. Never rejects: what went wrong is one line, with how long the
 * venue (or the budget) wants to be left alone, 0 where it does not care.
 */
export async function requestOfVenue(
  url: string,
  weight: number,
  budget: RequestBudget,
  limits: VenueLimits,
  timeoutMs = 10_000,
): Promise<RestAnswer> {
  const waitMs = budget.take(weight, Date.now());
  if (waitMs > 0) {
    const reason = `the venue's request budget is used up for ${Math.ceil(waitMs / 1_000)} s`;
    return { ok: false, reason, retryAfterMs: waitMs + Math.random() * SPREAD_MS };
  }
  try {
    const answer = await fetchAnswer(url, timeoutMs);
    const { status, headers } = answer;
    const used = Number(limits.usedWeightHeader === '' ? 0 : headers[limits.usedWeightHeader]);
    if (used > 0) budget.onUsed(used, Date.now());
    const pauseMs = limits.refusals[status];
    if (pauseMs !== undefined) {
      const untilMs = budget.onRefused(Math.max(pauseMs, retryAfterMs(headers)), Date.now());
      return { ok: false, reason: statusError(url, answer), retryAfterMs: untilMs + Math.random() * SPREAD_MS };
    }
    budget.onAnswered();
    if (status === 200) return { ok: true, body: answer.body };
    return { ok: false, reason: statusError(url, answer), retryAfterMs: retryAfterMs(headers) };
  } catch (error) {
    return { ok: false, reason: (error as Error).message, retryAfterMs: 0 };
  }
}
