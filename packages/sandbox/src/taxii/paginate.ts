import { numberPages } from "./number-pages.js";
import { opaquePages } from "./opaque-pages.js";
import type { Page } from "./page.js";
import type { TaxiiServer } from "./taxii-server.js";

/** The page that a request asks for, by the rules of this server's flavor. */
export function paginate<Item>(
  { flavor, behavior }: TaxiiServer,
  items: readonly Item[],
  query: URLSearchParams,
): Page<Item> {
  return flavor === "attack"
    ? numberPages(items, query, new Set(behavior.ignore))
    : opaquePages(items, query, behavior);
}
