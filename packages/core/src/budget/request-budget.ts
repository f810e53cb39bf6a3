import { createTurns } from "../async/run-in-turn.js";
import { type Sleep, sleep as sleepOnTheRealClock } from "../async/sleep.js";
import type { RequestQuota } from "../config/quota-setting.js";
import type { BudgetLedger, BudgetState, LedgerVersion } from "./budget-ledger.js";
import { budgetState } from "./budget-ledger.js";
import { countRemaining, nextWait, sentSinceLearned, spanOf } from "./budget-wait.js";
import type { WaitNotice } from "./wait-notice.js";

interface RequestBudgetOptions {
  /** Under which the ledger remembers it: one per upstream. */
  readonly key: string;
  readonly quota: RequestQuota;
  readonly ledger: BudgetLedger;
  readonly now?: () => Date;
  readonly sleep?: Sleep;
}

/** Keeps requests inside an upstream's quota, across runs, those that go on at once included. */
export interface RequestBudget {
  /**
   * Resolves when a request may be sent, which is then counted and saved already: a crash cannot forget one.
   * A burst up to the limit is let through; after it, each waits until the oldest has left the window.
   * Requests are let through one after the other, in the order in which they asked.
   *
   * @returns when it was let through, in milliseconds since the epoch
   * @throws the signal's reason, at once, where it aborts; what the ledger throws where nothing can be saved
   */
  acquire(signal: AbortSignal, onWait?: (notice: WaitNotice) => void): Promise<number>;
  /** Takes back a request that never left this machine, since its upstream does not count it. */
  unsent(acquiredAt: number): Promise<void>;
  /**
   * Tells of a 429. Nothing is sent for as long as the upstream asks for, or, where it does not say, until its window has surely
   * passed. How many requests went through before is the limit from then on: the quota may be smaller than we were
   * told. It is forgotten after a window, since others behind the same address may have used up the rest; each time
   * it is learned again it is kept for twice as long.
   */
  throttled(retryAfterMs?: number): Promise<void>;
  /** How many requests could be sent at this moment without waiting. */
  remaining(): Promise<number>;
}

/** As it was saved last, and what has changed since. */
interface Remembered {
  readonly state: BudgetState;
  readonly version: LedgerVersion;
  /** Whether times lay in the future, and count from now on: the clock was set back. */
  isMoved: boolean;
}

interface Spans {
  /** For how long a request counts. */
  readonly spanMs: number;
  /** The longest that a 429 can make us wait. */
  readonly pauseMs: number;
}

/** Drops what no longer counts. Where the clock was set back, waits start anew from now instead of growing. */
function forget(known: Remembered, at: number, { spanMs, pauseMs }: Spans): void {
  const { state } = known;
  known.isMoved ||= (state.sentAt.at(-1) ?? at) > at;
  state.sentAt = state.sentAt.filter((sent) => at - sent < spanMs).map((sent) => Math.min(sent, at));
  if (state.throttledUntil !== undefined) {
    state.throttledUntil = Math.min(state.throttledUntil, at + pauseMs);
    if (state.throttledUntil <= at) {
      delete state.throttledUntil;
    }
  }
  if (state.learned !== undefined) {
    state.learned.since = Math.min(state.learned.since, state.throttledUntil ?? at);
    if (state.learned.until <= at) {
      delete state.learned;
    }
  }
}

/** Makes the budget of one upstream. The ledger is read when it is first needed. */
export function createRequestBudget({
  key,
  quota,
  ledger,
  now = () => new Date(),
  sleep = sleepOnTheRealClock,
}: RequestBudgetOptions): RequestBudget {
  const spanMs = spanOf(quota);
  const inTurn = createTurns();
  const changeInTurn = createTurns();
  const never = new AbortController().signal;
  let loading: Promise<Remembered> | undefined;
  /** The longest that a 429 can make us wait. */
  let pauseMs = spanMs;
  let lessons = 0;

  async function load(): Promise<Remembered> {
    const { state: saved, version } = await ledger.load(key);
    const state = budgetState.parse(saved);
    const at = now().getTime();
    state.sentAt.sort((a, b) => a - b);
    if (state.learned !== undefined) {
      state.learned.until = Math.min(state.learned.until, at + pauseMs + spanMs * 2 ** Math.min(lessons, 10));
    }
    return { state, version, isMoved: false };
  }

  function remembered(): Promise<Remembered> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  /**
   * Changes what is remembered, and saves it; where another run has saved meanwhile, once more from there.
   *
   * @param update changes the state, or returns a wait, and then nothing is saved
   */
  function change(
    update: (state: BudgetState, at: number) => WaitNotice | undefined,
    { addsRequest }: { readonly addsRequest: boolean },
  ): Promise<WaitNotice | undefined> {
    return changeInTurn(async () => {
      for (;;) {
        const known = await remembered();
        const at = now().getTime();
        forget(known, at, { spanMs, pauseMs });
        const wait = update(known.state, at);
        if (wait !== undefined) {
          return wait;
        }
        // Until it is saved, only the ledger knows what is.
        loading = undefined;
        const { state, version: since, isMoved } = known;
        const version = await ledger.save(key, state, { since, addsRequest: addsRequest && !isMoved });
        if (version !== undefined) {
          loading = Promise.resolve({ state, version, isMoved: false });
          return undefined;
        }
      }
    }, never);
  }

  async function take(signal: AbortSignal, onWait?: (notice: WaitNotice) => void): Promise<number> {
    let announced = 0;
    for (;;) {
      signal.throwIfAborted();
      const wait = await change(send, { addsRequest: true });
      if (wait === undefined) {
        return dateLastRequest();
      }
      if (wait.until.getTime() > announced) {
        announced = wait.until.getTime();
        onWait?.(wait);
      }
      await sleep(wait.until.getTime() - now().getTime(), signal);
    }
  }

  function send(state: BudgetState, at: number): WaitNotice | undefined {
    const wait = nextWait(state, quota, at);
    if (wait === undefined) {
      state.sentAt.push(at);
    }
    return wait;
  }

  /** It is sent when it is saved, which may have taken a moment. */
  async function dateLastRequest(): Promise<number> {
    const { state } = await remembered();
    const at = now().getTime();
    const sent = Math.max(state.sentAt.pop() ?? at, at);
    state.sentAt.push(sent);
    return sent;
  }

  return {
    acquire: (signal, onWait) => inTurn(() => take(signal, onWait), signal),

    async unsent(acquiredAt) {
      await change(
        ({ sentAt }) => {
          const index = sentAt.findLastIndex((sent) => sent <= acquiredAt);
          if (index >= 0) {
            sentAt.splice(index, 1);
          }
          return undefined;
        },
        { addsRequest: false },
      );
    },

    async throttled(retryAfterMs) {
      const waitMs = retryAfterMs ?? spanMs;
      pauseMs = Math.max(spanMs, waitMs);
      let isLesson = false;
      await change(
        (state, at) => {
          const passed = sentSinceLearned(state).length - 1;
          const until = Math.max(state.throttledUntil ?? 0, at + waitMs);
          state.throttledUntil = until;
          isLesson = passed >= 1;
          if (isLesson) {
            state.learned = {
              requests: Math.min(passed, quota.requests, state.learned?.requests ?? passed),
              since: until,
              until: until + spanMs * 2 ** Math.min(lessons, 10),
            };
          }
          return undefined;
        },
        { addsRequest: false },
      );
      lessons += isLesson ? 1 : 0;
    },

    async remaining() {
      const known = await remembered();
      forget(known, now().getTime(), { spanMs, pauseMs });
      return countRemaining(known.state, quota);
    },
  };
}
