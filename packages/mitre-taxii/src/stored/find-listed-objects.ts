import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId, unversioned } from "../documents/document-id.js";
import { isSameVersion, parseTimestamp } from "../documents/timestamps.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";

export interface ListedObjects {
  /** `_id`s of current documents whose version the manifest lists. */
  readonly documentIds: readonly string[];
  /** Ids of objects of which a listed version is not stored, or is marked as gone. */
  readonly missing: readonly string[];
}

/**
 * Compares the stored objects of a collection with its manifest. A version is the same even where the manifest writes the
 * timestamp in another way, and where the object itself names none.
 */
export async function findListedObjects(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
): Promise<ListedObjects> {
  const documentIds: string[] = [];
  const found = new Map<string, number>();
  const filter = { "data.collection_id": collectionId, removed_at: null };
  const options = { projection: { ingested_at: 1 } } as const;
  for await (const { _id, ingested_at } of store.find("objects", filter, options)) {
    if (typeof _id !== "string") {
      continue;
    }
    const parsed = parseVersionDocumentId(collectionId, _id);
    if (parsed === undefined) {
      continue;
    }
    const listed = manifest.versions.get(parsed.objectId) ?? [];
    if (!listed.some((version) => isListedAs(version, parsed.version, ingested_at))) {
      continue;
    }
    documentIds.push(_id);
    found.set(parsed.objectId, (found.get(parsed.objectId) ?? 0) + 1);
  }
  const missing: string[] = [];
  for (const [objectId, versions] of manifest.versions) {
    if ((found.get(objectId) ?? 0) < versions.length) {
      missing.push(objectId);
    }
  }
  return { documentIds, missing };
}

const storedVersions = z.object({
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
    const { data, success } = storedVersions.safeParse(document);
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

function isListedAs(listed: string, stored: string, ingestedAt: unknown): boolean {
  if (stored !== unversioned || listed === unversioned) {
    return isSameVersion(stored, listed);
  }
  // What is listed is the date it was added (TAXII 2.1, section 5.3.1).
  const listedTime = parseTimestamp(listed)?.getTime();
  return !(ingestedAt instanceof Date && listedTime !== undefined && listedTime > ingestedAt.getTime());
}
