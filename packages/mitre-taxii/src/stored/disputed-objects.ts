import { affectsEverything, type Logger, type StoreReader } from "@cti-connectors/core";
import {
  type ReleaseContents,
  readReleaseContents,
  readStoredContents,
} from "../documents/release-contents.js";
import { countListed } from "../freshness/assess-collection.js";
import type { CompleteLoad } from "../freshness/complete-load.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { isStixObject } from "../taxii/stix-object.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import { objectIdsIn, readDocumentIds } from "./document-ids.js";

/**
 * Which stored objects a manifest leaves out although the release's own table of contents lists them: then the manifest ended too early,
 * and what it leaves out is not withdrawn. The table is the stored one where the manifest is of the same release, or names none; of another
 * release it is asked for, with one request, and only where the manifest leaves out something that is stored.
 *
 * @param known the release that was loaded before
 * @returns ids; none where there is no table of contents
 */
export async function findDisputedObjects(
  { root, store }: TaxiiSession,
  collectionId: string,
  manifest: ManifestSnapshot,
  known: string | null | undefined,
): Promise<readonly string[]> {
  const release = manifest.release ?? known ?? undefined;
  if (release === undefined) {
    return [];
  }
  const stored = await readCurrentIds(store, "manifest", collectionId);
  const leftOut = [...stored].filter((id) => !manifest.versions.has(id));
  if (leftOut.length === 0) {
    return [];
  }
  const contents =
    (await readStoredContents(store, collectionId, release)) ??
    (manifest.release === undefined ? undefined : await askForContents(root, collectionId));
  return leftOut.filter((id) => contents?.has(id));
}

/**
 * Whether a stored manifest ended too early: it lacks objects that are stored and listed in the release's own table of contents. That is looked
 * for only where more objects than manifest records are current.
 */
export async function isManifestShort(
  { store, log }: TaxiiSession,
  collectionId: string,
  { release, count }: CompleteLoad,
): Promise<boolean> {
  if (release === null || (await countListed(store, "objects", collectionId)) <= count) {
    return false;
  }
  const contents = await readStoredContents(store, collectionId, release);
  if (contents === undefined) {
    return false;
  }
  const listed = await readCurrentIds(store, "manifest", collectionId);
  const stored = await readCurrentIds(store, "objects", collectionId);
  const missing = [...stored].filter((id) => contents.has(id) && !listed.has(id));
  if (missing.length > 0) {
    warnOfShortManifest(log, collectionId, missing.length);
  }
  return missing.length > 0;
}

export function warnOfShortManifest(log: Logger, collectionId: string, missing: number): void {
  log.warn(
    { collection: collectionId, missing },
    `the manifest of ${collectionId} lacks ${missing} objects that the release's own table of contents lists: nothing is withdrawn, and the next run reads it again`,
  );
}

async function readCurrentIds(
  store: StoreReader,
  collection: "manifest" | "objects",
  id: string,
): Promise<ReadonlySet<string>> {
  const current = { "data.collection_id": id, removed_at: null };
  return objectIdsIn(id, await readDocumentIds(store, collection, current));
}

/** The table of contents of the object that describes the release; undefined where the server does not find it by its id. */
async function askForContents(
  root: ReadableRoot,
  collectionId: string,
): Promise<ReleaseContents | undefined> {
  try {
    for await (const { entries } of root.objects(collectionId, { limit: 1, match: { id: collectionId } })) {
      const own = entries.filter(isStixObject).find(({ id }) => id === collectionId);
      return own && readReleaseContents(own);
    }
    return undefined;
  } catch (error) {
    if (affectsEverything(error)) {
      throw error;
    }
    return undefined;
  }
}
