import type { StoreReader } from "@cti-connectors/core";
import { parseVersionDocumentId, unversioned } from "./document-id.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import { parseTimestamp } from "./parse-timestamp.js";

/**
 * The `_id`s of stored objects whose version the manifest lists, even where it writes the timestamp in another way or
 * where the object itself names no version.
 */
export async function findListedObjects(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
): Promise<readonly string[]> {
  const listed: string[] = [];
  const filter = { "data.collection_id": collectionId, removed_at: null };
  for await (const { _id } of store.find("objects", filter, { projection: { _id: 1 } })) {
    if (typeof _id !== "string") continue;
    const parsed = parseVersionDocumentId(collectionId, _id);
    if (parsed === undefined) continue;
    const versions = manifest.versions.get(parsed.objectId) ?? [];
    if (versions.some((version) => isSameVersion(parsed.version, version))) listed.push(_id);
  }
  return listed;
}

function isSameVersion(stored: string, listed: string): boolean {
  if (stored === listed || stored === unversioned) return true;
  const time = parseTimestamp(stored)?.getTime();
  return time !== undefined && time === parseTimestamp(listed)?.getTime();
}
