import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId } from "./document-id.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";

const dates = z.object({ created: z.date(), modified: z.date() });

/** A listed object that was modified after it was created, so that it has had another version; if one is stored. */
export async function findModifiedObject(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
): Promise<string | undefined> {
  const documents = store.find(
    "objects",
    { "data.collection_id": collectionId, removed_at: null },
    { projection: { "enriched.created": 1, "enriched.modified": 1 } },
  );
  for await (const { _id, enriched } of documents) {
    if (typeof _id !== "string" || !isModified(enriched)) continue;
    const objectId = parseVersionDocumentId(collectionId, _id)?.objectId;
    if (objectId !== undefined && manifest.versions.has(objectId)) return objectId;
  }
  return undefined;
}

function isModified(enriched: unknown): boolean {
  const { data } = dates.safeParse(enriched);
  return data !== undefined && data.created < data.modified;
}
