import { constants } from "node:fs";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { readUtf8 } from "../text/decode-utf8.js";
import { conditionHeaders, notModifiedOf, validatorsOf } from "./conditions.js";
import type {
  ConditionalDownloadRequest,
  Conditions,
  Download,
  DownloadRequest,
  HttpClient,
  HttpContext,
  HttpResponse,
  NotModified,
} from "./http-client.js";
import { HttpConnectionError } from "./http-errors.js";
import type { IncomingAnswer } from "./send-request.js";
import type { SendExchange } from "./send-with-retries.js";

/** One file that is being downloaded, in as many attempts as it takes. */
type FileDownload = ReturnType<typeof createDownload>;

type FileRequest = Omit<DownloadRequest, keyof Conditions>;

interface Part {
  /** Where it begins in the file; undefined if the upstream does not tell. */
  readonly start: number | undefined;
  /** Length of the whole file. */
  readonly total: number | undefined;
}

const progressEveryMs = 250;
/** Every write goes to the end of the file, wherever that is. It is emptied once there is something to write. */
const appending = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;

/** Makes the `download` of a client. */
export function createDownloadMethod(
  exchangeWith: (url: string | URL) => SendExchange,
  { now, signal }: Pick<HttpContext, "now" | "signal">,
): HttpClient["download"] {
  function download(url: string | URL, request: DownloadRequest): Promise<Download>;
  function download(url: string | URL, request: ConditionalDownloadRequest): Promise<Download | NotModified>;
  async function download(
    url: string | URL,
    { ifNoneMatch, ifModifiedSince, ...request }: DownloadRequest | ConditionalDownloadRequest,
  ) {
    const send = exchangeWith(url);
    const conditions = conditionHeaders({ ifNoneMatch, ifModifiedSince });
    signal.throwIfAborted();
    return downloadToFile(request, now, async (file) => {
      const { urlSetting } = request;
      const answer = await send({
        request: () => ({ headers: { ...file.headers(), ...conditions }, urlSetting }),
        read: file.read,
        takesNotModified: conditions !== undefined,
      });
      return notModifiedOf(answer) ?? downloadOf(answer, file.bytes);
    });
  }
  return download;
}

function downloadOf({ url, headers }: HttpResponse, bytes: number): Download {
  return { notModified: false, url, headers, bytes, validators: validatorsOf(headers) };
}

/**
 * Opens the file and closes it when `use` has ended; what `use` throws takes the file away. A file that nothing was written to stays as
 * it was.
 *
 * @throws what `use` throws, or an error that names the file if it cannot be opened or written
 */
async function downloadToFile<Result>(
  request: FileRequest,
  now: () => Date,
  use: (download: FileDownload) => Promise<Result>,
): Promise<Result> {
  const { file } = request;
  const before = await stat(file).catch(() => undefined);
  const handle = await open(file, appending);
  const download = createDownload(handle, request, { now, sizeBefore: before?.size ?? 0 });
  let done = false;
  try {
    const result = await use(download);
    done = download.hasBegun || before !== undefined;
    return result;
  } finally {
    await namingFile(handle.close(), file);
    if (!done) {
      await rm(file, { force: true });
    }
  }
}

function createDownload(
  handle: FileHandle,
  { file, headers = {}, onProgress }: FileRequest,
  { now, sizeBefore }: { readonly now: () => Date; readonly sizeBefore: number },
) {
  let bytes = 0;
  let hasBegun = false;
  let validator: string | undefined;
  const tell = everyNowAndThen(onProgress, now);

  async function startOver(): Promise<void> {
    bytes = 0;
    validator = undefined;
    await namingFile(handle.truncate(), file);
  }

  async function write({ chunks }: IncomingAnswer, total: number | undefined): Promise<void> {
    for await (const chunk of chunks) {
      await namingFile(handle.appendFile(chunk), file);
      bytes += chunk.length;
      tell({ read: bytes, total });
    }
  }

  return {
    /** Those of the next attempt: a part of the file is not asked for again where the upstream can go on. */
    headers: (): Readonly<Record<string, string>> => ({
      "accept-encoding": "identity",
      ...headers,
      ...(validator !== undefined && bytes > 0 && { range: `bytes=${bytes}-`, "if-range": validator }),
    }),
    /**
     * Writes an answer that is (a part of) the file, and returns the text of any other one.
     *
     * @throws HttpConnectionError if the answer breaks off, or is not the part that was asked for
     * @throws an error that names the file if it cannot be written
     */
    async read(answer: IncomingAnswer): Promise<string> {
      const { status, url } = answer;
      if (status === 416 && bytes > 0) {
        await startOver();
        throw brokenOff(url, "the upstream does not resume where it stopped");
      }
      if (status < 200 || status >= 300) {
        return (await readUtf8(answer.chunks)).text;
      }
      if ((status !== 206 && bytes > 0) || (!hasBegun && sizeBefore > 0)) {
        await startOver();
      }
      hasBegun = true;
      const { start, total } = partOf(answer);
      const current = validatorOf(answer.headers) ?? validator;
      if (start !== bytes || (bytes > 0 && current !== validator)) {
        await startOver();
        throw brokenOff(url, "the upstream resumed at another position");
      }
      validator = current;
      await write(answer, total);
      if (total !== undefined && total !== bytes) {
        throw brokenOff(url, `the upstream sent ${bytes} of ${total} bytes`);
      }
      onProgress?.({ read: bytes, total });
      return "";
    },
    /** Length of what was written. */
    get bytes() {
      return bytes;
    },
    /** Whether (a part of) the file has come. */
    get hasBegun() {
      return hasBegun;
    },
  };
}

/** Passes progress on at intervals, the first at once. */
function everyNowAndThen(
  onProgress: DownloadRequest["onProgress"] = () => {},
  now: () => Date,
): NonNullable<DownloadRequest["onProgress"]> {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    const at = now().getTime();
    if (at - toldAt >= progressEveryMs) {
      toldAt = at;
      onProgress(bytes);
    }
  };
}

/** An error of the disk, such as ENOSPC, does not name the file. */
function namingFile(writing: Promise<void>, file: string): Promise<void> {
  return writing.catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be written: ${reason}`, { cause: error });
  });
}

/** What an answer is of the file (RFC 9110, sections 14.4 and 15.3.7). */
function partOf({ status, headers }: IncomingAnswer): Part {
  if (status !== 206) {
    const length = isEncoded(headers) ? undefined : headers.get("content-length");
    return { start: 0, total: length === undefined ? undefined : Number(length) };
  }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(headers.get("content-range") ?? "") ?? [];
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === undefined || total === "*" ? undefined : Number(total),
  };
}

/**
 * What may stand in `If-Range` (RFC 9110, sections 8.8.1, 8.8.2.2 and 13.1.5): a strong entity tag, or the date of a file that had been
 * as it is for a second when it was sent.
 */
function validatorOf(headers: ReadonlyMap<string, string>): string | undefined {
  if (isEncoded(headers)) {
    return undefined;
  }
  const etag = headers.get("etag");
  if (etag?.startsWith('"')) {
    return etag;
  }
  const modified = headers.get("last-modified");
  const age = Date.parse(headers.get("date") ?? "") - Date.parse(modified ?? "");
  return age >= 1000 ? modified : undefined;
}

/** Lengths and ranges count compressed bytes then, and we have the others. */
function isEncoded(headers: ReadonlyMap<string, string>): boolean {
  return (headers.get("content-encoding") ?? "identity") !== "identity";
}

function brokenOff(url: string, cause: string): HttpConnectionError {
  const { host } = new URL(url);
  return new HttpConnectionError(
    `The download from ${host} broke off: ${cause}; check the network, and try again later`,
    hideUrlSecrets(url),
    undefined,
    true,
  );
}
