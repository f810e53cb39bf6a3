import type { StoreReader } from "@cti-connectors/core";
import { parseVersionDocumentId } from "../documents/document-id.js";

/** `_id`s of the stored documents that match a filter. */
export async function readDocumentIds(
  store: StoreReader,
  collection: string,
  filter: Readonly<Record<string, unknown>>,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { _id } of store.find(collection, filter, { projection: { _id: 1 } })) {
    if (typeof _id === "string") {
      ids.add(_id);
    }
  }
  return ids;
}

/** Ids of the objects of which these are the `_id`s of documents of the collection. */
export function objectIdsIn(collectionId: string, documentIds: Iterable<string>): ReadonlySet<string> {
  const parsed = [...documentIds].map((id) => parseVersionDocumentId(collectionId, id)?.objectId);
  return new Set(parsed.filter((id) => id !== undefined));
}
