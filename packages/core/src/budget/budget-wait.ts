import type { RequestQuota } from "../config/quota-setting.js";
import type { BudgetState } from "./budget-ledger.js";
import type { WaitNotice } from "./wait-notice.js";

/** For how long a request counts: upstreams measure when it arrives, not when it is sent, and time on the way may differ. */
export function spanOf({ windowMs }: RequestQuota): number {
  return windowMs + Math.min(2_000, windowMs / 20);
}

/** How long one more request has to wait; undefined where it may be sent now. */
export function nextWait(state: BudgetState, quota: RequestQuota, at: number): WaitNotice | undefined {
  const spanMs = spanOf(quota);
  const throttledUntil = state.throttledUntil ?? 0;
  const quotaFreeAt = freeAt(state.sentAt, quota.requests, spanMs);
  const learnedFreeAt =
    state.learned === undefined
      ? 0
      : Math.min(freeAt(sentSinceLearned(state), state.learned.requests, spanMs), state.learned.until);
  const until = Math.ceil(Math.max(throttledUntil, quotaFreeAt, learnedFreeAt));
  if (until <= at) {
    return undefined;
  }
  if (until === Math.ceil(throttledUntil)) {
    return {
      reason: "throttled",
      until: new Date(until),
      message: "the upstream answered 429 (too many requests)",
    };
  }
  const limit = learnedFreeAt > quotaFreeAt ? (state.learned?.requests ?? quota.requests) : quota.requests;
  return {
    reason: "budget",
    until: new Date(until),
    message: `the budget of ${limit} requests in ${quota.windowMs / 1000} s is used up`,
  };
}

/** How many requests could be sent now. */
export function countRemaining(state: BudgetState, quota: RequestQuota): number {
  if (state.throttledUntil !== undefined) {
    return 0;
  }
  const learned = state.learned?.requests ?? quota.requests;
  return Math.max(
    0,
    Math.min(quota.requests - state.sentAt.length, learned - sentSinceLearned(state).length),
  );
}

/** Those that count under the limit that a 429 has shown. */
export function sentSinceLearned(state: BudgetState): number[] {
  const since = state.learned?.since ?? 0;
  return state.sentAt.filter((sent) => sent >= since);
}

/** When one more request fits under a limit. */
function freeAt(sentAt: readonly number[], limit: number, spanMs: number): number {
  const leaves = sentAt.at(-limit);
  return sentAt.length < limit || leaves === undefined ? 0 : leaves + spanMs;
}
