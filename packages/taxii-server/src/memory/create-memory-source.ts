import { createHash } from "node:crypto";
import { badRequest } from "../protocol/taxii-refusal.js";
import { normalizeTimestamp } from "../protocol/timestamp.js";
import type {
  ApiRoot,
  PageQuery,
  SourceCollection,
  SourcePage,
  TaxiiSource,
} from "../source/taxii-source.js";
import { type AddedBundle, type ListedObject, listBundles } from "./list-bundles.js";
import { selectObjects } from "./select-objects.js";

/** An API root whose collections are in memory. */
export interface MemoryApiRoot extends ApiRoot {
  readonly collections: readonly MemoryCollection[];
}

export interface MemoryCollection extends SourceCollection {
  /** From the oldest to the newest. A collection holds every version of every object in them. */
  readonly bundles: readonly AddedBundle[];
}

/**
 * A source of STIX bundles that are in memory and do not change.
 *
 * @throws Error where an object has no `id` or `type`, or `addedAt` is no timestamp
 */
export function createMemorySource(roots: readonly MemoryApiRoot[]): TaxiiSource {
  const contents = new Map(
    roots.map(({ path, collections }) => [
      path,
      new Map(collections.map(({ id, bundles }) => [id, listBundles(bundles)])),
    ]),
  );
  const stamps = new Map<string, string>();
  return {
    async apiRoots() {
      return roots;
    },
    async collections(root) {
      return roots.find(({ path }) => path === root)?.collections ?? [];
    },
    async readPage(query) {
      return readPage(contents.get(query.root)?.get(query.collection) ?? [], query);
    },
    async stamp(root) {
      const stamp = stamps.get(root) ?? hashContents(contents.get(root)?.values() ?? []);
      stamps.set(root, stamp);
      return stamp;
    },
  };
}

/** No two objects of a collection have the same date added, so it is a position, too. */
function readPage(
  objects: readonly ListedObject[],
  { filter, limit, after }: Pick<PageQuery, "filter" | "limit" | "after">,
): SourcePage {
  if (after !== undefined && normalizeTimestamp(after) !== after) {
    throw badRequest("next is not a position in this collection: begin without next");
  }
  const selected = selectObjects(objects, filter);
  const behind = after === undefined ? 0 : selected.findIndex(({ addedKey }) => addedKey > after);
  const start = behind === -1 ? selected.length : behind;
  const records = selected.slice(start, start + limit);
  const last = records.at(-1);
  return {
    records,
    ...(last !== undefined && start + limit < selected.length && { next: last.addedKey }),
    async *objects() {
      for (const { json } of records) {
        yield json;
      }
    },
  };
}

function hashContents(collections: Iterable<readonly ListedObject[]>): string {
  const hash = createHash("sha256");
  for (const objects of collections) {
    for (const { dateAdded, json } of objects) {
      hash.update(dateAdded).update(json);
    }
  }
  return hash.digest("base64url");
}
