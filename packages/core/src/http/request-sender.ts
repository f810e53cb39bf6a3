import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { createRedactor, type Redact } from "../secrets/redact-secrets.js";
import { secretsInHeaders } from "../secrets/secrets-in-headers.js";
import { findProxy, proxySecrets } from "./find-proxy.js";
import type { HttpContext, HttpRequest, HttpResponse, HttpSettings } from "./http-client.js";
import { HttpConnectionError, HttpStatusError, type HttpStatusErrorDetails } from "./http-errors.js";
import { type BodyReader, type SendOptions, sendRequest } from "./send-request.js";
import { createTlsConnections } from "./tls.js";

const defaultTimeoutMs = 30_000;
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

  return {
    /** Says which origin is asked, where nothing else has said so before. */
    useOrigin(url: URL): void {
      origin ??= url.origin;
    },
    isConfigured,
    /**
     * Sends a request as soon as the budget allows it.
     *
     * @throws HttpConnectionError
     * @throws the reason of the signal
     */
    async send(url: URL, request: HttpRequest, read?: BodyReader): Promise<HttpResponse> {
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
      { fault, advice, redirectsTo }: HttpStatusErrorDetails = {},
    ): HttpStatusError {
      const redact = redactorFor(settings, new URL(response.url), request);
      const shown = { ...response, url: redact(hideUrlSecrets(response.url)), body: redact(response.body) };
      return new HttpStatusError(shown, {
        fault,
        advice: advice === undefined ? undefined : redact(advice),
        redirectsTo: redirectsTo === undefined ? undefined : redact(redirectsTo),
      });
    },
  };
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

function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
