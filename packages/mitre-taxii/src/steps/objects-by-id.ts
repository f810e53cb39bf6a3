import type { Logger } from "@cti-connectors/core";
import type { PageLimits } from "../session/page-limits.js";
import { isRefusal } from "../taxii/refusals.js";
import type { StixObject } from "../taxii/stix-object.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";

/** What servers and gateways commonly take for a URL is 8 kB; the token of a next page fits in beside these. */
const longestUrl = 7_500;
/** What a list adds to an id: a comma in a URL's query. */
const commaLength = "%2C".length;

export interface ObjectsById {
  readonly root: TaxiiApiRoot;
  readonly limits: PageLimits;
  readonly log: Logger;
  readonly collectionId: string;
  readonly wanted: readonly string[];
  /** How many objects the collection has. */
  readonly listed: number;
}

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
  selection: ObjectsById,
): AsyncGenerator<TaxiiPage<StixObject>, SelectionById> {
  const { root, limits, log, collectionId } = selection;
  const { limit, maxPages } = limits.of("objects", collectionId);
  let left = selection.wanted;
  let hasWarned = false;
  while (left.length > 0) {
    const batch = planIdBatches(selection, left)?.[0];
    if (batch === undefined) {
      return "refused";
    }
    const ids = new Set(batch);
    const options = { limit, ...(maxPages !== undefined && { maxPages }), match: { id: batch } };
    try {
      for await (const page of root.objects(collectionId, options)) {
        if (page.items.some(({ id }) => !ids.has(id))) {
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
        log.warn(
          { collection: collectionId, ids: batch.length, reason: error.message },
          `${collectionId}: the server refuses ${batch.length} ids in one request (HTTP ${error.httpStatus}): it is asked for fewer, or for pages`,
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
  { root, limits, collectionId, listed }: ObjectsById,
  wanted: readonly string[],
): readonly (readonly string[])[] | undefined {
  const { limit } = limits.of("objects", collectionId);
  const query = new URLSearchParams({ "match[id]": "", limit: String(limit) });
  const url = `${root.url}collections/${encodeURIComponent(collectionId)}/objects/?${query}`;
  const batches = batchIds(wanted, url.length, Math.min(limit, limits.mostIds ?? limit));
  return batches.length < Math.ceil(listed / limit) ? batches : undefined;
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
