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
      await untilAborted(before, signal);
      return await task();
    } finally {
      end();
    }
  };
}

/** Waits for a promise, or rejects with the signal's reason. */
async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
