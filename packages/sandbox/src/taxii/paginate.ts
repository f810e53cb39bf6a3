import { badRequest } from "./bad-request.js";
import { numberPages } from "./number-pages.js";
import { opaquePages } from "./opaque-pages.js";
import type { Page } from "./page.js";
import { sessionPages } from "./session-pages.js";
import type { TaxiiServer } from "./taxii-server.js";

/** The page that a request asks for, by the rules of this server's flavor. */
export function paginate<Item>(
  { flavor, behavior, sessions }: TaxiiServer,
  items: readonly Item[],
  query: URLSearchParams,
): Page<Item> {
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
