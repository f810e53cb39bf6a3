import fetch, { type Response } from "node-fetch";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { readUtf8 } from "../text/decode-utf8.js";
import { type ExchangeDeadline, startExchangeDeadline } from "./exchange-deadline.js";
import { explainConnectionFailure } from "./explain-connection-failure.js";
import { describeProxy, type HttpProxy } from "./find-proxy.js";
import type { HttpRequest, HttpResponse, TlsSettingNames } from "./http-client.js";
import { HttpConnectionError } from "./http-errors.js";
import { openProxyRoute, type ProxyRoute } from "./open-proxy-route.js";
import { type BodyLimit, readLimitedBody } from "./read-limited-body.js";
import type { TlsConnections } from "./tls.js";

export interface SendOptions extends BodyLimit {
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

/**
 * Sends one request once and reads the whole answer, whatever its status. Redirects are not followed.
 *
 * @throws HttpConnectionError
 * @throws the reason of `signal`
 */
export async function sendRequest(
  url: URL,
  request: HttpRequest,
  options: SendOptions,
): Promise<HttpResponse> {
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
  const via = proxy === undefined ? "" : ` by way of ${describeProxy(proxy)}`;
  if (deadline.timedOut) {
    return new HttpConnectionError(
      `${url.host} ${deadline.describe(via)} (check the network, or raise HTTP_TIMEOUT_MS)`,
      hideUrlSecrets(url),
      "ETIMEDOUT",
      true,
    );
  }
  if (signal.aborted) {
    return signal.reason;
  }
  const failure = explainConnectionFailure(error, { urlSetting, tls: tls?.settings, tlsSettings });
  const code = failure.code === undefined ? "" : ` (${failure.code})`;
  const isProxysFault = route?.isProxysFault(failure.code) === true;
  return new HttpConnectionError(
    proxy !== undefined && isProxysFault
      ? `No answer from ${url.host}: ${describeProxy(proxy)} cannot be reached: ${failure.cause}${code}; check ${proxy.variable}, and that the proxy is up; NO_PROXY names hosts that are asked without it`
      : `No answer from ${url.host}${via}: ${failure.cause}${code}; ${failure.advice}`,
    hideUrlSecrets(url),
    failure.code,
    failure.retryable,
    { wasSent: failure.wasSent && !isProxysFault },
  );
}
