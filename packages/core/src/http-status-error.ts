import { STATUS_CODES } from "node:http";
import type { HttpResponse } from "./http-client.js";

const longestExcerpt = 200;

/** An upstream's answer that is not 2xx. */
export class HttpStatusError extends Error {
  override readonly name = "HttpStatusError";
  readonly url: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** The whole answer, for whoever understands this upstream's error messages. */
  readonly body: string;
  /** The answer on one line, cut at 200 characters. */
  readonly bodyExcerpt: string;

  /**
   * @param response without secrets in its URL and body
   * @param advice one sentence on what was expected or what to do
   */
  constructor(response: HttpResponse, advice?: string) {
    const excerpt = excerptOf(response.body);
    const status = `${response.status} ${STATUS_CODES[response.status] ?? ""}`.trim();
    const said = excerpt === "" ? "" : `: ${excerpt}`;
    super(`${response.url} answered ${status}${said}${advice === undefined ? "" : ` (${advice})`}`);
    this.url = response.url;
    this.status = response.status;
    this.headers = response.headers;
    this.body = response.body;
    this.bodyExcerpt = excerpt;
  }
}

function excerptOf(body: string): string {
  const line = body
    .slice(0, 10 * longestExcerpt)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length <= longestExcerpt
    ? line
    : `${line.slice(0, longestExcerpt - 1).replace(/\p{Surrogate}$/u, "")}…`;
}
