import { createHash } from "node:crypto";
import fresh from "fresh";
import type { Context } from "hono";
import { taxiiContentType } from "../protocol/media-type.js";
import type { TaxiiEnv } from "./taxii-env.js";

/** Sends a resource, or 304 where the client has it already. */
export function answerResource(c: Context<TaxiiEnv>, resource: object): Response {
  const body = JSON.stringify(resource);
  const etag = makeEtag(body);
  return (
    answerNotModified(c, etag) ?? new Response(body, { headers: { "content-type": taxiiContentType, etag } })
  );
}

/** 304 where the client has what this ETag stands for. */
export function answerNotModified(c: Context<TaxiiEnv>, etag: string): Response | undefined {
  // Not `Cache-Control`: `fetch` adds a "no-cache" to every request with a condition.
  const condition = c.req.header("if-none-match");
  return fresh({ "if-none-match": condition }, { etag })
    ? new Response(null, { status: 304, headers: { etag } })
    : undefined;
}

/** Whether the client has a version that it does not name: 304 is right only if the resource exists (RFC 9110, section 13.1.2). */
export function hasSomeVersion(c: Context<TaxiiEnv>): boolean {
  return c.req.header("if-none-match")?.trim() === "*";
}

/**
 * A weak `ETag`.
 *
 * @param parts what the answer depends on
 */
export function makeEtag(...parts: readonly string[]): string {
  return `W/"${createHash("sha256").update(parts.join("\n")).digest("base64url")}"`;
}
