import { expect } from "vitest";
import type { WaitNotice } from "../budget/budget-rules.js";
import { createHttpClient, type HttpClientOptions } from "../http/create-http-client.js";
import type { HttpSettings } from "../http/http-client.js";
import { HttpConnectionError, HttpStatusError } from "../http/http-errors.js";
import type { Logger } from "../log/create-logger.js";
import { createFakeClock } from "./fake-clock.js";

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A client whose waits take no time, and what it told of them. */
export function clientOf(settings: HttpSettings = {}, options: Partial<HttpClientOptions> = {}) {
  const clock = createFakeClock();
  const waits: WaitNotice[] = [];
  let resumed = 0;
  const http = createHttpClient({
    settings,
    log: silent,
    signal: new AbortController().signal,
    onWait: (notice) => waits.push(notice),
    onResume: () => {
      resumed += 1;
    },
    now: clock.now,
    sleep: clock.sleep,
    random: () => 1,
    ...options,
  });
  return { http, clock, waits, resumed: () => resumed };
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable("it was expected to fail"),
    (error: unknown) => error,
  );
}

export async function statusErrorOf(promise: Promise<unknown>): Promise<HttpStatusError> {
  const error = await failureOf(promise);
  if (!(error instanceof HttpStatusError)) {
    throw error;
  }
  return error;
}

export async function connectionErrorOf(promise: Promise<unknown>): Promise<HttpConnectionError> {
  const error = await failureOf(promise);
  if (!(error instanceof HttpConnectionError)) {
    throw error;
  }
  return error;
}
