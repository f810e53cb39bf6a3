import { setTimeout as delay } from "node:timers/promises";
import { explainStoreFailure, isTransient } from "./explain-store-failure.js";
import { StoreWriteError } from "./store-write-error.js";

const attempts = 3;

/**
 * Does something to the database that may be done twice, up to three times where it fails for a moment.
 *
 * @throws StoreWriteError that explains why the database failed
 */
export async function withStoreRetry<Result>(host: string, task: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await task();
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) {
        throw asStoreError(error, host);
      }
      await delay(retryDelayMs(attempt));
    }
  }
}

/** After which pause the attempt after this one is made. The driver has then tried twice on its own already. */
export function retryDelayMs(attempt: number): number {
  return 100 * 4 ** (attempt - 1);
}

/** An error of the database in plain words; any other error as it is. */
export function asStoreError(error: unknown, host: string): unknown {
  const message = error instanceof StoreWriteError ? undefined : explainStoreFailure(error, host);
  return message === undefined ? error : new StoreWriteError(message, { cause: error });
}
