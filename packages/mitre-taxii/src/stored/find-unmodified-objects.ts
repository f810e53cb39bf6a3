import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId } from "../documents/document-id.js";

const stored = z.object({
  _id: z.string(),
  enriched: z.object({ created: z.date().nullish(), modified: z.date().nullish() }),
});

/** Ids of the stored objects that are as they were created, or have no such times: those have no other version. */
export async function findUnmodifiedObjects(
  store: StoreReader,
  collectionId: string,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const filter = { "data.collection_id": collectionId, removed_at: null };
  const options = { projection: { "enriched.created": 1, "enriched.modified": 1 } } as const;
  for await (const document of store.find("objects", filter, options)) {
    const { data } = stored.safeParse(document);
    const objectId = data && parseVersionDocumentId(collectionId, data._id)?.objectId;
    if (data === undefined || objectId === undefined) {
      continue;
    }
    const { created, modified } = data.enriched;
    if (!created || !modified || created.getTime() === modified.getTime()) {
      found.add(objectId);
    }
  }
  return found;
}
