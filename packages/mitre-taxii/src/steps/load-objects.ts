import type { ExtractedPage, Logger } from "@cti-connectors/core";
import { listsAllVersions } from "../documents/release-contents.js";
import { type Arrival, trackArrival } from "../session/track-arrival.js";
import { warnOfShortManifest } from "../stored/disputed-objects.js";
import { findListedObjects } from "../stored/find-listed-objects.js";
import { listingsOf } from "../stored/listings.js";
import { findAbsentVersions, warnOfAbsentVersions } from "../stored/present-release.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import type { ChangedCollection, LoadedCollection } from "./load-changed-collections.js";
import type { ObjectsLoad, ObjectsProgress } from "./objects-load.js";
import { walkChangedObjects, walkWholeCollection } from "./walk-objects.js";

/**
 * Loads the objects of a collection: those that are not stored, or all of them where what is stored is not known or the manifest has gaps.
 *
 * @returns undefined where it was interrupted, or MITRE_MAX_OBJECTS is set
 * @throws IncompleteCollectionError where not all that is listed came
 */
export async function* loadObjects(
  load: ObjectsLoad,
  collection: ChangedCollection,
): AsyncGenerator<ExtractedPage<ObjectsProgress>, LoadedCollection | undefined> {
  const { context, session, release } = load;
  const { log, signal, store } = context;
  const { id, manifest, known, acceptsRemovals } = collection;
  const wasEmpty = known?.settled && known.count === 0;
  const isDiff = known !== undefined && !wasEmpty && manifest.complete;
  const before = isDiff ? await findListedObjects(store, id, manifest) : undefined;
  const wanted = before?.missing ?? [...manifest.versions.keys()];
  let arrival: Arrival;
  if (before === undefined) {
    arrival = yield* walkWholeCollection(load, collection);
  } else if (wanted.length === 0) {
    arrival = trackArrival(id, true);
  } else {
    arrival = yield* walkChangedObjects(load, collection, wanted);
  }
  if (signal.aborted || load.limited) {
    return undefined;
  }
  if (arrival.contents && session.pinsReleases && listsAllVersions(id, manifest, arrival.contents)) {
    session.listsAllVersions.add(id);
  }

  const isResumed = before === undefined && arrival.isResumed;
  const stored = isResumed ? await findListedObjects(store, id, manifest) : before;
  const missing = arrival.missing(isResumed ? (stored?.missing ?? []) : wanted);
  if (missing.length > 0 && (isDiff || arrival.cutOff || arrival.documentIds.size === 0)) {
    yield { records: [], ...load.progress(null) };
    throw new IncompleteCollectionError(id, manifest.versions.size, missing.length);
  }
  warnOfGaps(log, collection, missing, arrival);
  if (release !== null) {
    const absent = await findAbsentVersions(context, { id, release }, arrival);
    if (absent > 0) {
      warnOfAbsentVersions(log, { id, release }, absent);
    }
  }
  const disputed = arrival.contents ? arrival.unlisted(arrival.contents, manifest.versions) : [];
  if (manifest.complete && disputed.length > 0) {
    warnOfShortManifest(log, id, disputed.length);
    session.manifests.set(id, { ...manifest, complete: false });
    return { isWhole: false, listings: [] };
  }
  const alsoListed = [...arrival.documentIds, ...(stored?.documentIds ?? [])];
  const listings = listingsOf("objects", id, manifest, { alsoListed, acceptsRemovals });
  return { isWhole: missing.length === 0, listings };
}

function warnOfGaps(
  log: Logger,
  { id, manifest }: ChangedCollection,
  missing: readonly string[],
  { documentIds }: Arrival,
): void {
  if (missing.length > 0) {
    log.warn(
      { collection: id, missing: missing.length, examples: missing.slice(0, 3) },
      `the manifest of ${id} lists ${missing.length} objects that its pages did not bring`,
    );
  }
  if (manifest.versions.size === 0 && documentIds.size > 0) {
    log.warn(
      { collection: id, reason: manifest.absence },
      `${id} has no manifest: every run reads all its objects, none is marked as withdrawn, and "versions" has none of them`,
    );
  }
}
