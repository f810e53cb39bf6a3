import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";

const stored = z.object({
  data: z.object({ object_id: z.string(), versions: z.object({ versions: z.array(z.string()) }) }),
});

/** Ids of the objects whose current `versions` document holds every version that the manifest lists. */
export async function findObjectsWithVersions(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const filter = { "data.collection_id": collectionId, removed_at: null };
  const options = { projection: { "data.object_id": 1, "data.versions": 1 } } as const;
  for await (const document of store.find("versions", filter, options)) {
    const { data, success } = stored.safeParse(document);
    if (!success) {
      continue;
    }
    const { object_id, versions } = data.data;
    const listed = manifest.versions.get(object_id) ?? [];
    if (listed.length > 0 && listed.every((version) => versions.versions.includes(version))) {
      found.add(object_id);
    }
  }
  return found;
}
