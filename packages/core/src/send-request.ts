import fetch from "node-fetch";
import { explainConnectionFailure } from "./explain-connection-failure.js";
import { describeProxy, type HttpProxy } from "./find-proxy.js";
import { hideUrlSecrets } from "./hide-url-secrets.js";
import type { HttpRequest, HttpResponse } from "./http-client.js";
import { HttpConnectionError } from "./http-connection-error.js";
import { openProxyRoute } from "./open-proxy-route.js";

export interface SendOptions {
  /** For the whole exchange, body included. */
  readonly timeoutMs: number;
  /** Named in errors. */
  readonly urlSetting?: string | undefined;
  /** Absent: directly. */
  readonly proxy?: HttpProxy | undefined;
}

/**
 * Sends one request once and reads the whole answer, whatever its status. Redirects are not followed.
 *
 * @throws HttpConnectionError
 */
export async function sendRequest(
  url: URL,
  request: HttpRequest,
  { timeoutMs, urlSetting, proxy }: SendOptions,
): Promise<HttpResponse> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const route = proxy === undefined ? undefined : openProxyRoute(url, proxy, timeout.signal);
  try {
    const response = await fetch(url, {
      method: request.method ?? "GET",
      headers: { ...request.headers },
      redirect: "manual",
      signal: timeout.signal,
      ...(request.body !== undefined && { body: request.body }),
      ...(route !== undefined && { agent: route.agent }),
    });
    const body = await response.text();
    const refusal = route?.refusal(response.status);
    if (refusal !== undefined) {
      throw refusal;
    }
    return { url: url.href, status: response.status, headers: new Map(response.headers), body };
  } catch (error) {
    if (error instanceof HttpConnectionError) {
      throw error;
    }
    const via = proxy === undefined ? "" : ` by way of ${describeProxy(proxy)}`;
    if (timeout.signal.aborted) {
      throw new HttpConnectionError(
        `${url.host} did not answer${via} within ${timeoutMs / 1000} s (check the network, or raise HTTP_TIMEOUT_MS)`,
        hideUrlSecrets(url),
        "ETIMEDOUT",
        true,
      );
    }
    const failure = explainConnectionFailure(error, { urlSetting });
    const code = failure.code === undefined ? "" : ` (${failure.code})`;
    throw new HttpConnectionError(
      `No answer from ${url.host}${via}: ${failure.cause}${code}; ${failure.advice}`,
      hideUrlSecrets(url),
      failure.code,
      failure.retryable,
    );
  } finally {
    clearTimeout(timer);
  }
}
