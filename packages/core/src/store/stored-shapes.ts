import { z } from "zod";
import type { StoreAccess } from "./open-store.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

const storedShape = z.object({
  /** That of the step's `restore`. */
  version: z.number(),
  /** Documents up to this `_id` have been restored. Absent: all of them. */
  after: z.string().exactOptional(),
});

/** In which version of a step's shape the documents of a collection are stored. */
export type StoredShape = Readonly<z.output<typeof storedShape>>;

/** Whether documents that are stored in a shape must be upgraded to a version. Those of a newer version are left to that. */
export function isOutdated(stored: StoredShape | undefined, version: number): boolean {
  return (
    stored === undefined ||
    stored.version < version ||
    (stored.version === version && stored.after !== undefined)
  );
}

/** Remembers the shape of each collection: in `etl_state`, one document per collection. */
export function createStoredShapes(store: StoreAccess) {
  const state = stateOf(store);
  const idOf = (collection: string) => stateId("shape", collection);

  return {
    /** What was saved last; undefined where nothing was. */
    async load(collection: string): Promise<StoredShape | undefined> {
      const found = await withStoreRetry(store, () => state.findOne({ _id: idOf(collection) }));
      return storedShape.safeParse(found).data;
    },
    async save(
      collection: string,
      shape: StoredShape,
      { runId, at }: { readonly runId: string; readonly at: Date },
    ): Promise<void> {
      const saved = { ...shape, run_id: runId, saved_at: at };
      await withStoreRetry(store, () => state.replaceOne({ _id: idOf(collection) }, saved, { upsert: true }));
    },
  };
}
