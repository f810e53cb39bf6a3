/** How long the server works on an answer. Time that it waits for a slow client does not count. */
export interface WorkLimit {
  /** Aborts when the client hangs up, and with a `TimeoutError` when the time is used up. */
  readonly signal: AbortSignal;
  /** Waits for a part of the work, unless the signal aborts: then it rejects with its reason, and the result of the work is dropped. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Limits the work on one answer.
 *
 * @param client aborts when the client hangs up
 * @param timeoutMs for all parts of the work together
 */
export function limitWork(client: AbortSignal, timeoutMs: number): WorkLimit {
  const late = new AbortController();
  const signal = AbortSignal.any([client, late.signal]);
  let leftMs = timeoutMs;
  return {
    signal,
    async run(work) {
      const start = performance.now();
      const expire = () => late.abort(new DOMException(`no answer after ${timeoutMs} ms`, "TimeoutError"));
      const timer = setTimeout(expire, Math.max(0, leftMs));
      try {
        signal.throwIfAborted();
        return await unlessAborted(signal, work());
      } finally {
        clearTimeout(timer);
        leftMs -= performance.now() - start;
      }
    },
  };
}

async function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
