import type { StoreReader } from "@cti-connectors/core";
import type { AddedPosition } from "./added-position.js";

type Filter = Readonly<Record<string, unknown>>;
type Found = Readonly<Record<string, unknown>>;

/** Which documents of a collection to walk through. */
export interface AddedWalk {
  readonly store: StoreReader;
  readonly collection: string;
  /** Equalities that an index has in front of `ingested_at` and `_id`, and conditions that no index serves. */
  readonly filter: Filter;
  readonly projection: Readonly<Record<string, 0 | 1>>;
  /** Only what came later. */
  readonly addedAfter?: Date | undefined;
  /** Only what came before. */
  readonly until: Date;
  readonly after?: AddedPosition | undefined;
  readonly limit: number;
}

/**
 * The next documents in the order of `ingested_at`, and of `_id` where many came at once, straight from an index: MongoDB would sort the
 * two halves of a condition on both fields.
 */
export async function* walkAdded(walk: AddedWalk): AsyncGenerator<Found, void, undefined> {
  const { store, collection, filter, projection, addedAfter, until } = walk;
  const isReached = addedAfter === undefined || (walk.after?.added ?? addedAfter) > addedAfter;
  const after = isReached ? walk.after : undefined;
  let left = walk.limit;
  if (after !== undefined && after.added < until) {
    // A document of which some objects were served comes again.
    const behind = after.part === undefined ? { $gt: after.id } : { $gte: after.id };
    const together = { ...filter, ingested_at: after.added, _id: behind };
    const sort = { _id: 1 } as const;
    for await (const document of store.find(collection, together, { projection, sort, ...limitTo(left) })) {
      left -= 1;
      yield document;
    }
  }
  if (left > 0) {
    const from = after?.added ?? addedAfter;
    const later = {
      ...filter,
      ingested_at: { ...(from !== undefined && { $gt: from }), $lt: until },
    };
    const sort = { ingested_at: 1, _id: 1 } as const;
    yield* store.find(collection, later, { projection, sort, ...limitTo(left) });
  }
}

function limitTo(limit: number): { readonly limit?: number } {
  return Number.isFinite(limit) ? { limit } : {};
}
