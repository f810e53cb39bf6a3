import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId } from "./document-id.js";
import { findListedObjects } from "./find-listed-objects.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import { listsAllVersions, readReleaseContents } from "./release-contents.js";
import { isStixObject, type StixObject } from "./taxii/stix-object.js";

const stored = z.object({
  data: z.object({ objects: z.array(z.custom<StixObject>(isStixObject)) }),
});

/**
 * Ids of all documents of a release's collection, current or not.
 *
 * @param maxContents MITRE_MAX_CONTENTS
 * @returns undefined where one of them is not stored, or its table of contents was cut shorter
 */
export async function findStoredRelease(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
  release: string,
  maxContents: number | null,
): Promise<readonly string[] | undefined> {
  if (!manifest.complete || manifest.versions.size === 0) return undefined;
  const { documentIds, missing } = await findListedObjects(store, collectionId, manifest, release);
  if (missing.length > 0) return undefined;
  const own = documentIds.filter((id) => parseVersionDocumentId(collectionId, id)?.objectId === collectionId);
  for await (const objects of readStoredObjectPages(store, own, own.length)) {
    const isWhole = objects.every((object) => {
      const { x_mitre_contents: contents } = object;
      if (!Array.isArray(contents) || contents.length === maxContents) return true;
      return listsAllVersions(collectionId, manifest, readReleaseContents(object) ?? new Map());
    });
    if (!isWhole) return undefined;
  }
  return documentIds;
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
