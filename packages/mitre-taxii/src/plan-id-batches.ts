import { batchIds } from "./batch-ids.js";
import type { TaxiiApiRoot } from "./taxii/taxii-api-root.js";

/**
 * The ids to ask for in each request, where that takes fewer requests than all pages of the collection.
 *
 * @param listed how many objects the collection has
 * @param limit objects in a page
 */
export function planIdBatches(
  root: TaxiiApiRoot,
  collectionId: string,
  wanted: readonly string[],
  listed: number,
  limit: number,
): readonly (readonly string[])[] | undefined {
  const query = new URLSearchParams({ "match[id]": "", limit: String(limit) });
  const url = `${root.url}collections/${encodeURIComponent(collectionId)}/objects/?${query}`;
  const batches = batchIds(wanted, url.length, limit);
  return batches.length < Math.ceil(listed / limit) ? batches : undefined;
}
