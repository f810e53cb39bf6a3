import { setTimeout as delay } from "node:timers/promises";

/** Waits. Rejects with the signal's reason as soon as the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Longer waits make Node's timers fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Waits on the real clock. */
export const sleep: Sleep = async (ms, signal) => {
  try {
    await delay(Math.min(Math.max(0, ms), longestTimerMs), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};
