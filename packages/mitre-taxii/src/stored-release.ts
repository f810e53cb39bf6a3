import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { findListedObjects } from "./find-listed-objects.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import { isStixObject, type StixObject } from "./taxii/stix-object.js";

const stored = z.object({
  data: z.object({ objects: z.array(z.custom<StixObject>(isStixObject)) }),
});

/** Ids of all documents of a release's collection, current or not; undefined where one of them is not stored. */
export async function findStoredRelease(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
  release: string,
): Promise<readonly string[] | undefined> {
  if (!manifest.complete || manifest.versions.size === 0) return undefined;
  const { documentIds, missing } = await findListedObjects(store, collectionId, manifest, release);
  return missing.length === 0 ? documentIds : undefined;
}

/** The objects of these documents, so many documents at a time. */
export async function* readStoredObjectPages(
  store: StoreReader,
  documentIds: readonly string[],
  pageSize: number,
): AsyncGenerator<readonly StixObject[]> {
  for (let start = 0; start < documentIds.length; start += pageSize) {
    const objects: StixObject[] = [];
    const filter = { _id: { $in: documentIds.slice(start, start + pageSize) } };
    for await (const document of store.find("objects", filter, { projection: { "data.objects": 1 } })) {
      objects.push(...stored.parse(document).data.objects);
    }
    yield objects;
  }
}
