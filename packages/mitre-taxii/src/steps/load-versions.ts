import { isSameVersion, parseTimestamp } from "../documents/timestamps.js";
import { selectsByVersion } from "../freshness/manifest-questions.js";
import { type ObjectVersions, readAllVersions, readVersionsOf } from "../freshness/read-versions.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import { findObjectsWithVersions } from "../stored/find-listed-objects.js";
import { versionsListingsOf } from "../stored/listings.js";
import { findUnmodifiedObjects } from "../stored/stored-objects.js";
import { type Load, type LoadPages, progressOf } from "./begin-load.js";
import type { ChangedCollection, LoadedCollection } from "./load-collections.js";

/** Records in one page: small ones, so that the progress is seen. */
const pageSize = 5000;

/** Up to this many objects are requested one by one. */
const mostAskedAll = 8;
/** How many of them are requested otherwise, to see whether the server has more versions than its manifest lists. */
const probed = 6;

/**
 * Loads the versions of a collection's objects: in bulk as far as that says it all, and one by one for the others.
 */
export async function* loadVersions(load: Load, collection: ChangedCollection): LoadPages<LoadedCollection> {
  const { id, manifest } = collection;
  if (manifest.versions.size === 0) {
    return { isWhole: true, listings: [] };
  }
  const bulk = await readVersionsInBulk(load, id, manifest);
  yield* inBulk(load, id, bulk);
  const single = await findOthers(load, collection, bulk);
  if (single.length > 0) {
    yield* oneByOne(load, collection, single);
  }
  const { acceptsRemovals } = load;
  return { isWhole: true, listings: versionsListingsOf(id, manifest, { acceptsRemovals }) };
}

/**
 * The versions of a collection's objects as far as one request, or none at all, brings them. The other objects are to be asked for one by one.
 */
async function readVersionsInBulk(
  load: Load,
  id: string,
  manifest: ManifestSnapshot,
): Promise<ObjectVersions> {
  const { session } = load;
  const { versions } = manifest;
  const listed = () => new Map([...versions].map(([objectId, ofObject]) => [objectId, new Set(ofObject)]));
  const tellsSeveral = [...versions.values()].some(({ length }) => length > 1);
  if (tellsSeveral || session.listsAllVersions.has(id)) {
    return listed();
  }
  const answered = await readAllVersions(session, id, manifest);
  const bulk = answered === undefined ? listed() : withoutGaps(answered, manifest);
  if (answered !== undefined && !(await ignoresFilter(load, id, answered))) {
    return bulk;
  }
  const unmodified = await findUnmodifiedObjects(session.store, id);
  return new Map([...bulk].filter(([objectId]) => unmodified.has(objectId)));
}

/** Leaves out objects of which the answer lacks a version that the plain manifest lists: it may lack others, too. */
function withoutGaps(answered: ObjectVersions, { versions }: ManifestSnapshot): ObjectVersions {
  const holds = (received: ReadonlySet<string>, version: string) =>
    received.has(version) || [...received].some((other) => isSameVersion(other, version));
  return new Map(
    [...answered].filter(([objectId, received]) =>
      versions.get(objectId)?.every((version) => holds(received, version)),
    ),
  );
}

/** Whether `bulk` may lack versions, because the server overlooks the filter. */
async function ignoresFilter(load: Load, id: string, bulk: ObjectVersions): Promise<boolean> {
  if (load.own.answers_all || load.session.limited) {
    return false;
  }
  if ([...bulk.values()].some(({ size }) => size > 1)) {
    load.own.answers_all = true;
    return false;
  }
  return !(await selectsByVersion(load.session, id));
}

async function* inBulk(load: Load, id: string, known: ObjectVersions): LoadPages {
  const records = [...known].map(([objectId, versions]) => recordOf(load, id, objectId, versions));
  for (let start = 0; start === 0 || start < records.length; start += pageSize) {
    yield { records: records.slice(start, start + pageSize) };
  }
}

/** Ids of the objects that did not come in bulk: of a collection that was loaded before, those of which another version is listed. */
async function findOthers(
  { session }: Load,
  { id, manifest, known }: ChangedCollection,
  bulk: ObjectVersions,
): Promise<readonly string[]> {
  const others = [...manifest.versions.keys()].filter((objectId) => !bulk.has(objectId));
  if (others.length === 0 || known === undefined) {
    return others;
  }
  const stored = await findObjectsWithVersions(session.store, id, manifest);
  return others.filter((objectId) => !stored.has(objectId));
}

/** Goes on behind the object that an interrupted load asked for last. */
async function* oneByOne(
  load: Load,
  { id, manifest }: ChangedCollection,
  objectIds: readonly string[],
): LoadPages {
  const { fingerprint } = manifest;
  const last = load.saved?.current;
  const resumed = last?.collection === id && last.fingerprint === fingerprint ? last.object : undefined;
  let left = resumed === undefined ? objectIds : objectIds.slice(objectIds.indexOf(resumed) + 1);
  if (resumed === undefined && objectIds.length > mostAskedAll) {
    const probes = newestOf(objectIds, manifest);
    const tellsMore = yield* probe(load, id, probes, manifest);
    left = objectIds.filter((objectId) => !probes.includes(objectId));
    if (!tellsMore) {
      return yield* asListed(load, id, left, manifest);
    }
  }
  load.session.log.warn(
    { collection: id, objects: left.length },
    `the manifest of ${id} does not list all versions of ${left.length} objects: they are requested one by one`,
  );
  for (const objectId of left) {
    const { record } = await askFor(load, id, objectId, manifest);
    yield {
      records: [record],
      total: manifest.versions.size,
      ...(!load.session.limited && {
        checkpoint: progressOf(load, { collection: id, fingerprint, object: objectId }),
      }),
    };
  }
}

/** Asks for a few objects. Returns whether the server has more versions of them than its manifest lists. */
async function* probe(
  load: Load,
  id: string,
  probes: readonly string[],
  manifest: ManifestSnapshot,
): LoadPages<boolean> {
  let tellsMore = false;
  for (const objectId of probes) {
    const { record, isNews } = await askFor(load, id, objectId, manifest);
    tellsMore ||= isNews;
    yield { records: [record], total: manifest.versions.size };
  }
  return tellsMore;
}

async function* asListed(
  load: Load,
  id: string,
  objectIds: readonly string[],
  { versions }: ManifestSnapshot,
): LoadPages {
  load.session.log.warn(
    { collection: id, objects: objectIds.length },
    `the server lists the same versions of some objects of ${id} as its manifest: using the manifest's versions for ${objectIds.length} others`,
  );
  yield { records: objectIds.map((objectId) => recordOf(load, id, objectId, versions.get(objectId) ?? [])) };
}

async function askFor(load: Load, id: string, objectId: string, manifest: ManifestSnapshot) {
  const listed = manifest.versions.get(objectId) ?? [];
  const received = await readVersionsOf(load.session, id, objectId);
  const isNews = [...received].some((version) => !listed.some((known) => isSameVersion(known, version)));
  return { record: recordOf(load, id, objectId, new Set([...listed, ...received])), isNews };
}

function recordOf({ session: { release } }: Load, id: string, objectId: string, versions: Iterable<string>) {
  return {
    collection_id: id,
    object_id: objectId,
    versions: [...versions],
    ...(release !== undefined && { releases: [release] }),
  };
}

/** Those that were modified last: a server that keeps versions has several of them, if of any. */
function newestOf(objectIds: readonly string[], { versions }: ManifestSnapshot): readonly string[] {
  const timeOf = (objectId: string) => parseTimestamp(versions.get(objectId)?.at(-1))?.getTime() ?? 0;
  return [...objectIds].sort((one, other) => timeOf(other) - timeOf(one)).slice(0, probed);
}
