import { randomUUID } from "node:crypto";
import { badRequest } from "./bad-request.js";
import { readLimit } from "./opaque-pages.js";
import type { Page } from "./page.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

/** Token → how far its listing was sent, and when. */
export type PageSessions = Map<string, { position: number; usedAt: number }>;

/** Pages that all have one token: the server knows how far it got, and passes over what a client asks for twice. */
export function sessionPages<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  behavior: TaxiiBehavior,
  sessions: PageSessions,
): Page<Item> {
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
