import { createHash, randomUUID } from "node:crypto";
import type { IgnorableParameter, TaxiiBehavior } from "./taxii-behavior.js";
import { badRequest, TaxiiRefusal } from "./taxii-error.js";
import type { ListedObject, PageSessions, TaxiiServer } from "./taxii-server.js";

/** A part of a list, as TAXII hands it out (TAXII 2.1 §3.5). */
export interface Page {
  readonly items: readonly ListedObject[];
  /** Absent: the request did not ask for pages. */
  readonly more?: boolean;
  readonly next?: string;
}

/** The page that a request asks for, by the rules of this server's flavor. */
export function paginate(
  { flavor, behavior, sessions }: TaxiiServer,
  items: readonly ListedObject[],
  query: URLSearchParams,
): Page {
  if (behavior.maxLimit !== undefined && Number(query.get("limit")) > behavior.maxLimit) {
    throw badRequest(`limit must be <= ${behavior.maxLimit}`);
  }
  if (flavor === "attack") {
    return numberPages(items, query, new Set(behavior.ignore));
  }
  return behavior.oneToken
    ? sessionPages(items, query, behavior, sessions)
    : opaquePages(items, query, behavior);
}

/**
 * Pages as the public ATT&CK server counts them: `next` is a page number, and only counts together with the
 * `limit` that is sent with it. A parameter that is no number counts as absent, and without `limit` everything
 * comes at once. The page right behind a list that `limit` divides evenly is empty; pages past that are 404.
 */
function numberPages(
  items: readonly ListedObject[],
  query: URLSearchParams,
  ignored: ReadonlySet<IgnorableParameter>,
): Page {
  const limit = ignored.has("limit") ? undefined : readNumber(query, "limit");
  if (limit === undefined) {
    return { items };
  }
  const number = (ignored.has("next") ? undefined : readNumber(query, "next")) ?? 0;
  const start = limit * number;
  if (start > items.length) {
    throw new TaxiiRefusal({
      status: 404,
      title: "Invalid URL Query Parameters",
      description: `There is no page ${number} of ${limit} entries.`,
    });
  }
  const more = start + limit < items.length;
  return {
    items: items.slice(start, start + limit),
    more,
    ...(more && { next: String(number + 1) }),
  };
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") {
    return undefined;
  }
  const number = Math.floor(Number(text.replaceAll(/['"]/g, "")));
  return Number.isNaN(number) ? undefined : Math.max(0, number);
}

/**
 * Pages by the standard: `next` means nothing to a client, holds for the filter it was issued for, and any
 * `limit` may come with it; a page can be shorter than `limit`.
 */
function opaquePages(items: readonly ListedObject[], query: URLSearchParams, behavior: TaxiiBehavior): Page {
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
function readLimit(query: URLSearchParams, behavior: TaxiiBehavior): number {
  const { ignore, maxPageSize, maxLimit = Number.POSITIVE_INFINITY } = behavior;
  const text = ignore?.includes("limit") ? null : query.get("limit");
  const limit = text === null ? maxLimit : Number(text);
  if (!(limit >= 1)) {
    throw badRequest(`limit is not a positive number: "${text}"`);
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
    throw badRequest("next was not issued for this filter");
  }
  if (Date.now() - Number(issuedAt) > tokenLifeMs) {
    throw badRequest("'next' not valid");
  }
  return Number(position);
}

/** Covers every parameter that selects, so that a `next` with another filter is noticed. */
function fingerprint(query: URLSearchParams): string {
  const selecting = [...query].filter(([name]) => name !== "limit" && name !== "next");
  selecting.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(selecting)).digest("hex").slice(0, 12);
}

/** Pages that all have one token: the server knows how far it got, and passes over what a client asks for twice. */
function sessionPages(
  items: readonly ListedObject[],
  query: URLSearchParams,
  behavior: TaxiiBehavior,
  sessions: PageSessions,
): Page {
  const limit = readLimit(query, behavior);
  const given = behavior.ignore?.includes("next") ? null : query.get("next");
  const session = given === null ? { position: 0, usedAt: Date.now() } : sessions.get(given);
  const { tokenLifeMs = Number.POSITIVE_INFINITY } = behavior;
  if (session === undefined || Date.now() - session.usedAt > tokenLifeMs) {
    if (given !== null) {
      sessions.delete(given);
    }
    throw badRequest("'next' not valid");
  }
  const token = given ?? randomUUID();
  const start = session.position;
  const end = Math.min(start + limit, items.length);
  if (end >= items.length) {
    sessions.delete(token);
    return { items: items.slice(start) };
  }
  sessions.set(token, { position: end, usedAt: Date.now() });
  return { items: items.slice(start, end), more: true, next: token };
}
