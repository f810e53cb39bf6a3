import { unlessAborted } from "./unless-aborted.js";

/** Runs a task once all tasks before it have ended. Rejects at once, without running it, when the signal aborts first. */
type RunInTurn = <Result>(task: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/** Makes a queue that runs one task at a time, in order. */
export function createTurns(): RunInTurn {
  let last: Promise<unknown> = Promise.resolve();

  return async (task, signal) => {
    const before = last;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    last = before.then(() => ended);
    try {
      signal.throwIfAborted();
      await unlessAborted(signal, before);
      return await task();
    } finally {
      end();
    }
  };
}
