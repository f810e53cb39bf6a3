import type { Listing, StoreReader } from "@cti-connectors/core";
import { objectDocumentId, parseVersionDocumentId } from "../documents/document-id.js";
import type { ReleasedCollection } from "./released-collection.js";

/** Whether what is current of a collection is what one release, which is stored whole, has: it may be another's since. */
export async function isReleaseListed(
  store: StoreReader,
  { id, release }: Pick<ReleasedCollection, "id" | "release">,
): Promise<boolean> {
  for (const collection of ["objects", "versions"]) {
    const listed = { "data.collection_id": id, removed_at: null };
    const released = { "data.collection_id": id, "enriched.releases": release };
    const both = await store.count(collection, { ...listed, ...released });
    if ((await store.count(collection, listed)) !== both) {
      return false;
    }
    if ((await store.count(collection, released)) !== both) {
      return false;
    }
  }
  return true;
}

/** Marks everything of a collection that one release, which is stored whole, has not. */
export async function listRelease(
  store: StoreReader,
  { id, release }: Pick<ReleasedCollection, "id" | "release">,
): Promise<readonly Listing[]> {
  const scope = { "data.collection_id": id };
  // It is stored whole, and current because newer releases that are selected have no such collection.
  const acceptsRemovals = true;
  const versions = await idsOf("versions");
  const hasObject = (documentId: string) => {
    const parsed = parseVersionDocumentId(id, documentId);
    return parsed !== undefined && versions.has(objectDocumentId(id, parsed.objectId));
  };
  return [
    {
      collection: "objects",
      scope,
      listed: await idsOf("objects"),
      isSuperseded: hasObject,
      acceptsRemovals,
    },
    { collection: "versions", scope, listed: versions, isSuperseded: () => false, acceptsRemovals },
  ];

  async function idsOf(collection: "objects" | "versions"): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    const filter = { ...scope, "enriched.releases": release };
    for await (const { _id } of store.find(collection, filter, { projection: { _id: 1 } })) {
      if (typeof _id === "string") {
        ids.add(_id);
      }
    }
    return ids;
  }
}
