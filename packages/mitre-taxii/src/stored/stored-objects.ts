import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { compareReleaseVersions } from "../config/release-version.js";
import { parseVersionDocumentId } from "../documents/document-id.js";

/** Which releases the objects of a collection were found in so far. */
export type StoredObjects = Awaited<ReturnType<typeof readStoredObjects>>;

const labelled = z.object({
  _id: z.string(),
  enriched: z.object({ releases: z.array(z.string()).default([]) }),
});

/** Reads through all stored versions of a collection's objects once. */
export async function readStoredObjects(store: StoreReader, collectionId: string, currentRelease: string) {
  const newest = new Map<string, string>();
  const current = new Set<string>();

  /** Notes that a release has the object. */
  function add(objectId: string, release: string): void {
    if (release === currentRelease) {
      current.add(objectId);
    }
    const known = newest.get(objectId);
    if (known === undefined || compareReleaseVersions(known, release) < 0) {
      newest.set(objectId, release);
    }
  }

  const options = { projection: { _id: 1, "enriched.releases": 1 } } as const;
  for await (const document of store.find("objects", { "data.collection_id": collectionId }, options)) {
    const { _id, enriched } = labelled.parse(document);
    const parsed = parseVersionDocumentId(collectionId, _id);
    if (parsed === undefined) {
      continue;
    }
    for (const release of enriched.releases) {
      add(parsed.objectId, release);
    }
  }
  return {
    /** The release that is current. */
    currentRelease,
    /** Whether the current release has the object. */
    isCurrent: (objectId: string) => current.has(objectId),
    /** What became of the object's version of a release that is not in the current one: a later release has another, or none has. */
    removalOf(objectId: string, release: string): "superseded" | "withdrawn" {
      const last = newest.get(objectId);
      const isSuperseded =
        current.has(objectId) || (last !== undefined && compareReleaseVersions(release, last) < 0);
      return isSuperseded ? "superseded" : "withdrawn";
    },
    add,
  };
}

const dated = z.object({
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
    const { data } = dated.safeParse(document);
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
