import { STATUS_CODES } from "node:http";
import { findErrorText } from "../errors/find-error-text.js";
import { shortenUrl } from "../text/one-line.js";
import type { HttpResponse } from "./http-client.js";

export interface HttpStatusErrorDetails {
  /** What `findFault` of the request found. */
  readonly fault?: string | undefined;
  /** What the client knows beside the answer, see `HttpStatusError`. */
  readonly advice?: string | undefined;
  readonly redirectsTo?: string | undefined;
  /** Name of the setting to check. */
  readonly setting?: string | undefined;
}

/** An upstream's answer is not 2xx, or cannot be used. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly url: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** The whole answer, for code that understands this upstream's error messages. */
  readonly body: string;
  /** The server's own words on one line, out of JSON, a web page or text; undefined if it sent none. */
  readonly said: string | undefined;
  /** What is wrong with an answer that came with 2xx. */
  readonly fault: string | undefined;
  /**
   * What the client adds to messages about the answer: why a redirect is not followed and which setting to
   * change, until when the server wants us to wait, after how many attempts it gave up.
   */
  readonly advice: string | undefined;
  /** Where a redirect that is not followed goes, without query. */
  readonly redirectsTo: string | undefined;

  /** @param response without secrets in its URL and body */
  constructor(response: HttpResponse, { fault, advice, redirectsTo, setting }: HttpStatusErrorDetails = {}) {
    const said = findErrorText(response.body);
    const status = `${response.status} ${STATUS_CODES[response.status] ?? ""}`.trim();
    const happened =
      fault === undefined ? `answered ${status}` : `sent ${fault} with HTTP status ${response.status}`;
    const known = [advice, setting && `check ${setting}`].filter((part) => part !== undefined).join("; ");
    super(
      `${shortenUrl(response.url)} ${happened}${said === undefined ? "" : `: ${said}`}${known === "" ? "" : ` (${known})`}`,
    );
    this.url = response.url;
    this.status = response.status;
    this.headers = response.headers;
    this.body = response.body;
    this.said = said;
    this.fault = fault;
    this.advice = advice;
    this.redirectsTo = redirectsTo;
  }
}

interface HttpConnectionErrorOptions extends ErrorOptions {
  /** False if the request never left this machine. Default true. */
  readonly wasSent?: boolean;
  /** What to do. It ends the message. */
  readonly advice?: string;
}

/** An upstream sent no answer, or only a part of one. */
export class HttpConnectionError extends Error {
  override readonly name = "HttpConnectionError";
  readonly wasSent: boolean;

  constructor(
    /** The message without advice. */
    readonly happened: string,
    /** Without secrets. */
    readonly url: string,
    /** What Node calls it, such as `ECONNREFUSED`; `ETIMEDOUT` if our own time-out ended the attempt. */
    readonly code: string | undefined,
    /** False if a retry cannot help, as with a certificate that is not trusted. */
    readonly retryable: boolean,
    { wasSent = true, advice, ...options }: HttpConnectionErrorOptions = {},
  ) {
    super(advice === undefined ? happened : `${happened}; ${advice}`, options);
    this.wasSent = wasSent;
  }
}

/** An address that no request is sent to. The message names the setting and shows no secret. */
export class HttpUrlError extends Error {
  override readonly name = "HttpUrlError";
}
