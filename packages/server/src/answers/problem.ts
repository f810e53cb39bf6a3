import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

const titles = {
  400: "Bad request",
  401: "Unauthorized",
  404: "Not found",
  405: "Method not allowed",
  413: "Content too large",
  414: "URI too long",
  415: "Unsupported media type",
  421: "Misdirected request",
  429: "Too many requests",
  500: "Internal server error",
  503: "Service unavailable",
  504: "Timed out",
} as const satisfies Partial<Record<ContentfulStatusCode, string>>;
type ProblemStatus = keyof typeof titles;

/**
 * Answers that a request cannot be answered (RFC 9457).
 *
 * @param detail what happened, and what to do
 */
export function answerProblem(
  context: Context,
  status: ProblemStatus,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ title: titles[status], status, detail });
  return context.body(body, status, { "content-type": "application/problem+json", ...headers });
}

/** Ends a request with a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly status: ProblemStatus,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}
