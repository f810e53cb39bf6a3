import { isRefusal } from "../taxii/refusals.js";
import { isStixObject } from "../taxii/stix-object.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";
import type { Load } from "./begin-load.js";
import type { ChangedCollection } from "./load-collections.js";

/** What servers and gateways commonly take for a URL is 8 kB; the token of a next page fits in beside these. */
const longestUrl = 7_500;
/** What a list adds to an id: a comma in a URL's query. */
const commaLength = "%2C".length;

/**
 * How it ended: `selected`, all were asked for; `ignored`, the server sends something else or refuses a single id;
 * `refused`, it refuses lists for so long that all pages take no more requests.
 */
export type SelectionById = "selected" | "ignored" | "refused";

/**
 * The objects with these ids, one request for each list of them. A list that is refused, in whatever way, is asked for in halves, and
 * the length that worked is remembered: servers and the firewalls in front of them limit lists and URLs.
 */
export async function* walkObjectsById(
  load: Load,
  collection: ChangedCollection,
  wanted: readonly string[],
): AsyncGenerator<TaxiiPage, SelectionById> {
  const { root, limits } = load.session;
  const { id } = collection;
  const { limit, maxPages } = limits.of("objects", id);
  let left = wanted;
  let hasWarned = false;
  while (left.length > 0) {
    const batch = planIdBatches(load, collection, left)?.[0];
    if (batch === undefined) {
      return "refused";
    }
    const options = { limit, ...(maxPages !== undefined && { maxPages }), match: { id: batch } };
    try {
      for await (const page of root.objects(id, options)) {
        if (page.entries.filter(isStixObject).some((object) => !batch.includes(object.id))) {
          return "ignored";
        }
        yield page;
      }
      left = left.slice(batch.length);
    } catch (error) {
      if (!(error instanceof TaxiiError) || !isRefusal(error)) {
        throw error;
      }
      if (!hasWarned) {
        load.session.log.warn(
          { collection: id, ids: batch.length, reason: error.message },
          `${id}: the server rejects ${batch.length} ids in one request (HTTP ${error.httpStatus}): requesting fewer, or pages`,
        );
      }
      hasWarned = true;
      if (batch.length === 1) {
        return "ignored";
      }
      limits.refuseIdsAbove(Math.ceil(batch.length / 2));
    }
  }
  return "selected";
}

/**
 * The ids to ask for in each request, where that takes fewer requests than all pages of the collection.
 *
 * @param wanted those that are left to be asked for
 */
export function planIdBatches(
  { session: { root, limits } }: Load,
  { id, manifest }: ChangedCollection,
  wanted: readonly string[],
): readonly (readonly string[])[] | undefined {
  const { limit } = limits.of("objects", id);
  const query = new URLSearchParams({ "match[id]": "", limit: String(limit) });
  const url = `${root.url}collections/${encodeURIComponent(id)}/objects/?${query}`;
  const batches = batchIds(wanted, url.length, Math.min(limit, limits.mostIds ?? limit));
  return batches.length < Math.ceil(manifest.versions.size / limit) ? batches : undefined;
}

/**
 * Object ids in lists that fit into a URL each.
 *
 * @param baseLength length of the URL without the ids
 * @param most ids in one list
 */
export function batchIds(
  ids: Iterable<string>,
  baseLength: number,
  most: number,
): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let length = baseLength;
  for (const id of ids) {
    const added = encodeURIComponent(id).length + commaLength;
    if (batch.length > 0 && (batch.length >= most || length + added > longestUrl)) {
      batches.push(batch);
      batch = [];
      length = baseLength;
    }
    batch.push(id);
    length += added;
  }
  if (batch.length > 0) {
    batches.push(batch);
  }
  return batches;
}
