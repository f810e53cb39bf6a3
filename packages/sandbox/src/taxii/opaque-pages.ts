import { createHash } from "node:crypto";
import { badRequest } from "./bad-request.js";
import type { Page } from "./page.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

/**
 * Pages by the standard: `next` means nothing to a client, holds for the filter it was handed out with, and any
 * `limit` may come with it; a page can be shorter than `limit`.
 */
export function opaquePages<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  behavior: TaxiiBehavior,
): Page<Item> {
  const limit = readLimit(query, behavior);
  const nextText = behavior.ignore?.includes("next") ? null : query.get("next");
  const start = nextText === null ? 0 : readToken(nextText, query, behavior);
  const end = Math.min(start + limit, items.length);
  if (end >= items.length) {
    return { items: items.slice(start) };
  }
  return {
    items: items.slice(start, end),
    more: true,
    ...(!behavior.omitNext && { next: writeToken(end, query) }),
  };
}

/** How many entries a page has at most: as the request says, and as the server wants it. */
export function readLimit(query: URLSearchParams, behavior: TaxiiBehavior): number {
  const { ignore, maxPageSize, maxLimit = Number.POSITIVE_INFINITY } = behavior;
  const text = ignore?.includes("limit") ? null : query.get("limit");
  const limit = text === null ? maxLimit : Number(text);
  if (!(limit >= 1)) {
    throw badRequest(`limit is no positive number: "${text}"`);
  }
  return Math.min(Math.floor(limit), maxPageSize ?? Number.POSITIVE_INFINITY);
}

function writeToken(position: number, query: URLSearchParams): string {
  return Buffer.from(`${fingerprint(query)}:${position}:${Date.now()}`).toString("base64url");
}

function readToken(
  token: string,
  query: URLSearchParams,
  { tokenLifeMs = Number.POSITIVE_INFINITY }: TaxiiBehavior,
): number {
  const [print, position, issuedAt] = Buffer.from(token, "base64url").toString().split(":");
  if (print !== fingerprint(query) || !/^\d+$/.test(position ?? "")) {
    throw badRequest("next was not handed out for this filter");
  }
  if (Date.now() - Number(issuedAt) > tokenLifeMs) {
    throw badRequest("'next' not valid");
  }
  return Number(position);
}

/** Of everything that selects, so that a `next` that comes with another filter is noticed. */
function fingerprint(query: URLSearchParams): string {
  const selecting = [...query].filter(([name]) => name !== "limit" && name !== "next");
  selecting.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(selecting)).digest("hex").slice(0, 12);
}
