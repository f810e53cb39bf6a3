import fresh from "fresh";
import parseRange from "range-parser";

export interface ServedFile {
  readonly body: Buffer;
  readonly contentType: string;
  /** A strong one, with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

/**
 * Answers a GET as a server of files does (RFC 9110 §13 and §14): 304 where the client has it already, 206 for one
 * range, 416 for a range that lies outside. With `If-Range` a part comes of the same file only, otherwise the
 * whole. Several ranges at once are answered with the whole.
 */
export function serveFile(file: ServedFile, requested: Headers): Response {
  const { body, etag } = file;
  const lastModified = file.lastModified.toUTCString();
  const headers = new Headers({ etag, "last-modified": lastModified, "accept-ranges": "bytes" });
  // Not `Cache-Control`, which is for caches.
  const conditions = {
    "if-none-match": requested.get("if-none-match") ?? undefined,
    "if-modified-since": requested.get("if-modified-since") ?? undefined,
  };
  if (fresh(conditions, { etag, "last-modified": lastModified })) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("content-type", file.contentType);

  const ranges = readRanges(file, requested, lastModified);
  if (ranges === "outside") {
    headers.set("content-range", `bytes */${body.length}`);
    return send(Buffer.alloc(0), 416, headers);
  }
  const [range, ...others] = ranges;
  if (range === undefined || others.length > 0) {
    return send(body, 200, headers);
  }
  headers.set("content-range", `bytes ${range.start}-${range.end}/${body.length}`);
  return send(body.subarray(range.start, range.end + 1), 206, headers);
}

/** Empty where the whole file is to be sent. */
function readRanges(
  { body, etag }: ServedFile,
  requested: Headers,
  lastModified: string,
): readonly parseRange.Range[] | "outside" {
  const range = requested.get("range");
  const condition = requested.get("if-range");
  if (range === null || !range.startsWith("bytes=")) {
    return [];
  }
  if (condition !== null && condition !== etag && condition !== lastModified) {
    return [];
  }
  const parsed = parseRange(body.length, range);
  if (parsed === -1) {
    return "outside";
  }
  return parsed === -2 ? [] : parsed;
}

function send(part: Buffer, status: number, headers: Headers): Response {
  headers.set("content-length", String(part.length));
  return new Response(part, { status, headers });
}
