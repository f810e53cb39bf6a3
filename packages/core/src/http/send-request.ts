import fetch, { type Response } from "node-fetch";
import { isLoopback } from "../config/url-setting.js";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { createRedactor, type Redact } from "../secrets/redact-secrets.js";
import { secretsInHeaders } from "../secrets/secrets-in-headers.js";
import { readUtf8 } from "../text/decode-utf8.js";
import { oneLine, shortenUrl } from "../text/one-line.js";
import { type ExchangeDeadline, startExchangeDeadline } from "./exchange-deadline.js";
import { explainConnectionFailure } from "./explain-connection-failure.js";
import { describeProxy, findProxy, type HttpProxy, proxySecrets } from "./find-proxy.js";
import type { HttpContext, HttpRequest, HttpResponse, HttpSettings, TlsSettingNames } from "./http-client.js";
import {
  HttpConnectionError,
  HttpStatusError,
  type HttpStatusErrorDetails,
  HttpUrlError,
} from "./http-errors.js";
import { openProxyRoute, type ProxyRoute } from "./open-proxy-route.js";
import { type BodyLimit, readLimitedBody } from "./read-limited-body.js";
import { createTlsConnections, type TlsConnections } from "./tls.js";

/** An answer whose body has not been read. */
export interface IncomingAnswer {
  readonly url: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** Throws HttpConnectionError where the answer breaks off. */
  readonly chunks: AsyncIterable<Buffer>;
}

export type BodyReader = (answer: IncomingAnswer) => Promise<string>;

const defaultTimeoutMs = 30_000;
const longestFault = 500;
const mib = 1024 * 1024;

export type RequestSender = ReturnType<typeof createRequestSender>;

/** Sends the requests of one connector, each of them once. */
export function createRequestSender(context: HttpContext) {
  const { settings, budget, log, userAgent, now, stats } = context;
  const connection = connectionOf(context);
  let origin = settings.origin === undefined ? undefined : new URL(settings.origin).origin;

  /** Whether the settings are meant for this address. */
  function isConfigured(url: URL): boolean {
    return url.origin === origin;
  }

  function settingOf(url: URL, request: HttpRequest): string | undefined {
    return request.urlSetting ?? (isConfigured(url) ? settings.urlSetting : undefined);
  }

  return {
    /** Says which origin is asked, where nothing else has said so before. */
    useOrigin(url: URL): void {
      origin ??= url.origin;
    },
    isConfigured,
    /** Name of the setting that holds an address, where it is known. */
    settingOf,
    /**
     * Sends a request as soon as the budget allows it.
     *
     * @throws HttpConnectionError
     * @throws HttpUrlError where it goes to another machine, and must not
     * @throws the reason of the signal
     */
    async send(url: URL, request: HttpRequest, read?: BodyReader): Promise<HttpResponse> {
      if (settings.loopbackOnly && !isLoopback(url)) {
        throw leavesMachine(url, request.urlSetting ?? (isConfigured(url) ? settings.urlSetting : undefined));
      }
      const proxy = findProxy(url);
      const acquiredAt = await takeFromBudget(context);
      stats.requests += 1;
      const headers = {
        "user-agent": userAgent,
        ...(isConfigured(url) && lowerCaseNames(settings.headers)),
        ...lowerCaseNames(request.headers),
      };
      const startedAt = now().getTime();
      const response = await sendRequest(
        url,
        { ...request, headers },
        { ...connection(isConfigured(url), read), proxy },
      ).catch(async (error: unknown) => {
        if (acquiredAt !== undefined && error instanceof HttpConnectionError && !error.wasSent) {
          await budget?.unsent(acquiredAt);
        }
        throw error;
      });
      log.debug(
        {
          method: request.method ?? "GET",
          url: redactorFor(settings, url, request)(hideUrlSecrets(url)),
          status: response.status,
          ...(read === undefined && { characters: response.body.length }),
          ms: now().getTime() - startedAt,
        },
        "request",
      );
      return response;
    },
    /** An answer as an error, without secrets: an upstream can send a key back anywhere, in a body and in the address that it redirects to. */
    refusal(
      request: HttpRequest,
      response: HttpResponse,
      { fault, advice, redirectsTo }: Omit<HttpStatusErrorDetails, "setting"> = {},
    ): HttpStatusError {
      const url = new URL(response.url);
      const redact = redactorFor(settings, url, request);
      const shown = { ...response, url: redact(hideUrlSecrets(response.url)), body: redact(response.body) };
      return new HttpStatusError(shown, {
        ...(fault !== undefined && {
          fault: showFault(settings, request, response, fault),
          setting: settingOf(url, request),
        }),
        advice: advice === undefined ? undefined : redact(advice),
        redirectsTo: redirectsTo === undefined ? undefined : redact(redirectsTo),
      });
    },
  };
}

function leavesMachine(url: URL, setting = "its address"): HttpUrlError {
  return new HttpUrlError(
    `Nothing was sent to ${shortenUrl(hideUrlSecrets(url))}, because this run stays on this machine: ${setting} must start with http://127.0.0.1, http://[::1] or http://localhost`,
  );
}

/** What `findFault` said, as it may be shown: what the upstream sent may stand in it. */
export function showFault(
  settings: HttpSettings,
  request: HttpRequest,
  response: HttpResponse,
  fault: string,
): string {
  return oneLine(redactorFor(settings, new URL(response.url), request)(fault), longestFault);
}

/** What a request is sent with, besides its proxy. */
function connectionOf({ settings, signal }: HttpContext) {
  const maxBodyBytes = settings.maxBodyBytes ?? 40 * mib;
  const maxDownloadBytes = settings.maxDownloadBytes ?? 4096 * mib;
  const tls =
    settings.tls === undefined ? undefined : createTlsConnections(settings.tls, settings.tlsSettings);
  return (isConfigured: boolean, read: BodyReader | undefined): SendOptions => ({
    timeoutMs: settings.timeoutMs ?? defaultTimeoutMs,
    ...(isConfigured && { urlSetting: settings.urlSetting, tls, tlsSettings: settings.tlsSettings }),
    read,
    signal,
    ...(read === undefined
      ? { maxBytes: maxBodyBytes, maxBytesSetting: "HTTP_MAX_BODY_MB" }
      : { maxBytes: maxDownloadBytes, maxBytesSetting: "HTTP_MAX_DOWNLOAD_MB" }),
  });
}

/** @returns when it was taken; undefined without a budget */
async function takeFromBudget({
  budget,
  signal,
  onWait,
  onResume,
}: HttpContext): Promise<number | undefined> {
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

function redactorFor(settings: HttpSettings, url: URL, request: HttpRequest): Redact {
  const proxy = findProxy(url);
  return createRedactor([
    ...(settings.secrets ?? []),
    ...secretsInHeaders(settings.headers, { allSecret: true }),
    ...secretsInHeaders(request.headers),
    ...(proxy === undefined ? [] : proxySecrets(proxy)),
  ]);
}

function lowerCaseNames(headers: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  );
}

interface SendOptions extends BodyLimit {
  /** For the whole exchange, body included, or, with a `read` of its own, for each 64 KiB of it. */
  readonly timeoutMs: number;
  /** Named in errors. */
  readonly urlSetting?: string | undefined;
  /** Named in errors. */
  readonly tlsSettings?: TlsSettingNames | undefined;
  /** Absent: directly. */
  readonly proxy?: HttpProxy | undefined;
  /** Absent: that of Node. */
  readonly tls?: TlsConnections | undefined;
  /** Reads the body in place of keeping it; what it returns is kept. What it throws is thrown. */
  readonly read?: BodyReader | undefined;
  /** Cuts the exchange off: one with a `read` of its own at once, another where it does not end within a few seconds. */
  readonly signal: AbortSignal;
}

/**
 * Sends one request once and reads the whole answer, whatever its status. Redirects are not followed.
 *
 * @throws HttpConnectionError
 * @throws the reason of `signal`
 */
async function sendRequest(url: URL, request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
  const { timeoutMs, proxy, tls, read, signal } = options;
  const deadline = startExchangeDeadline({ timeoutMs, isDownload: read !== undefined, signal });
  const route = proxy === undefined ? undefined : openProxyRoute(url, proxy, deadline.cut, tls?.settings);
  const agent = route?.agent ?? (url.protocol === "https:" ? tls?.agent : undefined);
  const explain = (error: unknown) => explainFailure(error, url, { options, deadline, route });
  try {
    const response = await fetch(url, {
      method: request.method ?? "GET",
      headers: { ...request.headers },
      redirect: "manual",
      signal: deadline.cut,
      ...(request.body !== undefined && { body: request.body }),
      ...(agent !== undefined && { agent }),
    }).catch((error: unknown) => {
      throw explain(error);
    });
    const answer = { url: url.href, status: response.status, headers: new Map(response.headers) };
    const chunks = readInTime(response, url, options, deadline, explain);
    const refusal = route?.refusal(response.status);
    if (refusal !== undefined) {
      await readUtf8(chunks);
      throw refusal;
    }
    if (read !== undefined) {
      return { ...answer, body: await read({ ...answer, chunks }) };
    }
    const { text: body, isUtf8 } = await readUtf8(chunks);
    return { ...answer, body, isUtf8 };
  } finally {
    deadline.stop();
  }
}

async function* readInTime(
  response: Response,
  url: URL,
  limit: BodyLimit,
  deadline: ExchangeDeadline,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of readLimitedBody(response, url, limit)) {
      deadline.received(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof HttpConnectionError ? error : explain(error);
  }
}

interface FailedExchange {
  readonly options: SendOptions;
  readonly deadline: ExchangeDeadline;
  readonly route: ProxyRoute | undefined;
}

/** What is thrown in place of what `fetch` throws: a failure that says what to do, or the reason of an interruption. */
function explainFailure(error: unknown, url: URL, { options, deadline, route }: FailedExchange): unknown {
  const { urlSetting, tlsSettings, proxy, tls, signal } = options;
  const via = proxy === undefined ? "" : ` through ${describeProxy(proxy)}`;
  if (deadline.timedOut) {
    return new HttpConnectionError(
      `${url.host} ${deadline.describe(via)}`,
      hideUrlSecrets(url),
      "ETIMEDOUT",
      true,
      { advice: "check the network, or raise HTTP_TIMEOUT_MS" },
    );
  }
  if (signal.aborted) {
    return signal.reason;
  }
  const failure = explainConnectionFailure(error, { urlSetting, tls: tls?.settings, tlsSettings });
  const code = failure.code === undefined ? "" : ` (${failure.code})`;
  const isProxysFault = route?.isProxysFault(failure.code) === true;
  const [happened, advice] =
    proxy !== undefined && isProxysFault
      ? [
          `No answer from ${url.host}: ${describeProxy(proxy)} cannot be reached: ${failure.cause}${code}`,
          `check ${proxy.variable}, and that the proxy is up; NO_PROXY lists hosts to reach without it`,
        ]
      : [`No answer from ${url.host}${via}: ${failure.cause}${code}`, failure.advice];
  return new HttpConnectionError(happened, hideUrlSecrets(url), failure.code, failure.retryable, {
    advice,
    wasSent: failure.wasSent && !isProxysFault,
  });
}
