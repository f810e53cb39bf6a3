import { sendFollowingRedirects } from "./follow-redirects.js";
import type { HttpContext, HttpRequest, HttpResponse } from "./http-client.js";
import { HttpConnectionError } from "./http-errors.js";
import { parseRetryAfter } from "./parse-retry-after.js";
import { type BodyReader, type RequestSender, showFault } from "./send-request.js";

const defaultRetries = 4;
const baseDelayMs = 500;
const longestDelayMs = 30_000;
/** A longer `Retry-After` fails the request; the next run may try again. */
const longestRetryAfterMs = 60 * 60 * 1000;
/** In a row, for one request. */
const mostThrottles = 10;
/** A page in place of an answer mostly stays, where the address is wrong or somebody has to log in. */
const mostFaultyAnswers = 3;
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504]);

/** What is requested until a usable answer comes. */
export interface Exchange {
  /** The request of the next attempt. */
  request(): HttpRequest;
  /** Reads answers in place of keeping them as text, and is cut off by an interruption. */
  readonly read?: BodyReader;
  /** Whether 304 is an answer and not an error. */
  readonly takesNotModified?: boolean;
}

/** What `sendWithRetries` does for one address. */
export type SendExchange = (exchange: Exchange) => Promise<HttpResponse>;

interface RetryContext extends HttpContext {
  readonly sender: RequestSender;
}

/**
 * Sends a request until an answer comes that can be used: retry with exponential back-off and full jitter, `Retry-After`.
 *
 * @returns the answer, with a status of 2xx, or 304 where the exchange takes it
 * @throws HttpStatusError, HttpConnectionError: what came last, where the request is not to be sent again
 * @throws the reason of the signal
 */
export async function sendWithRetries(
  context: RetryContext,
  url: URL,
  exchange: Exchange,
): Promise<HttpResponse> {
  const { sender, settings, signal, stats } = context;
  const failures = { count: 0, faultyAnswers: 0 };
  let throttles = 0;
  for (;;) {
    signal.throwIfAborted();
    const request = exchange.request();
    const outcome = await outcomeOf(sendFollowingRedirects(sender, settings, url, request, exchange.read));
    if (!(outcome instanceof HttpConnectionError) && isThrottle(request, outcome)) {
      stats.throttled += 1;
      throttles += 1;
      await waitForThrottle(context, request, outcome, throttles);
      continue;
    }
    throttles = 0;
    if (outcome instanceof HttpConnectionError) {
      failures.count += 1;
      await waitAfterCut(context, request, outcome, failures.count);
    } else if (exchange.takesNotModified === true && outcome.status === 304) {
      return withAttempts(outcome, failures.count);
    } else if (!isSuccess(outcome)) {
      failures.count += 1;
      await waitAfterRefusal(context, request, outcome, failures.count);
    } else {
      const fault = request.findFault?.(outcome);
      if (fault === undefined) {
        return withAttempts(outcome, failures.count);
      }
      failures.count += 1;
      failures.faultyAnswers += 1;
      await waitAfterFault(context, request, outcome, fault, failures);
    }
    stats.retries += 1;
  }
}

function withAttempts(answer: HttpResponse, failures: number): HttpResponse {
  return failures === 0 ? answer : { ...answer, attempts: failures + 1 };
}

/** A failed connection is an outcome like any answer; other errors are not. */
async function outcomeOf(answer: Promise<HttpResponse>): Promise<HttpResponse | HttpConnectionError> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpConnectionError) {
      return error;
    }
    throw error;
  }
}

async function waitForThrottle(
  context: RetryContext,
  request: HttpRequest,
  response: HttpResponse,
  throttles: number,
): Promise<void> {
  const { sender, budget } = context;
  const retryAfterMs = retryAfterOf(context, response);
  const delayMs = backoffMs(context, throttles);
  const pauseMs = retryAfterMs === undefined ? undefined : Math.max(retryAfterMs, delayMs);
  await budget?.throttled(pauseMs === undefined ? undefined : Math.min(pauseMs, longestRetryAfterMs));
  if (throttles > mostThrottles) {
    throw sender.refusal(request, response, {
      advice: `still after ${mostThrottles} waits: try again later`,
    });
  }
  refuseLongWait(context, request, response, retryAfterMs);
  if (budget === undefined) {
    await wait(
      context,
      "throttled",
      pauseMs ?? delayMs,
      `${hostOf(response)} answered ${response.status} (too many requests)`,
    );
  }
}

/** These throw what the caller gets where the request is not to be sent again. */
async function waitAfterCut(
  context: RetryContext,
  request: HttpRequest,
  error: HttpConnectionError,
  failures: number,
): Promise<void> {
  const isFinal = failures > mostRetries(context) || mayNotRepeat(request, error.code === "ETIMEDOUT");
  if (!error.retryable || isFinal) {
    throw failures > 1 ? withNote(error, describeAttempts(failures)) : error;
  }
  await wait(context, "retry", backoffMs(context, failures), error.happened);
}

async function waitAfterRefusal(
  context: RetryContext,
  request: HttpRequest,
  response: HttpResponse,
  failures: number,
): Promise<void> {
  const retryAfterMs = retryAfterOf(context, response);
  refuseLongWait(context, request, response, retryAfterMs);
  const tookTooLong = response.status === 502 || response.status === 504;
  const isFinal = failures > mostRetries(context) || mayNotRepeat(request, tookTooLong);
  if (!retryableStatuses.has(response.status) || isFinal) {
    const attempts = failures > 1 ? [describeAttempts(failures)] : [];
    const until = retryAfterMs ? [`${describeWait(context, retryAfterMs)}: try again then`] : [];
    const advice = [...attempts, ...until].join("; ");
    throw context.sender.refusal(request, response, advice === "" ? {} : { advice });
  }
  const pauseMs = Math.max(retryAfterMs ?? 0, backoffMs(context, failures));
  await wait(context, "retry", pauseMs, `${hostOf(response)} answered ${response.status}`);
}

async function waitAfterFault(
  context: RetryContext,
  request: HttpRequest,
  response: HttpResponse,
  fault: string,
  { count, faultyAnswers }: { readonly count: number; readonly faultyAnswers: number },
): Promise<void> {
  if (count > mostRetries(context) || faultyAnswers >= mostFaultyAnswers) {
    throw context.sender.refusal(request, response, {
      fault,
      ...(count > 1 && { advice: describeAttempts(count) }),
    });
  }
  const shown = showFault(context.settings, request, response, fault);
  await wait(context, "retry", backoffMs(context, count), `${hostOf(response)} sent ${shown}`);
}

function refuseLongWait(
  context: RetryContext,
  request: HttpRequest,
  response: HttpResponse,
  retryAfterMs: number | undefined,
): void {
  if (retryAfterMs !== undefined && retryAfterMs > longestRetryAfterMs) {
    throw context.sender.refusal(request, response, {
      advice: `${describeWait(context, retryAfterMs)}, longer than the maximum wait of an hour: try again then`,
    });
  }
}

async function wait(
  { signal, onWait, onResume, sleep, now }: RetryContext,
  reason: "throttled" | "retry",
  ms: number,
  message: string,
): Promise<void> {
  signal.throwIfAborted();
  if (ms > 0) {
    onWait?.({ reason, until: new Date(now().getTime() + ms), message });
    await sleep(ms, signal);
    onResume?.();
  }
}

function mostRetries({ settings }: RetryContext): number {
  return settings.retries ?? defaultRetries;
}

/** Full jitter: anything from 0 to the exponential delay, so that clients that failed together do not come back together. */
function backoffMs({ random }: RetryContext, failures: number): number {
  return random() * Math.min(longestDelayMs, baseDelayMs * 2 ** (failures - 1));
}

function retryAfterOf({ now }: RetryContext, response: HttpResponse): number | undefined {
  return parseRetryAfter(response.headers.get("retry-after"), now());
}

function describeWait({ now }: RetryContext, retryAfterMs: number): string {
  const until = new Date(now().getTime() + retryAfterMs);
  const time = Number.isNaN(until.getTime()) ? "a day far ahead" : until.toISOString();
  return `it asks to wait until ${time}`;
}

function describeAttempts(attempts: number): string {
  return `given up after ${attempts} attempts`;
}

function withNote(error: HttpConnectionError, note: string): HttpConnectionError {
  return new HttpConnectionError(`${error.message} (${note})`, error.url, error.code, error.retryable, {
    wasSent: error.wasSent,
  });
}

function mayNotRepeat(request: HttpRequest, tookTooLong: boolean): boolean {
  return tookTooLong && request.retryTimeouts === false;
}

function isThrottle(request: HttpRequest, answer: HttpResponse): boolean {
  return answer.status === 429 || request.isThrottled?.(answer) === true;
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

function hostOf(response: HttpResponse): string {
  return new URL(response.url).host;
}
