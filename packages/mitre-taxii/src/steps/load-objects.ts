import type { Logger } from "@cti-connectors/core";
import { listsAllVersions } from "../documents/release-contents.js";
import { warnOfShortManifest } from "../stored/disputed-objects.js";
import { findListedObjects, type ListedObjects } from "../stored/find-listed-objects.js";
import { listingsOf } from "../stored/listings.js";
import { findAbsentVersions, warnOfAbsentVersions } from "../stored/present-release.js";
import { type Load, type LoadPages, progressOf } from "./begin-load.js";
import { type FetchedObjects, fetchObjects, walkObjectPages } from "./fetch-objects.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import type { ChangedCollection, LoadedCollection } from "./load-collections.js";

/**
 * Loads the objects of a collection: those that are not stored, or all of them where what is stored is not known or the manifest has gaps.
 *
 * @returns undefined where MITRE_MAX_OBJECTS is set
 * @throws IncompleteCollectionError where not all that is listed came
 */
export async function* loadObjects(
  load: Load,
  collection: ChangedCollection,
): LoadPages<LoadedCollection | undefined> {
  if (load.session.limited) {
    yield* walkObjectPages(load, collection, undefined);
    return undefined;
  }
  const stored = await findStoredVersion(load, collection);
  const fetched = yield* fetchObjects(load, collection, stored);
  yield* refuseIncomplete(load, collection, fetched, stored !== undefined);
  warnOfGaps(load.session.log, collection, fetched);
  await warnOfAbsent(load, collection, fetched);
  noteListedVersions(load, collection, fetched);
  return listFetched(load, collection, fetched);
}

/** Undefined where all is to be loaded. */
async function findStoredVersion(
  { session }: Load,
  { id, manifest, known }: ChangedCollection,
): Promise<ListedObjects | undefined> {
  const wasEmpty = known?.settled && known.count === 0;
  const isKnown = known !== undefined && !wasEmpty && manifest.complete;
  return isKnown ? findListedObjects(session.store, id, manifest) : undefined;
}

async function* refuseIncomplete(
  load: Load,
  { id, manifest }: ChangedCollection,
  { arrival, missing }: FetchedObjects,
  isDiff: boolean,
): LoadPages {
  if (missing.length > 0 && (isDiff || arrival.cutOff || arrival.documentIds.size === 0)) {
    yield { checkpointOnly: progressOf(load, null) };
    throw new IncompleteCollectionError(id, manifest.versions.size, missing.length);
  }
}

function warnOfGaps(
  log: Logger,
  { id, manifest }: ChangedCollection,
  { missing, arrival }: FetchedObjects,
): void {
  if (missing.length > 0) {
    log.warn(
      { collection: id, missing: missing.length, examples: missing.slice(0, 3) },
      `the manifest of ${id} lists ${missing.length} objects that the server did not send`,
    );
  }
  if (manifest.versions.size === 0 && arrival.documentIds.size > 0) {
    log.warn(
      { collection: id, reason: manifest.absence },
      `${id} has no manifest: every run reads all its objects, marks none as withdrawn, and stores no versions of them`,
    );
  }
}

async function warnOfAbsent(
  { session }: Load,
  { id }: ChangedCollection,
  { arrival }: FetchedObjects,
): Promise<void> {
  const { release, store } = session;
  if (release === undefined) {
    return;
  }
  const absent = await findAbsentVersions(store, { id, release }, arrival);
  if (absent > 0) {
    warnOfAbsentVersions(session.log, { id, release }, absent);
  }
}

/** Then the versions step asks for no more. */
function noteListedVersions(
  { session }: Load,
  { id, manifest }: ChangedCollection,
  { arrival: { contents } }: FetchedObjects,
): void {
  if (contents && session.pinsReleases && listsAllVersions(id, manifest.versions, contents)) {
    session.listsAllVersions.add(id);
  }
}

function listFetched(
  { session, acceptsRemovals }: Load,
  { id, manifest }: ChangedCollection,
  { arrival, stored, missing }: FetchedObjects,
): LoadedCollection {
  const { objectIds, contents } = arrival;
  const disputed = [...objectIds].filter((object) => contents?.has(object) && !manifest.versions.has(object));
  if (manifest.complete && disputed.length > 0) {
    warnOfShortManifest(session.log, id, disputed.length);
    session.manifests.set(id, { ...manifest, complete: false });
    return { isWhole: false, listings: [] };
  }
  const alsoListed = [...arrival.documentIds, ...(stored?.documentIds ?? [])];
  const listings = listingsOf(id, manifest, { alsoListed, acceptsRemovals });
  return { isWhole: missing.length === 0, listings };
}
