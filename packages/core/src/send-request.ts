import fetch from "node-fetch";
import { explainConnectionFailure } from "./explain-connection-failure.js";
import { hideUrlSecrets } from "./hide-url-secrets.js";
import type { HttpRequest, HttpResponse } from "./http-client.js";
import { HttpConnectionError } from "./http-connection-error.js";

export interface SendOptions {
  /** For the whole exchange, body included. */
  readonly timeoutMs: number;
  /** Named in errors. */
  readonly urlSetting?: string | undefined;
}

/**
 * Sends one request once and reads the whole answer, whatever its status. Redirects are not followed.
 *
 * @throws HttpConnectionError
 */
export async function sendRequest(
  url: URL,
  request: HttpRequest,
  { timeoutMs, urlSetting }: SendOptions,
): Promise<HttpResponse> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      method: request.method ?? "GET",
      headers: { ...request.headers },
      redirect: "manual",
      signal: timeout.signal,
      ...(request.body !== undefined && { body: request.body }),
    });
    const body = await response.text();
    return { url: url.href, status: response.status, headers: new Map(response.headers), body };
  } catch (error) {
    if (timeout.signal.aborted) {
      throw new HttpConnectionError(
        `${url.host} did not answer within ${timeoutMs / 1000} s (check the network, or raise HTTP_TIMEOUT_MS)`,
        hideUrlSecrets(url),
        "ETIMEDOUT",
        true,
      );
    }
    const failure = explainConnectionFailure(error, { urlSetting });
    const code = failure.code === undefined ? "" : ` (${failure.code})`;
    throw new HttpConnectionError(
      `No answer from ${url.host}: ${failure.cause}${code}; ${failure.advice}`,
      hideUrlSecrets(url),
      failure.code,
      failure.retryable,
    );
  } finally {
    clearTimeout(timer);
  }
}
