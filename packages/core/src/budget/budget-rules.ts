import { z } from "zod";
import type { RequestQuota } from "../config/quota-setting.js";

/**
 * What is remembered of a request budget. Times are milliseconds since the epoch. A part that makes no sense is left
 * out, so that a damaged record costs one 429 at most and no run.
 */
const budgetState = z
  .object({
    /** When requests were sent, oldest first. */
    sentAt: z.array(z.number()).catch(() => []),
    /** Until when the upstream asked us, by a 429, to send nothing. */
    throttledUntil: z.number().optional().catch(undefined),
    /** A limit that a 429 has shown. */
    learned: z
      .object({
        requests: z.number().int().min(1),
        /** Requests sent from then on count. */
        since: z.number(),
        /** Then the limit is forgotten. */
        until: z.number(),
      })
      .optional()
      .catch(undefined),
  })
  .catch(() => ({ sentAt: [] }));

export type BudgetState = z.output<typeof budgetState>;

/** A wait before a request is sent. */
export interface WaitNotice {
  /** `budget`: our own quota is used up; `throttled`: the upstream said 429; `retry`: back-off after a failure. */
  readonly reason: "budget" | "throttled" | "retry";
  readonly until: Date;
  /** One line for people, without secrets. */
  readonly message: string;
}

/** How long things count. */
export interface Spans {
  /** For how long a request counts. */
  readonly spanMs: number;
  /** The longest that a 429 can make us wait. */
  readonly pauseMs: number;
  /** How often this run has learned a limit: it is kept for twice as long each time. */
  readonly lessons: number;
}

/** For how long a request counts: upstreams measure when it arrives, not when it is sent, and time on the way may differ. */
export function spanOf({ windowMs }: RequestQuota): number {
  return windowMs + Math.min(2_000, windowMs / 20);
}

/** Reads a saved state of any age. A limit in it applies no longer than one that is learned now. */
export function restore(saved: unknown, at: number, spans: Spans): BudgetState {
  const { sentAt, learned, ...state } = budgetState.parse(saved);
  const latest = at + spans.pauseMs + lessonMs(spans);
  return {
    ...state,
    sentAt: sentAt.sort((one, other) => one - other),
    learned: learned && { ...learned, until: Math.min(learned.until, latest) },
  };
}

/** Leaves out what no longer counts. Where the clock was set back, waits start anew from now instead of growing. */
export function forget(state: BudgetState, at: number, { spanMs, pauseMs }: Spans): BudgetState {
  const until = Math.min(state.throttledUntil ?? 0, at + pauseMs);
  const throttledUntil = until > at ? until : undefined;
  const { learned } = state;
  return {
    sentAt: state.sentAt.filter((sent) => at - sent < spanMs).map((sent) => Math.min(sent, at)),
    throttledUntil,
    learned:
      learned === undefined || learned.until <= at
        ? undefined
        : { ...learned, since: Math.min(learned.since, throttledUntil ?? at) },
  };
}

/** Whether times lie in the future: the clock was set back. */
export function isAhead({ sentAt }: BudgetState, at: number): boolean {
  return (sentAt.at(-1) ?? at) > at;
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
    const message = "the upstream answered 429 (too many requests)";
    return { reason: "throttled", until: new Date(until), message };
  }
  const limit = learnedFreeAt > quotaFreeAt ? (state.learned?.requests ?? quota.requests) : quota.requests;
  const message = `request budget used (${limit} per ${quota.windowMs / 1000} s)`;
  return { reason: "budget", until: new Date(until), message };
}

export function addRequest(state: BudgetState, at: number): BudgetState {
  return { ...state, sentAt: [...state.sentAt, at] };
}

/** The last request is sent when it is saved, which may have taken a moment. */
export function redate({ sentAt, ...state }: BudgetState, at: number): BudgetState {
  return { ...state, sentAt: [...sentAt.slice(0, -1), Math.max(sentAt.at(-1) ?? at, at)] };
}

/** Takes back the request that was let through then. */
export function takeBack(state: BudgetState, acquiredAt: number): BudgetState {
  const index = state.sentAt.findLastIndex((sent) => sent <= acquiredAt);
  return { ...state, sentAt: state.sentAt.filter((_, at) => at !== index) };
}

/** After a 429: nothing is sent for a while, and how many requests went through before is the limit from then on. */
export function learn(
  state: BudgetState,
  quota: RequestQuota,
  { at, waitMs, spans }: { readonly at: number; readonly waitMs: number; readonly spans: Spans },
): { readonly state: BudgetState; readonly isLesson: boolean } {
  const passed = sentSinceLearned(state).length - 1;
  const until = Math.max(state.throttledUntil ?? 0, at + waitMs);
  const isLesson = passed >= 1;
  const learned = isLesson
    ? {
        requests: Math.min(passed, quota.requests, state.learned?.requests ?? passed),
        since: until,
        until: until + lessonMs(spans),
      }
    : state.learned;
  return { state: { ...state, throttledUntil: until, learned }, isLesson };
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

/** For how long a limit is kept. */
function lessonMs({ spanMs, lessons }: Spans): number {
  return spanMs * 2 ** Math.min(lessons, 10);
}

/** Those that count under the limit that a 429 has shown. */
function sentSinceLearned(state: BudgetState): number[] {
  const since = state.learned?.since ?? 0;
  return state.sentAt.filter((sent) => sent >= since);
}

/** When one more request fits under a limit. */
function freeAt(sentAt: readonly number[], limit: number, spanMs: number): number {
  const leaves = sentAt.at(-limit);
  return sentAt.length < limit || leaves === undefined ? 0 : leaves + spanMs;
}
