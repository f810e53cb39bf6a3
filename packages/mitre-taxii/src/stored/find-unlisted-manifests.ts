import type { Listing, StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const stored = z.object({ data: z.object({ collection_id: z.string() }) });

/**
 * Marks the manifests of collections that a release has not: another one was current before.
 *
 * @param listed ids of the collections that it has
 */
export async function findUnlistedManifests(
  store: StoreReader,
  listed: readonly string[],
): Promise<readonly Listing[]> {
  const filter = { removed_at: null, "data.collection_id": { $nin: listed } };
  const ids = new Set<string>();
  for await (const document of store.find("manifest", filter, {
    projection: { "data.collection_id": 1 },
  })) {
    ids.add(stored.parse(document).data.collection_id);
  }
  return [...ids].map((id) => ({
    collection: "manifest",
    scope: { "data.collection_id": id },
    listed: new Set<string>(),
    isSuperseded: () => false,
    acceptsRemovals: true,
  }));
}
