import fetch, { type Response } from "node-fetch";
import { readUtf8 } from "./decode-utf8.js";
import { explainConnectionFailure } from "./explain-connection-failure.js";
import { describeProxy, type HttpProxy } from "./find-proxy.js";
import { hideUrlSecrets } from "./hide-url-secrets.js";
import type { HttpRequest, HttpResponse, TlsSettingNames } from "./http-client.js";
import { HttpConnectionError } from "./http-connection-error.js";
import { isDecompressionBomb } from "./is-decompression-bomb.js";
import { openProxyRoute } from "./open-proxy-route.js";
import { shortenUrl } from "./shorten-url.js";
import type { TlsConnections } from "./tls-connections.js";

/** Of `HttpConnectionError`: more came than is taken. */
export const bodyTooLong = "ERR_BODY_TOO_LONG";

/** An interrupted run lets an answer that is on its way come to its end, so that it can be stored. */
const graceMs = 3_000;
const longestErrorBytes = 1024 * 1024;
/** Whoever sends less of a download within the time-out is as good as silent. */
const leastBytes = 64 * 1024;

export interface SendOptions {
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
  /** Unpacked. Of a body that comes with 2xx and is longer, no more is read. */
  readonly maxBytes: number;
  /** Named in errors. */
  readonly maxBytesSetting: string;
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
  { timeoutMs, urlSetting, tlsSettings, proxy, tls, read, maxBytes, maxBytesSetting, signal }: SendOptions,
): Promise<HttpResponse> {
  const cut = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    cut.abort();
  }, timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const interrupt = () => {
    grace = setTimeout(() => cut.abort(), read === undefined ? graceMs : 0);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  let bytesInTime = 0;
  const via = proxy === undefined ? "" : ` by way of ${describeProxy(proxy)}`;

  function describeDelay(): string {
    if (read === undefined) {
      return `did not answer${via} within`;
    }
    return bytesInTime === 0
      ? `sent nothing${via} for`
      : `sent only ${bytesInTime} bytes${via}, less than ${leastBytes / 1024} KiB, in`;
  }

  function tooLong(what: string): HttpConnectionError {
    const address = hideUrlSecrets(url);
    return new HttpConnectionError(
      `${url.host} sends ${what} (${shortenUrl(address)})`,
      address,
      bodyTooLong,
      false,
    );
  }

  function moreThanTaken(): HttpConnectionError {
    return tooLong(
      `more than the ${formatMib(maxBytes)} that are taken: raise ${maxBytesSetting} where that is right`,
    );
  }

  function bomb(packedBytes: number, bytes: number): HttpConnectionError {
    return tooLong(
      `${packedBytes} bytes that unpack to ${bytes} and more, as nothing real does: it looks like a decompression bomb`,
    );
  }

  function explain(error: unknown): unknown {
    if (timedOut) {
      return new HttpConnectionError(
        `${url.host} ${describeDelay()} ${timeoutMs / 1000} s (check the network, or raise HTTP_TIMEOUT_MS)`,
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

  async function* chunksOf({ body, ok, headers }: Response): AsyncGenerator<Buffer> {
    // Of an error, only its words are of use.
    const most = ok ? maxBytes : Math.min(maxBytes, longestErrorBytes);
    let bytes = 0;
    if (ok && headers.get("content-encoding") === null && Number(headers.get("content-length")) > most) {
      throw moreThanTaken();
    }
    try {
      for await (const chunk of body ?? []) {
        const received = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
        bytes += received.length;
        if (bytes > most) {
          break;
        }
        const packedBytes = packedBytesOf(body);
        if (packedBytes !== undefined && isDecompressionBomb(packedBytes, bytes)) {
          throw bomb(packedBytes, bytes);
        }
        bytesInTime += received.length;
        if (read !== undefined && bytesInTime >= leastBytes) {
          bytesInTime = 0;
          timer.refresh();
        }
        yield received;
      }
    } catch (error) {
      throw error instanceof HttpConnectionError ? error : explain(error);
    }
    if (bytes > most && ok) {
      throw moreThanTaken();
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
      await readUtf8(chunks);
      throw refusal;
    }
    if (read !== undefined) {
      return { ...answer, body: await read({ ...answer, chunks }) };
    }
    const { text: body, isUtf8 } = await readUtf8(chunks);
    return { ...answer, body, isUtf8 };
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal.removeEventListener("abort", interrupt);
    // Ends what was not read to its end.
    cut.abort();
  }
}

/** Of a body that node-fetch unpacks: it is then a stream of `node:zlib`, which counts what it has unpacked. */
function packedBytesOf(body: Response["body"]): number | undefined {
  return body !== null && "bytesWritten" in body && typeof body.bytesWritten === "number"
    ? body.bytesWritten
    : undefined;
}

function formatMib(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return mib >= 1 ? `${Math.floor(mib)} MiB` : `${bytes} bytes`;
}
