import type { z } from "zod";
import type { Sleep } from "../async/sleep.js";
import type { WaitNotice } from "../budget/budget-rules.js";
import type { RequestBudget } from "../budget/request-budget.js";
import type { RequestQuota } from "../config/quota-setting.js";
import type { Logger } from "../log/create-logger.js";

/** Settings of every request that one connector sends. */
export interface HttpSettings {
  /** Sent with every request to `origin`, and to no other. One that is undefined is not sent, such as a key that is not set. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Scheme, host and port that `headers` belong to. Absent: those of the first request. */
  readonly origin?: string | undefined;
  /** What errors and log lines must not show of addresses and answers, besides `headers`. */
  readonly secrets?: readonly string[] | undefined;
  /** Name of the setting that holds the address of `origin`: errors name it. */
  readonly urlSetting?: string | undefined;
  /** The quota of the upstream; absent: unlimited. */
  readonly quota?: RequestQuota | undefined;
  /** Per attempt, body included; of a download, for each 64 KiB. Default 30 000. */
  readonly timeoutMs?: number | undefined;
  /** How many times to retry a failed request. Default 4. */
  readonly retries?: number | undefined;
  /** The largest body that is kept in memory, unpacked. Default 40 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** The largest file that is downloaded, counted after HTTP decompression. Default 4 GiB. */
  readonly maxDownloadBytes?: number | undefined;
  /** Refuse every request, redirect and download to another machine before anything is sent. Default false. */
  readonly loopbackOnly?: boolean | undefined;
  /** For every connection to `origin`, and to no other. */
  readonly tls?: TlsSettings | undefined;
  /** Names of the settings behind `tls`: errors name them. */
  readonly tlsSettings?: TlsSettingNames | undefined;
}

/** Settings of all connectors of a run; they override those of a connector. */
export type HttpLimits = Pick<
  HttpSettings,
  "timeoutMs" | "retries" | "maxBodyBytes" | "maxDownloadBytes" | "loopbackOnly"
>;

/** A private CA and a client certificate, as PEM text. */
export interface TlsSettings {
  /** CA certificates to trust, instead of Node's built-in list. */
  readonly ca?: string | undefined;
  /** The client's certificate, and the chain behind it. */
  readonly cert?: string | undefined;
  /** The key of the client's certificate. */
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
}

export type TlsSettingNames = Readonly<Partial<Record<keyof TlsSettings, string>>>;

/** Requests are queries: a POST that failed is sent again like a GET. */
export interface HttpRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
  /**
   * False: after a time-out, a 502 or a 504 it is not sent again, because the caller will then request less. Default true.
   */
  readonly retryTimeouts?: boolean;
  /**
   * Says what came in place of a usable answer, such as `a web page instead of JSON`; asked of 2xx answers. A proxy's page or a
   * damaged answer may be gone at the next attempt, so the request is then sent again like one that failed, twice at most; what
   * stays is an `HttpStatusError` with that status. undefined: the answer is taken.
   */
  readonly findFault?: (answer: HttpResponse) => string | undefined;
  /**
   * Whether an answer says that there were too many requests though its status is not 429: then it is waited for as for a 429. Asked of
   * every answer.
   */
  readonly isThrottled?: (answer: HttpResponse) => boolean;
  /**
   * Name of the setting that holds this very URL, where it is not the address that the `urlSetting` of the settings holds: an error
   * about a redirect tells to change it.
   */
  readonly urlSetting?: string | undefined;
}

export interface HttpResponse {
  /** The one that answered, after redirects. */
  readonly url: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** How often the request was sent until this answer came, where that was more than once; a wait for a 429 to pass does not count. */
  readonly attempts?: number;
  /** False: the body holds bytes that are no UTF-8, and U+FFFD stands in their place. Absent: it holds none. */
  readonly isUtf8?: boolean;
}

/** Identify the version of an answer (RFC 9110, section 8.8), as the upstream sent them. */
export interface Validators {
  /** Strong or weak. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/**
 * Requests an answer only if it has changed (RFC 9110, section 13.1). undefined and an empty text are not sent, so a first request needs
 * no special case.
 */
export interface Conditions {
  /** `etag` of the previous answer, as received. */
  readonly ifNoneMatch?: string | undefined;
  /** `lastModified` of the previous answer. Servers ignore it if `ifNoneMatch` is sent too. */
  readonly ifModifiedSince?: string | undefined;
}

/** A request for JSON. A schema replaces `findFault`. */
export interface JsonRequest extends Omit<HttpRequest, "findFault"> {
  readonly ifNoneMatch?: never;
  readonly ifModifiedSince?: never;
}

/** A GET for JSON that may not have changed. */
export interface ConditionalJsonRequest
  extends Omit<HttpRequest, "findFault" | "method" | "body">,
    Conditions {}

/** Common to all answers. */
interface AnswerPlace {
  /** The one that answered, after redirects. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

/** JSON that fits the schema. */
export interface JsonAnswer<Body> extends AnswerPlace {
  readonly notModified: false;
  readonly status: number;
  /** The output of the schema. */
  readonly body: Body;
  /** Pass them to the next request as `ifNoneMatch` and `ifModifiedSince`. Empty if the upstream sends none. */
  readonly validators: Validators;
  /** How often the request was sent until this answer came; a wait for a 429 to pass does not count. */
  readonly attempts: number;
}

/** 304: nothing has changed since the previous answer. */
export interface NotModified extends AnswerPlace {
  readonly notModified: true;
  /** As that of `JsonAnswer`. */
  readonly attempts: number;
}

/** A GET whose answer goes to a file. */
export interface DownloadRequest {
  /** `Range` and `If-Range` are the client's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Path of the file to be written. What is there already is replaced. */
  readonly file: string;
  /** Told now and then, and at the end; `total` is undefined where the upstream does not tell. */
  readonly onProgress?: (bytes: { readonly read: number; readonly total: number | undefined }) => void;
  /** As that of `HttpRequest`. */
  readonly urlSetting?: string | undefined;
  readonly ifNoneMatch?: never;
  readonly ifModifiedSince?: never;
}

/** A download of a file that may not have changed. */
export interface ConditionalDownloadRequest extends Omit<DownloadRequest, keyof Conditions>, Conditions {}

export interface Download extends AnswerPlace {
  readonly notModified: false;
  /** Length of the file. */
  readonly bytes: number;
  /** As those of `JsonAnswer`. */
  readonly validators: Validators;
}

export interface HttpClient {
  /**
   * Sends a request and reads the whole answer.
   *
   * @throws HttpStatusError if the last attempt's answer is not 2xx, or `findFault` has found a fault in it
   * @throws HttpConnectionError if no answer came (refused, no such host, timed out, cut off), or too long a one
   * @throws HttpUrlError if the address is not an HTTP URL, has a user name or password, or is not one of this machine with `loopbackOnly`
   * @throws the signal's reason if the run was interrupted while it waited, or the answer did not come within a few seconds after it
   */
  request(url: string | URL, request?: HttpRequest): Promise<HttpResponse>;

  /**
   * Requests JSON and validates it. An answer that is not JSON (empty, a web page, truncated) or does not fit the schema is requested again,
   * as with `findFault`. Values that cannot be kept exactly are marked (see `parseJson`); the schema's output keeps the marks.
   *
   * @param schema without asynchronous checks
   * @throws HttpStatusError with a status of 2xx and a `fault` if no JSON came that fits; what `request` throws
   */
  json<Schema extends z.ZodType>(
    url: string | URL,
    schema: Schema,
    request?: JsonRequest,
  ): Promise<JsonAnswer<z.output<Schema>>>;
  /** The same, but a 304 returns `notModified: true`. If neither condition has a value, a 304 throws an `HttpStatusError`. */
  json<Schema extends z.ZodType>(
    url: string | URL,
    schema: Schema,
    request: ConditionalJsonRequest,
  ): Promise<JsonAnswer<z.output<Schema>> | NotModified>;

  /**
   * Writes an answer of any size to a file, with the retries, budget and redirects of `request`. A download that is cut off goes on
   * where it stopped, where the upstream can. The time-out is for each 64 KiB. It asks for the bytes as they are, not
   * compressed on the way. Where it fails, no file is left.
   *
   * @throws what `request` throws, and what the file system throws
   * @throws the signal's reason if the run was interrupted, at once: a download is not finished first
   */
  download(url: string | URL, request: DownloadRequest): Promise<Download>;
  /** The same, and 304 is a value, as with `json`: the file then stays as it is. */
  download(url: string | URL, request: ConditionalDownloadRequest): Promise<Download | NotModified>;
}

/** What a client has done so far. */
export interface HttpStats {
  /** Requests sent, retries and followed redirects included. */
  readonly requests: number;
  /** Attempts after a failure; waiting for a 429 to pass is not one. */
  readonly retries: number;
  /** 429 answers. */
  readonly throttled: number;
}

/** What all requests of one client share. */
export interface HttpContext {
  readonly settings: HttpSettings;
  /** Every attempt is taken from it before it is sent. Absent: no limit. */
  readonly budget?: RequestBudget | undefined;
  readonly log: Logger;
  /** When it aborts, the request in hand has a few seconds to end, and no other is started. */
  readonly signal: AbortSignal;
  readonly onWait?: ((notice: WaitNotice) => void) | undefined;
  /** Called after a wait that `onWait` told of; not when it was interrupted. */
  readonly onResume?: (() => void) | undefined;
  readonly userAgent: string;
  readonly sleep: Sleep;
  readonly now: () => Date;
  /** From 0 to 1, like `Math.random`. */
  readonly random: () => number;
  /** Incremented with every request, retry and 429. */
  readonly stats: { -readonly [Name in keyof HttpStats]: HttpStats[Name] };
}
