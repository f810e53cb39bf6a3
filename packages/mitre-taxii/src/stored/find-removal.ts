import type { LoadDocument, RemovedReason, StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const versioned = z.object({
  collection_id: z.string(),
  objects: z.tuple([z.object({ id: z.string() })]),
});
const listed = z.object({
  _id: z.string(),
  removed_at: z.date().nullish(),
  removed_reason: z.string().optional(),
});

/**
 * Why the server no longer lists an object version or its manifest record that is loaded late, as far as the stored manifest shows:
 * it was taken from the manifest, or a newer version of the object is listed. Undefined where it is listed, or nothing is known.
 */
export async function findRemoval(
  { _id, data }: LoadDocument,
  store: StoreReader,
): Promise<RemovedReason | undefined> {
  const parsed = versioned.safeParse(data);
  if (!parsed.success) {
    return undefined;
  }
  const { collection_id, objects } = parsed.data;
  const ofObject = { "data.collection_id": collection_id, "data.objects.id": objects[0].id };
  const projection = { removed_at: 1, removed_reason: 1 } as const;
  let isReplaced = false;
  for await (const found of store.find("manifest", ofObject, { projection })) {
    const record = listed.parse(found);
    const isListed = (record.removed_at ?? null) === null;
    if (record._id === _id) {
      if (isListed) {
        return undefined;
      }
      return record.removed_reason === "superseded" ? "superseded" : "withdrawn";
    }
    // Versions are RFC 3339 times in UTC, and ids that differ in nothing else are in their order.
    isReplaced ||= isListed && record._id > _id;
  }
  return isReplaced ? "superseded" : undefined;
}
