import { text } from "node:stream/consumers";
import fetch, { type Response } from "node-fetch";
import { readUtf8 } from "./decode-utf8.js";
import { explainConnectionFailure } from "./explain-connection-failure.js";
import { describeProxy, type HttpProxy } from "./find-proxy.js";
import { hideUrlSecrets } from "./hide-url-secrets.js";
import type { HttpRequest, HttpResponse, TlsSettingNames } from "./http-client.js";
import { HttpConnectionError } from "./http-connection-error.js";
import { openProxyRoute } from "./open-proxy-route.js";
import type { TlsConnections } from "./tls-connections.js";

export interface SendOptions {
  /** For the whole exchange, body included, or, with a `read` of its own, until the next byte. */
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
  /** Cuts the exchange off. */
  readonly signal?: AbortSignal | undefined;
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
  { timeoutMs, urlSetting, tlsSettings, proxy, tls, read, signal }: SendOptions,
): Promise<HttpResponse> {
  const cut = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    cut.abort();
  }, timeoutMs);
  const interrupt = () => cut.abort();
  signal?.addEventListener("abort", interrupt);
  const via = proxy === undefined ? "" : ` by way of ${describeProxy(proxy)}`;

  function explain(error: unknown): unknown {
    if (timedOut) {
      return new HttpConnectionError(
        `${url.host} ${read === undefined ? `did not answer${via} within` : `sent nothing${via} for`} ${timeoutMs / 1000} s (check the network, or raise HTTP_TIMEOUT_MS)`,
        hideUrlSecrets(url),
        "ETIMEDOUT",
        true,
      );
    }
    if (signal?.aborted) {
      return signal.reason;
    }
    const failure = explainConnectionFailure(error, { urlSetting, tls: tls?.settings, tlsSettings });
    const code = failure.code === undefined ? "" : ` (${failure.code})`;
    return new HttpConnectionError(
      `No answer from ${url.host}${via}: ${failure.cause}${code}; ${failure.advice}`,
      hideUrlSecrets(url),
      failure.code,
      failure.retryable,
    );
  }

  async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body ?? []) {
        if (read !== undefined) {
          timer.refresh();
        }
        yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      }
    } catch (error) {
      throw explain(error);
    }
  }

  const route = proxy === undefined ? undefined : openProxyRoute(url, proxy, cut.signal, tls?.settings);
  const agent = route?.agent ?? (url.protocol === "https:" ? tls?.agent : undefined);
  try {
    const response = await fetch(url, {
      method: request.method ?? "GET",
      headers: { ...request.headers },
      redirect: "manual",
      signal: cut.signal,
      ...(request.body !== undefined && { body: request.body }),
      ...(agent !== undefined && { agent }),
    }).catch((error: unknown) => {
      throw explain(error);
    });
    const answer = { url: url.href, status: response.status, headers: new Map(response.headers) };
    const chunks = chunksOf(response);
    const refusal = route?.refusal(response.status);
    if (refusal !== undefined) {
      await text(chunks);
      throw refusal;
    }
    if (read !== undefined) {
      return { ...answer, body: await read({ ...answer, chunks }) };
    }
    const { text: body, isUtf8 } = await readUtf8(chunks);
    return { ...answer, body, isUtf8 };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}
