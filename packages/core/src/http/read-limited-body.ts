import type { Response } from "node-fetch";
import { isDecompressionBomb } from "../files/decompression-bomb.js";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { shortenUrl } from "../text/one-line.js";
import { HttpConnectionError } from "./http-errors.js";

/** The `code` of the `HttpConnectionError` for a body that is longer than its limit. */
const bodyTooLong = "ERR_BODY_TOO_LONG";

const longestErrorBytes = 1024 * 1024;

export interface BodyLimit {
  /** Counted unpacked. If a body with status 2xx is longer, reading it stops. */
  readonly maxBytes: number;
  /** Named in errors. */
  readonly maxBytesSetting: string;
}

/**
 * Reads a body up to its limit. Error bodies are cut after 1 MiB: only their message is of use.
 *
 * @throws HttpConnectionError with the code `ERR_BODY_TOO_LONG` where a body of success is longer, or is a decompression bomb
 * @throws what the body throws, where it breaks off
 */
export async function* readLimitedBody(
  { body, ok, headers }: Response,
  url: URL,
  { maxBytes, maxBytesSetting }: BodyLimit,
): AsyncGenerator<Buffer> {
  const most = ok ? maxBytes : Math.min(maxBytes, longestErrorBytes);
  const moreThanTaken = () =>
    tooLong(
      url,
      `more than the ${formatMib(maxBytes)} allowed: raise ${maxBytesSetting} if that size is right`,
    );
  if (ok && headers.get("content-encoding") === null && Number(headers.get("content-length")) > most) {
    throw moreThanTaken();
  }
  let bytes = 0;
  for await (const chunk of body ?? []) {
    const received = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    bytes += received.length;
    if (bytes > most) {
      break;
    }
    const packedBytes = packedBytesOf(body);
    if (packedBytes !== undefined && isDecompressionBomb(packedBytes, bytes)) {
      throw tooLong(
        url,
        `${packedBytes} bytes that unpack to ${bytes} or more: this looks like a decompression bomb`,
      );
    }
    yield received;
  }
  if (bytes > most && ok) {
    throw moreThanTaken();
  }
}

function tooLong(url: URL, what: string): HttpConnectionError {
  const address = hideUrlSecrets(url);
  return new HttpConnectionError(
    `${url.host} sends ${what} (${shortenUrl(address)})`,
    address,
    bodyTooLong,
    false,
  );
}

/** How many packed bytes were read, if node-fetch unpacks the body: it is then a stream of `node:zlib`, which counts them. */
function packedBytesOf(body: Response["body"]): number | undefined {
  return body !== null && "bytesWritten" in body && typeof body.bytesWritten === "number"
    ? body.bytesWritten
    : undefined;
}

function formatMib(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return mib >= 1 ? `${Math.floor(mib)} MiB` : `${bytes} bytes`;
}
