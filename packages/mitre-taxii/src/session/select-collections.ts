import type { StoreReader } from "@cti-connectors/core";
import { parseCollections, type TaxiiCollection } from "../taxii/collections.js";
import { matchGlob } from "./match-glob.js";

export interface CollectionSelection {
  /** To be loaded, in the server's order. */
  readonly selected: readonly TaxiiCollection[];
  /** Asked for, but the server says that we may not read them. */
  readonly unreadable: readonly TaxiiCollection[];
  /** Patterns that no collection matches. */
  readonly unmatched: readonly string[];
}

/**
 * Picks the collections to load.
 *
 * @param patterns ids, aliases, titles or globs of them; absent or empty: all
 * @param max the maximum number of collections
 */
export function selectCollections(
  collections: readonly TaxiiCollection[],
  patterns: readonly string[] | undefined,
  max: number | undefined,
): CollectionSelection {
  const all = patterns === undefined || patterns.length === 0;
  const wanted = all
    ? collections
    : collections.filter((collection) => patterns.some((pattern) => fits(collection, pattern)));
  return {
    selected: wanted.filter(({ canRead }) => canRead).slice(0, max),
    unreadable: wanted.filter(({ canRead }) => !canRead),
    unmatched: all
      ? []
      : patterns.filter((pattern) => !collections.some((collection) => fits(collection, pattern))),
  };
}

/** The collections of an API root as they were stored; undefined where they were not. */
export async function readStoredCollections(
  store: StoreReader,
  apiRoot: string,
): Promise<readonly TaxiiCollection[] | undefined> {
  for await (const { data } of store.find("collections", { _id: apiRoot }, { limit: 1 })) {
    return parseCollections(data);
  }
  return undefined;
}

function fits({ id, alias, title }: TaxiiCollection, pattern: string): boolean {
  return [id, alias, title].some((name) => name !== undefined && matchGlob(pattern, name));
}
