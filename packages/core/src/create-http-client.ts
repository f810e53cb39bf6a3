import { downloadToFile } from "./download-to-file.js";
import { explainForeignRedirect, showRedirectTarget } from "./explain-redirect.js";
import { findProxy, proxySecrets } from "./find-proxy.js";
import { hideUrlSecrets } from "./hide-url-secrets.js";
import type { HttpClient, HttpRequest, HttpResponse, HttpSettings, HttpStats } from "./http-client.js";
import { HttpConnectionError } from "./http-connection-error.js";
import { HttpStatusError, type HttpStatusErrorDetails } from "./http-status-error.js";
import { HttpUrlError } from "./http-url-error.js";
import type { Logger } from "./logger.js";
import { packageVersion } from "./package-version.js";
import { parseRetryAfter } from "./parse-retry-after.js";
import { createRedactor, type Redact } from "./redact-secrets.js";
import type { RequestBudget } from "./request-budget.js";
import { secretsInHeaders } from "./secrets-in-headers.js";
import { type BodyReader, sendRequest } from "./send-request.js";
import { type Sleep, sleep as sleepOnTheRealClock } from "./sleep.js";
import { createTlsConnections } from "./tls-connections.js";
import type { WaitNotice } from "./wait-notice.js";

export interface HttpClientOptions {
  readonly settings: HttpSettings;
  /** Wins over the one in `settings`. */
  readonly origin?: string | undefined;
  /** Every attempt is taken from it before it is sent. Absent: no limit. */
  readonly budget?: RequestBudget | undefined;
  readonly log: Logger;
  /** When it aborts, the request in hand has a few seconds to end, and no other is started. */
  readonly signal: AbortSignal;
  readonly onWait?: ((notice: WaitNotice) => void) | undefined;
  /** Called after a wait that `onWait` told of; not when it was interrupted. */
  readonly onResume?: (() => void) | undefined;
  /** Default `cti-connectors/<version>`. */
  readonly userAgent?: string | undefined;
  readonly sleep?: Sleep | undefined;
  readonly now?: (() => Date) | undefined;
  /** From 0 to 1, like `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What is asked for until an answer comes. */
interface Exchange {
  /** Of the next attempt. */
  request(): HttpRequest;
  /** Reads answers in place of keeping them as text, and is cut off by an interruption. */
  readonly read?: BodyReader;
}

const defaultTimeoutMs = 30_000;
const defaultRetries = 4;
const mib = 1024 * 1024;
const baseDelayMs = 500;
const longestDelayMs = 30_000;
/** Whoever asks us to wait longer is told no: the next run may try again. */
const longestRetryAfterMs = 60 * 60 * 1000;
/** In a row, for one request. */
const mostThrottles = 10;
const mostRedirects = 5;
/** A page in place of an answer mostly stays, where the address is wrong or somebody has to log in. */
const mostFaultyAnswers = 3;
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504]);
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Makes the HTTP client of one connector: per-attempt time-out; retry with exponential back-off and full jitter;
 * `Retry-After`; the request budget; redirects within one origin only, because the settings' headers hold keys.
 */
export function createHttpClient({
  settings,
  origin: givenOrigin,
  budget,
  log,
  signal,
  onWait,
  onResume,
  userAgent = `cti-connectors/${packageVersion()}`,
  sleep = sleepOnTheRealClock,
  now = () => new Date(),
  random = Math.random,
}: HttpClientOptions): HttpClient & { readonly stats: HttpStats } {
  const timeoutMs = settings.timeoutMs ?? defaultTimeoutMs;
  const retries = settings.retries ?? defaultRetries;
  const maxBodyBytes = settings.maxBodyBytes ?? 64 * mib;
  const maxDownloadBytes = settings.maxDownloadBytes ?? 4096 * mib;
  const stats = { requests: 0, retries: 0, throttled: 0 };
  const tls =
    settings.tls === undefined ? undefined : createTlsConnections(settings.tls, settings.tlsSettings);
  const configuredOrigin = givenOrigin ?? settings.origin;
  let origin = configuredOrigin === undefined ? undefined : new URL(configuredOrigin).origin;

  /** Full jitter: anything from 0 to the exponential delay, so that clients that failed together do not come back together. */
  function backoffMs(failures: number): number {
    return random() * Math.min(longestDelayMs, baseDelayMs * 2 ** (failures - 1));
  }

  async function wait(reason: "throttled" | "retry", ms: number, message: string): Promise<void> {
    signal.throwIfAborted();
    if (ms > 0) {
      onWait?.({ reason, until: new Date(now().getTime() + ms), message });
      await sleep(ms, signal);
      onResume?.();
    }
  }

  async function takeFromBudget(): Promise<number | undefined> {
    let waited = false;
    const acquiredAt = await budget?.acquire(signal, (notice) => {
      waited = true;
      onWait?.(notice);
    });
    signal.throwIfAborted();
    if (waited) {
      onResume?.();
    }
    return acquiredAt;
  }

  async function sendOnce(url: URL, request: HttpRequest, read?: BodyReader): Promise<HttpResponse> {
    const proxy = findProxy(url);
    const acquiredAt = await takeFromBudget();
    stats.requests += 1;
    const headers = {
      "user-agent": userAgent,
      ...(url.origin === origin && lowerCaseNames(settings.headers)),
      ...lowerCaseNames(request.headers),
    };
    const startedAt = now().getTime();
    const response = await sendRequest(
      url,
      { ...request, headers },
      {
        timeoutMs,
        proxy,
        ...(url.origin === origin && {
          urlSetting: settings.urlSetting,
          tls,
          tlsSettings: settings.tlsSettings,
        }),
        read,
        signal,
        ...(read === undefined
          ? { maxBytes: maxBodyBytes, maxBytesSetting: "HTTP_MAX_BODY_MB" }
          : { maxBytes: maxDownloadBytes, maxBytesSetting: "HTTP_MAX_DOWNLOAD_MB" }),
      },
    ).catch(async (error: unknown) => {
      if (acquiredAt !== undefined && error instanceof HttpConnectionError && !error.wasSent) {
        await budget?.unsent(acquiredAt);
      }
      throw error;
    });
    log.debug(
      {
        method: request.method ?? "GET",
        url: redactorFor(url, request)(hideUrlSecrets(url)),
        status: response.status,
        ...(read === undefined && { characters: response.body.length }),
        ms: now().getTime() - startedAt,
      },
      "request",
    );
    return response;
  }

  /** An upstream can send a key back anywhere: in a body, and in the address that it redirects to. */
  function redactorFor(url: URL, request: HttpRequest): Redact {
    const proxy = findProxy(url);
    return createRedactor([
      ...secretsInHeaders(settings.headers, { allSecret: true }),
      ...secretsInHeaders(request.headers),
      ...(proxy === undefined ? [] : proxySecrets(proxy)),
    ]);
  }

  function statusError(
    request: HttpRequest,
    response: HttpResponse,
    { fault, advice, redirectsTo }: HttpStatusErrorDetails = {},
  ): HttpStatusError {
    const redact = redactorFor(new URL(response.url), request);
    const shown = { ...response, url: redact(hideUrlSecrets(response.url)), body: redact(response.body) };
    return new HttpStatusError(shown, {
      fault,
      advice: advice === undefined ? undefined : redact(advice),
      redirectsTo: redirectsTo === undefined ? undefined : redact(redirectsTo),
    });
  }

  function foreignRedirect(url: URL, to: URL, request: HttpRequest, response: HttpResponse): HttpStatusError {
    const isOurs = url.origin === origin;
    return statusError(request, response, {
      advice: explainForeignRedirect({
        from: url,
        to,
        setting: request.urlSetting ?? (isOurs ? settings.urlSetting : undefined),
        sendsKey: (isOurs && settings.headers !== undefined) || secretsInHeaders(request.headers).length > 0,
      }),
      redirectsTo: showRedirectTarget(to),
    });
  }

  async function sendFollowingRedirects(
    first: URL,
    firstRequest: HttpRequest,
    read?: BodyReader,
  ): Promise<HttpResponse> {
    let url = first;
    let request = firstRequest;
    for (let redirects = 0; ; redirects += 1) {
      const response = await sendOnce(url, request, read);
      const location = response.headers.get("location");
      if (!redirectStatuses.has(response.status) || location === undefined) {
        return response;
      }
      const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (target === undefined) {
        throw statusError(request, response, { advice: "it redirects to something that is not an address" });
      }
      if (target.origin !== url.origin) {
        throw foreignRedirect(url, target, request, response);
      }
      if (redirects === mostRedirects) {
        throw statusError(request, response, {
          advice: `more than ${mostRedirects} redirects in a row, the last one to ${showRedirectTarget(target)}`,
          redirectsTo: showRedirectTarget(target),
        });
      }
      target.username = "";
      target.password = "";
      url = target;
      // Fetch standard, HTTP-redirect fetch, step 12: only 307 and 308 keep a POST a POST.
      if (response.status <= 303 && request.method === "POST") {
        const { body: _, ...withoutBody } = request;
        request = { ...withoutBody, method: "GET" };
      }
    }
  }

  async function waitForThrottle(
    request: HttpRequest,
    response: HttpResponse,
    throttles: number,
  ): Promise<void> {
    const retryAfterMs = retryAfterOf(response);
    const delayMs = backoffMs(throttles);
    const pauseMs = retryAfterMs === undefined ? undefined : Math.max(retryAfterMs, delayMs);
    await budget?.throttled(pauseMs === undefined ? undefined : Math.min(pauseMs, longestRetryAfterMs));
    if (throttles > mostThrottles) {
      throw statusError(request, response, { advice: `still after ${mostThrottles} waits: try again later` });
    }
    refuseLongWait(request, response, retryAfterMs);
    if (budget === undefined) {
      await wait(
        "throttled",
        pauseMs ?? delayMs,
        `${hostOf(response)} answered ${response.status} (too many requests)`,
      );
    }
  }

  function retryAfterOf(response: HttpResponse): number | undefined {
    return parseRetryAfter(response.headers.get("retry-after"), now());
  }

  function refuseLongWait(
    request: HttpRequest,
    response: HttpResponse,
    retryAfterMs: number | undefined,
  ): void {
    if (retryAfterMs !== undefined && retryAfterMs > longestRetryAfterMs) {
      throw statusError(request, response, {
        advice: `${describeWait(retryAfterMs)}, longer than the hour that is waited at most: try again then`,
      });
    }
  }

  function describeWait(retryAfterMs: number): string {
    return `it asks to wait until ${describeTime(new Date(now().getTime() + retryAfterMs))}`;
  }

  async function sendWithRetries(url: URL, exchange: Exchange): Promise<HttpResponse> {
    const failures = { count: 0, faultyAnswers: 0 };
    let throttles = 0;
    for (;;) {
      signal.throwIfAborted();
      const request = exchange.request();
      const outcome = await outcomeOf(sendFollowingRedirects(url, request, exchange.read));
      if (!(outcome instanceof HttpConnectionError) && isThrottle(request, outcome)) {
        stats.throttled += 1;
        throttles += 1;
        await waitForThrottle(request, outcome, throttles);
        continue;
      }
      throttles = 0;
      if (outcome instanceof HttpConnectionError) {
        failures.count += 1;
        await waitAfterCut(request, outcome, failures.count);
      } else if (!isSuccess(outcome)) {
        failures.count += 1;
        await waitAfterRefusal(request, outcome, failures.count);
      } else {
        const fault = request.findFault?.(outcome);
        if (fault === undefined) {
          return failures.count === 0 ? outcome : { ...outcome, attempts: failures.count + 1 };
        }
        failures.count += 1;
        failures.faultyAnswers += 1;
        await waitAfterFault(request, outcome, fault, failures);
      }
      stats.retries += 1;
    }
  }

  /** These throw what the caller gets where the request is not to be sent again. */
  async function waitAfterCut(
    request: HttpRequest,
    error: HttpConnectionError,
    failures: number,
  ): Promise<void> {
    if (!error.retryable || failures > retries || mayNotRepeat(request, error.code === "ETIMEDOUT")) {
      throw failures > 1 ? withNote(error, describeAttempts(failures)) : error;
    }
    await wait("retry", backoffMs(failures), error.message);
  }

  async function waitAfterRefusal(
    request: HttpRequest,
    response: HttpResponse,
    failures: number,
  ): Promise<void> {
    const retryAfterMs = retryAfterOf(response);
    refuseLongWait(request, response, retryAfterMs);
    const tookTooLong = response.status === 502 || response.status === 504;
    if (!retryableStatuses.has(response.status) || failures > retries || mayNotRepeat(request, tookTooLong)) {
      const attempts = failures > 1 ? [describeAttempts(failures)] : [];
      const until = retryAfterMs ? [`${describeWait(retryAfterMs)}: try again then`] : [];
      const advice = [...attempts, ...until].join("; ");
      throw statusError(request, response, advice === "" ? {} : { advice });
    }
    const pauseMs = Math.max(retryAfterMs ?? 0, backoffMs(failures));
    await wait("retry", pauseMs, `${hostOf(response)} answered ${response.status}`);
  }

  async function waitAfterFault(
    request: HttpRequest,
    response: HttpResponse,
    fault: string,
    { count, faultyAnswers }: { readonly count: number; readonly faultyAnswers: number },
  ): Promise<void> {
    if (count > retries || faultyAnswers >= mostFaultyAnswers) {
      throw statusError(request, response, {
        fault,
        ...(count > 1 && { advice: describeAttempts(count) }),
      });
    }
    await wait("retry", backoffMs(count), `${hostOf(response)} sent ${fault}`);
  }

  function targetOf(url: string | URL): URL {
    const target = parseTarget(url, settings.urlSetting);
    origin ??= target.origin;
    return target;
  }

  return {
    stats,
    async request(url, request = {}) {
      return sendWithRetries(targetOf(url), { request: () => request });
    },
    async download(url, request) {
      const target = targetOf(url);
      signal.throwIfAborted();
      return downloadToFile(request, now, async (file) => {
        const { urlSetting } = request;
        const exchange = { request: () => ({ headers: file.headers(), urlSetting }), read: file.read };
        const { url: answered, headers } = await sendWithRetries(target, exchange);
        return { url: answered, headers, bytes: file.bytes };
      });
    },
  };
}

/** @throws HttpUrlError */
function parseTarget(url: string | URL, setting = "the address"): URL {
  const shown = hideUrlSecrets(url);
  const target = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (target?.protocol !== "http:" && target?.protocol !== "https:") {
    throw new HttpUrlError(`${shown}: ${setting} must start with http:// or https://`);
  }
  if (target.username !== "" || target.password !== "") {
    throw new HttpUrlError(`${shown}: ${setting} must not hold a user name or password`);
  }
  return target;
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

function mayNotRepeat(request: HttpRequest, tookTooLong: boolean): boolean {
  return tookTooLong && request.retryTimeouts === false;
}

function isThrottle(request: HttpRequest, answer: HttpResponse): boolean {
  return answer.status === 429 || request.isThrottled?.(answer) === true;
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

function describeAttempts(attempts: number): string {
  return `given up after ${attempts} attempts`;
}

function withNote(error: HttpConnectionError, note: string): HttpConnectionError {
  return new HttpConnectionError(`${error.message} (${note})`, error.url, error.code, error.retryable, {
    wasSent: error.wasSent,
  });
}

function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function hostOf(response: HttpResponse): string {
  return new URL(response.url).host;
}

function describeTime(time: Date): string {
  return Number.isNaN(time.getTime()) ? "a day far ahead" : time.toISOString();
}
