import { z } from "zod";
import { versionOf } from "../documents/document-id.js";
import { type RelationshipEnds, relationshipEnds } from "../documents/relationship-ends.js";
import { nameOfRelease } from "../session/select-releases.js";
import {
  type Arrival,
  type ObjectsWalk,
  resumeAt,
  walkObjects,
  walkUntilWhole,
  warnOfRestart,
} from "../session/walk-collection.js";
import { listRelease, type ReleasedCollection } from "../stored/listings.js";
import { type ComparedRelease, compareWithRelease, warnOfAbsentVersions } from "../stored/present-release.js";
import type { StoredObjects } from "../stored/stored-objects.js";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import {
  type ReleasesLoad,
  type ReleasesPage,
  releasesProgress,
  rememberRelease,
  sizeOf,
  storedObjectsOf,
} from "./begin-releases-load.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";

/** An object as a release has it. */
export const releasedObject = z.object({
  kind: z.literal("object"),
  collection_id: z.string(),
  release: z.string(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
  ends: relationshipEnds.optional(),
  /** All versions of the object on this page. */
  versions: z.array(z.string()),
  /** Whether the current release has the object, in whatever version. */
  is_current: z.boolean(),
  /** Whether a later release has the object in another version, or none has it; absent where its own release is current. */
  removed: z.enum(["superseded", "withdrawn"]).optional(),
});

/**
 * Loads one collection of an earlier release, from where an interrupted load stopped.
 *
 * @param after how many objects are expected after this collection
 * @throws IncompleteCollectionError where not all of its objects came
 */
export async function* loadReleasedCollection(
  load: ReleasesLoad,
  target: ReleasedCollection,
  after: number,
): AsyncGenerator<ReleasesPage> {
  const { root, id } = target;
  const { limit } = load.session.limits.of("objects", id);
  const from = resumeAt(load.interrupted, { root: root.url, collection: id, limit });
  if (from !== undefined) {
    load.interrupted = null;
  }
  if (load.session.limited) {
    yield* walkReleased(load, target, after, from);
    return;
  }
  const { arrival, evidence } = yield* walkUntilWhole(
    {
      walk: (start) => walkReleased(load, target, after, start),
      assess: (arrived) => compareWithRelease(load.session, target, arrived),
      isShort: ({ missing, absent, isProven }) => missing > 0 || absent > 0 || !isProven,
      onRestart: ({ missing }, arrived) =>
        warnOfRestart(load.session.log, { collection: id, release: target.release, missing }, arrived),
    },
    from,
  );
  if (!isWhole(load, target, evidence)) {
    return;
  }
  if (!arrival.isResumed) {
    load.sizes.set(id, arrival.documentIds.size);
  }
  const collections = [...(load.known.get(root.url)?.collections ?? []), id];
  rememberRelease(load, root.url, { collections });
  const isLast = load.lastReleases.get(id) === target.release;
  yield {
    records: [],
    ...releasesProgress(load, null),
    ...(isLast && { listings: await listRelease(load.session.store, target) }),
  };
}

/** @throws IncompleteCollectionError */
function isWhole(
  { session, failed }: ReleasesLoad,
  target: ReleasedCollection,
  found: ComparedRelease,
): boolean {
  const { id, release } = target;
  const { listed, missing, isProven, absent } = found;
  if (missing > 0) {
    throw new IncompleteCollectionError(id, listed, missing, release);
  }
  if (!isProven) {
    session.log.warn(
      { collection: id, release },
      `ATT&CK ${release} does not list everything in ${id}: the next run requests it again`,
    );
    failed.names.add(`${nameOfRelease(release)}/${id}`);
    return false;
  }
  if (absent > 0) {
    warnOfAbsentVersions(session.log, target, absent);
  }
  return true;
}

async function* walkReleased(
  load: ReleasesLoad,
  target: ReleasedCollection,
  after: number,
  from: PageCursor | undefined,
): AsyncGenerator<ReleasesPage, Arrival, void> {
  const { session } = load;
  const { root, id } = target;
  const stored = await storedObjectsOf(load, id);
  const pageOf: ObjectsWalk<ReleasesPage>["pageOf"] = async (page, limit, { documentIds }) => {
    load.extracted += page.entries.length;
    const left = page.next ? Math.max(0, sizeOf(load, [id]) - documentIds.size) : 0;
    const place = { root: root.url, collection: id, limit };
    return {
      records: toReleasedObjects(target, page, stored, await load.ends.readPage(id, page.entries, false)),
      total: load.extracted + left + after,
      ...(page.next && releasesProgress(load, { ...place, cursor: { ...page.next } })),
    };
  };
  return yield* walkObjects({ session, root, id, pageOf }, from);
}

/**
 * The entries of a page, to be parsed as `releasedObject`s.
 *
 * @param stored learns which objects the release has
 * @param ends of the relationships among the entries
 */
function toReleasedObjects(
  target: ReleasedCollection,
  { entries }: TaxiiPage,
  stored: StoredObjects,
  ends: ReadonlyMap<unknown, RelationshipEnds>,
): readonly object[] {
  const versions = new Map<string, string[]>();
  for (const object of entries.filter(isStixObject)) {
    versions.set(object.id, [...(versions.get(object.id) ?? []), versionOf(object)]);
    stored.add(object.id, target.release);
  }
  return entries.map((entry) => ({
    ...{ kind: "object", collection_id: target.id, release: target.release, object: entry },
    ...(ends.has(entry) && { ends: ends.get(entry) }),
    ...(isStixObject(entry)
      ? { versions: versions.get(entry.id) ?? [], ...statusOf(entry.id, target.release, stored) }
      : { versions: [], is_current: false }),
  }));
}

/** Whether the current release has an object, and what became of its version of an earlier one. */
function statusOf(objectId: string, release: string, stored: StoredObjects) {
  return {
    is_current: stored.isCurrent(objectId),
    ...(release !== stored.currentRelease && { removed: stored.removalOf(objectId, release) }),
  };
}
