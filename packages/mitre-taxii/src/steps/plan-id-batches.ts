import type { PageLimits } from "../session/page-limits.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import { batchIds } from "./batch-ids.js";

/**
 * The ids to ask for in each request, where that takes fewer requests than all pages of the collection.
 *
 * @param listed how many objects the collection has
 */
export function planIdBatches(
  {
    root,
    limits,
    collectionId,
    listed,
  }: {
    readonly root: TaxiiApiRoot;
    readonly limits: PageLimits;
    readonly collectionId: string;
    readonly listed: number;
  },
  wanted: readonly string[],
): readonly (readonly string[])[] | undefined {
  const { limit } = limits.of("objects", collectionId);
  const query = new URLSearchParams({ "match[id]": "", limit: String(limit) });
  const url = `${root.url}collections/${encodeURIComponent(collectionId)}/objects/?${query}`;
  const batches = batchIds(wanted, url.length, Math.min(limit, limits.mostIds ?? limit));
  return batches.length < Math.ceil(listed / limit) ? batches : undefined;
}
