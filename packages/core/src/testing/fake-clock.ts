import type { Sleep } from "../async/sleep.js";

export interface FakeClock {
  readonly now: () => Date;
  /** Moves the clock on instead of waiting. */
  readonly sleep: Sleep;
  /** How long each wait was. */
  readonly sleeps: readonly number[];
  /** Time that has really passed. */
  elapsedMs(): number;
  pass(ms: number): void;
  /** Sets the clock, without time passing. */
  adjust(ms: number): void;
}

/** A clock that only moves when it is told to or when somebody waits on it. */
export function createFakeClock(start = Date.UTC(2026, 10, 1)): FakeClock {
  let elapsed = 0;
  let offset = start;
  const sleeps: number[] = [];
  return {
    now: () => new Date(offset + elapsed),
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      await Promise.resolve();
      sleeps.push(ms);
      elapsed += ms;
    },
    sleeps,
    elapsedMs: () => elapsed,
    pass: (ms) => {
      elapsed += ms;
    },
    adjust: (ms) => {
      offset += ms;
    },
  };
}
