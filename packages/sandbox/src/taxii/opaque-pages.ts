import { createHash } from "node:crypto";
import type { Page } from "./page.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";
import { TaxiiError } from "./taxii-error.js";

/**
 * Pages by the standard: `next` means nothing to a client, holds for the filter it was handed out with, and any
 * `limit` may come with it; a page can be shorter than `limit`.
 */
export function opaquePages<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  behavior: TaxiiBehavior,
): Page<Item> {
  const limitText = behavior.ignore?.includes("limit") ? null : query.get("limit");
  const limit = limitText === null ? Number.POSITIVE_INFINITY : Number(limitText);
  if (!(limit >= 1)) throw badRequest(`limit is no positive number: "${limitText}"`);

  const nextText = behavior.ignore?.includes("next") ? null : query.get("next");
  const start = nextText === null ? 0 : readToken(nextText, query);
  const size = Math.min(Math.floor(limit), behavior.maxPageSize ?? Number.POSITIVE_INFINITY);
  const end = Math.min(start + size, items.length);
  if (end >= items.length) return { items: items.slice(start) };
  return {
    items: items.slice(start, end),
    more: true,
    ...(!behavior.omitNext && { next: writeToken(end, query) }),
  };
}

function writeToken(position: number, query: URLSearchParams): string {
  return Buffer.from(`${fingerprint(query)}:${position}`).toString("base64url");
}

function readToken(token: string, query: URLSearchParams): number {
  const [print, position] = Buffer.from(token, "base64url").toString().split(":");
  if (print !== fingerprint(query) || !/^\d+$/.test(position ?? "")) {
    throw badRequest("next was not handed out for this filter");
  }
  return Number(position);
}

/** Of everything that selects, so that a `next` that comes with another filter is noticed. */
function fingerprint(query: URLSearchParams): string {
  const selecting = [...query].filter(([name]) => name !== "limit" && name !== "next");
  selecting.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(selecting)).digest("hex").slice(0, 12);
}

function badRequest(description: string): TaxiiError {
  return new TaxiiError({ status: 400, title: "Bad Request", description, errorCode: "bad-request" });
}
