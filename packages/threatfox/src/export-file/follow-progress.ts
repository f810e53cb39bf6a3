/** A page without records, for the progress bar. */
export interface ProgressPage {
  readonly records: readonly [];
  readonly bytes: { readonly read: number; readonly total: number };
}

interface TellableProgress {
  readonly read: number;
  readonly total: number | undefined;
}

/**
 * Starts something that tells how far it is by calling a function, and passes that on as pages, where the length is known. Returns what it came to.
 *
 * @throws what it throws
 */
export async function* followProgress<Result>(
  start: (onProgress: (progress: TellableProgress) => void) => Promise<Result>,
): AsyncGenerator<ProgressPage, Result> {
  let latest: TellableProgress | undefined;
  let wake = () => {};
  let isDone = false;
  const result = start((progress) => {
    latest = progress;
    wake();
  }).finally(() => {
    isDone = true;
    wake();
  });
  // A reader that has stopped gets no more progress.
  result.catch(() => {});
  while (!isDone) {
    const { read, total } = latest ?? {};
    latest = undefined;
    if (read !== undefined && total !== undefined) {
      yield { records: [], bytes: { read, total } };
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return result;
}
