import type { ExtractedPage, JsonObject } from "@cti-connectors/core";
import { isSameVersion } from "../documents/is-same-version.js";
import { parseTimestamp } from "../documents/parse-timestamp.js";
import { type ObjectVersions, readVersionsOf } from "../freshness/read-versions.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import { findObjectsWithVersions } from "../stored/find-listed-objects.js";
import { versionsListingsOf } from "../stored/listings.js";
import type { ChangedCollection, LoadedCollection } from "./load-changed-collections.js";
import { readVersionsInBulk } from "./read-versions-in-bulk.js";
import type { VersionsLoad, VersionsProgress } from "./versions-load.js";

/** Records in one page: small ones, so that the progress is seen. */
const pageSize = 5000;

/** So few objects are all asked for one by one. */
const mostAskedAll = 8;
/** So many of more are asked for, to see whether the server tells more of them than its manifest. */
const probed = 6;

/**
 * Loads the versions of a collection's objects: in bulk as far as that says it all, and one by one for the others.
 */
export async function* loadVersions(
  load: VersionsLoad,
  collection: ChangedCollection,
): AsyncGenerator<ExtractedPage<VersionsProgress>, LoadedCollection> {
  const { id, manifest, acceptsRemovals } = collection;
  if (manifest.versions.size === 0) {
    return { isWhole: true, listings: [] };
  }
  const bulk = await readVersionsInBulk(load, id, manifest);
  yield* inBulk(load, id, bulk);
  if (!load.context.signal.aborted) {
    yield* oneByOne(load, collection, bulk);
  }
  return { isWhole: true, listings: versionsListingsOf(id, manifest, { acceptsRemovals }) };
}

async function* inBulk(
  load: VersionsLoad,
  id: string,
  known: ObjectVersions,
): AsyncGenerator<ExtractedPage<VersionsProgress>> {
  let records: JsonObject[] = [];
  for (const [objectId, versions] of known) {
    records.push(recordOf(load, id, objectId, versions));
    if (records.length === pageSize) {
      yield { records };
      if (load.context.signal.aborted) {
        return;
      }
      records = [];
    }
  }
  yield { records };
}

async function* oneByOne(
  load: VersionsLoad,
  { id, manifest, known }: ChangedCollection,
  bulk: ObjectVersions,
): AsyncGenerator<ExtractedPage<VersionsProgress>> {
  const { log, signal, store } = load.context;
  const { fingerprint } = manifest;
  let single = [...manifest.versions.keys()].filter((objectId) => !bulk.has(objectId));
  if (single.length > 0 && known !== undefined) {
    const stored = await findObjectsWithVersions(store, id, manifest);
    single = single.filter((objectId) => !stored.has(objectId));
  }
  if (single.length === 0) {
    return;
  }
  const { current } = load.saved ?? { current: null };
  const isResumed = current?.collection === id && current.fingerprint === fingerprint;
  if (isResumed) {
    single = single.slice(single.indexOf(current.object) + 1);
  } else if (single.length > mostAskedAll) {
    const probes = newestOf(single, manifest);
    const tellsMore = yield* probe(load, id, probes, manifest);
    if (signal.aborted) {
      return;
    }
    single = single.filter((objectId) => !probes.includes(objectId));
    if (!tellsMore) {
      return yield* asListed(load, id, single, manifest);
    }
  }
  log.warn(
    { collection: id, objects: single.length },
    `the manifest of ${id} does not list all versions of ${single.length} objects: they are requested one by one`,
  );
  for (const objectId of single) {
    const { record } = await askFor(load, id, objectId, manifest);
    yield {
      records: [record],
      total: manifest.versions.size,
      ...(!load.limited && load.progress({ collection: id, fingerprint, object: objectId })),
    };
    if (signal.aborted) {
      return;
    }
  }
}

/** Asks for a few objects. Returns whether the server tells more versions of them than its manifest. */
async function* probe(
  load: VersionsLoad,
  id: string,
  probes: readonly string[],
  manifest: ManifestSnapshot,
): AsyncGenerator<ExtractedPage<VersionsProgress>, boolean> {
  let tellsMore = false;
  for (const objectId of probes) {
    const { record, isNews } = await askFor(load, id, objectId, manifest);
    tellsMore ||= isNews;
    yield { records: [record], total: manifest.versions.size };
    if (load.context.signal.aborted) {
      break;
    }
  }
  return tellsMore;
}

async function* asListed(
  load: VersionsLoad,
  id: string,
  objectIds: readonly string[],
  { versions }: ManifestSnapshot,
): AsyncGenerator<ExtractedPage<VersionsProgress>> {
  load.context.log.warn(
    { collection: id, objects: objectIds.length },
    `the server lists no more versions of some objects of ${id} than its manifest: the manifest's versions are used for ${objectIds.length} others`,
  );
  yield { records: objectIds.map((objectId) => recordOf(load, id, objectId, versions.get(objectId) ?? [])) };
}

async function askFor(load: VersionsLoad, id: string, objectId: string, manifest: ManifestSnapshot) {
  const listed = manifest.versions.get(objectId) ?? [];
  const told = await readVersionsOf(load.session, id, objectId);
  const isNews = [...told].some((version) => !listed.some((known) => isSameVersion(known, version)));
  return { record: recordOf(load, id, objectId, new Set([...listed, ...told])), isNews };
}

function recordOf(
  { release }: VersionsLoad,
  id: string,
  objectId: string,
  versions: Iterable<string>,
): JsonObject {
  return {
    collection_id: id,
    object_id: objectId,
    versions: [...versions],
    ...(release !== null && { releases: [release] }),
  };
}

/** Those that were modified last: a server that keeps versions has several of them, if of any. */
function newestOf(objectIds: readonly string[], manifest: ManifestSnapshot): readonly string[] {
  const timeOf = (objectId: string) =>
    parseTimestamp(manifest.versions.get(objectId)?.at(-1))?.getTime() ?? 0;
  return [...objectIds].sort((one, other) => timeOf(other) - timeOf(one)).slice(0, probed);
}
