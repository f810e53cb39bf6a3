import { createTurns } from "../async/run-in-turn.js";
import { type Sleep, sleep as sleepOnTheRealClock } from "../async/sleep.js";
import type { RequestQuota } from "../config/quota-setting.js";
import type { BudgetLedger, LedgerVersion } from "./budget-ledger.js";
import {
  addRequest,
  type BudgetState,
  countRemaining,
  forget,
  isAhead,
  learn,
  nextWait,
  redate,
  restore,
  type Spans,
  spanOf,
  takeBack,
  type WaitNotice,
} from "./budget-rules.js";

interface RequestBudgetOptions {
  /** The ledger remembers it by this key: one per upstream. */
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

/** Makes the budget of one upstream. The ledger is read when it is first needed. */
export function createRequestBudget({
  key,
  quota,
  ledger,
  now = () => new Date(),
  sleep = sleepOnTheRealClock,
}: RequestBudgetOptions): RequestBudget {
  const inTurn = createTurns();
  const clock = () => now().getTime();
  let spans: Spans = { spanMs: spanOf(quota), pauseMs: spanOf(quota), lessons: 0 };
  const memory = createMemory({ key, ledger, clock, spans: () => spans });

  async function take(signal: AbortSignal, onWait?: (notice: WaitNotice) => void): Promise<number> {
    let announced = 0;
    for (;;) {
      signal.throwIfAborted();
      const wait = await memory.change(
        (state, at) => nextWait(state, quota, at) ?? addRequest(state, at),
        true,
      );
      if (!("reason" in wait)) {
        return wait.sentAt.at(-1) ?? clock();
      }
      if (wait.until.getTime() > announced) {
        announced = wait.until.getTime();
        onWait?.(wait);
      }
      await sleep(wait.until.getTime() - clock(), signal);
    }
  }

  return {
    acquire: (signal, onWait) => inTurn(() => take(signal, onWait), signal),
    async unsent(acquiredAt) {
      await memory.change((state) => takeBack(state, acquiredAt));
    },
    async throttled(retryAfterMs) {
      const waitMs = retryAfterMs ?? spans.spanMs;
      spans = { ...spans, pauseMs: Math.max(spans.spanMs, waitMs) };
      let isLesson = false;
      await memory.change((state, at) => {
        const after = learn(state, quota, { at, waitMs, spans });
        isLesson = after.isLesson;
        return after.state;
      });
      spans = { ...spans, lessons: spans.lessons + (isLesson ? 1 : 0) };
    },
    remaining: async () => countRemaining(await memory.read(), quota),
  };
}

/** As it was saved last, and what has changed since. */
interface Remembered {
  state: BudgetState;
  readonly version: LedgerVersion;
  /** Whether times lay in the future, and count from now on: what the ledger has must be written anew. */
  isMoved: boolean;
}

interface MemoryOptions extends Pick<RequestBudgetOptions, "key" | "ledger"> {
  readonly clock: () => number;
  readonly spans: () => Spans;
}

/** The state of a budget, read once and saved with every change; where another run has saved meanwhile, a change is made again. */
function createMemory({ key, ledger, clock, spans }: MemoryOptions) {
  const inTurn = createTurns();
  const never = new AbortController().signal;
  let loading: Promise<Remembered> | undefined;

  async function load(): Promise<Remembered> {
    const { state, version } = await ledger.load(key);
    return { state: restore(state, clock(), spans()), version, isMoved: false };
  }

  /** As it is now. */
  async function recall(): Promise<Remembered> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    const known = await loading;
    const at = clock();
    known.isMoved ||= isAhead(known.state, at);
    known.state = forget(known.state, at, spans());
    return known;
  }

  /** @returns undefined where another run has saved meanwhile: then it is read again */
  async function save(known: Remembered, state: BudgetState, addsRequest: boolean) {
    // Until it is saved, only the ledger knows what is.
    loading = undefined;
    const change = { since: known.version, addsRequest: addsRequest && !known.isMoved };
    const version = await ledger.save(key, state, change);
    if (version === undefined) {
      return undefined;
    }
    const saved = { state: addsRequest ? redate(state, clock()) : state, version, isMoved: false };
    loading = Promise.resolve(saved);
    return saved.state;
  }

  return {
    read: async () => (await recall()).state,
    /** @returns what was saved, or what `update` said to wait for in place of a change */
    change(update: (state: BudgetState, at: number) => BudgetState | WaitNotice, addsRequest = false) {
      return inTurn(async (): Promise<BudgetState | WaitNotice> => {
        for (;;) {
          const known = await recall();
          const changed = update(known.state, clock());
          const done = "reason" in changed ? changed : await save(known, changed, addsRequest);
          if (done !== undefined) {
            return done;
          }
        }
      }, never);
    },
  };
}
