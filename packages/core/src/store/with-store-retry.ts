import { setTimeout as delay } from "node:timers/promises";
import { MongoServerError } from "mongodb";
import { explainStoreFailure, isSocketError, isTimeout, isTransient } from "./explain-store-failure.js";
import { adviceOn, retryAfterMs } from "./mongo-error-codes.js";
import { nameOfStore, type StorePlace } from "./store-place.js";

/** The database failed. What was asked for must not be recorded as done. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

const attempts = 4;
/**
 * Each takes a minute, and the driver makes up to two of one. Where no server can be selected it takes 10 s: three are longer than a replica
 * set needs to elect another primary.
 */
const attemptsWhereUnanswered = 3;
const attemptsWhereThrottled = 8;
const longestPauseMs = 5_000;
const longestRetryAfterMs = 30_000;

/**
 * Does something to the database that may be done twice, up to four times where it fails for a moment, and up to eight times where the
 * server limits the rate of requests.
 *
 * @throws StoreError that explains why the database failed
 */
export async function withStoreRetry<Result>(
  store: StorePlace,
  task: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await task();
    } catch (error) {
      if (!isWorthRetry(error, attempt)) {
        throw asStoreError(error, store);
      }
      await pauseBeforeRetry(error, attempt);
    }
  }
}

/** Whether a task that has failed this many times in a row is worth another attempt. */
export function isWorthRetry(error: unknown, attempt: number): boolean {
  const most = isTimeout(error) ? attemptsWhereUnanswered : attempts;
  return isTransient(error) && attempt < (isThrottled(error) ? attemptsWhereThrottled : most);
}

/**
 * Waits between an attempt that failed and the next one: 100, 400, 1,600 ms and so on up to 5 s, or as long as the server asks. The
 * driver has tried twice on its own already.
 */
export async function pauseBeforeRetry(error: unknown, attempt: number): Promise<void> {
  const asked = error instanceof Error ? (retryAfterMs(error.message) ?? 0) : 0;
  const pauseMs = Math.min(100 * 4 ** (attempt - 1), longestPauseMs);
  await delay(Math.max(pauseMs, Math.min(asked, longestRetryAfterMs)));
}

function isThrottled(error: unknown): boolean {
  return error instanceof MongoServerError && adviceOn(error.code, error.message) === "throttled";
}

/** An error of the database in plain words; any other error as it is. */
export function asStoreError(error: unknown, store: StorePlace): unknown {
  if (error instanceof StoreError) {
    return error;
  }
  const message = isSocketError(error)
    ? `The connection to ${nameOfStore(store)} was lost (${error.message}): check the server and the network, then run again; nothing is lost.`
    : explainStoreFailure(error, store);
  return message === undefined ? error : new StoreError(message, { cause: error });
}
