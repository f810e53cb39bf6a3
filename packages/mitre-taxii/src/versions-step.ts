import { defineStep, type ExtractedPage, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { versionsListingsOf } from "./build-listings.js";
import { type CompleteLoad, completeLoads } from "./complete-load.js";
import { findObjectsWithVersions } from "./find-objects-with-versions.js";
import { findUnmodifiedObjects } from "./find-unmodified-objects.js";
import { isCheckDue } from "./is-check-due.js";
import { isSameVersion } from "./is-same-version.js";
import {
  type ChangedCollection,
  type LoadedCollection,
  loadChangedCollections,
} from "./load-changed-collections.js";
import { versionsCollection } from "./loaded-collections.js";
import { selectsByVersion } from "./manifest-questions.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { savedPageLimits } from "./page-limits.js";
import { parseTimestamp } from "./parse-timestamp.js";
import { type ObjectVersions, readAllVersions, readVersionsOf } from "./read-versions.js";
import { reconcileVersions } from "./reconcile-releases.js";
import { openSession } from "./taxii-session.js";
import { versionsDocument } from "./versions-document.js";

const record = z.object({
  collection_id: z.string(),
  object_id: z.string(),
  versions: z.array(z.string()).min(1),
  /** The release that was asked for, if one was. */
  releases: z.array(z.string()).optional(),
});

/** What was loaded as a whole, what was learnt of the server, and where a load that was broken off goes on over the same manifest. */
const checkpoint = z.object({
  root: z.string(),
  /** The release that the root is pinned to, where releases were asked for. */
  release: z.string().nullable().default(null),
  /** The server was seen to answer `match[version]=all` with several versions of an object. */
  answers_all: z.boolean(),
  complete: completeLoads,
  /** The object that was asked for last, where objects are asked for one by one. */
  current: z.object({ collection: z.string(), fingerprint: z.string(), object: z.string() }).nullable(),
  page_limits: savedPageLimits.default(null),
});
type Progress = z.output<typeof checkpoint>;

/** Records in one page: small ones, so that the progress is seen. */
const pageSize = 5000;

/** So few objects are all asked for one by one. */
const mostAskedAll = 8;
/** So many of more are asked for, to see whether the server tells more of them than its manifest. */
const probed = 6;

/**
 * Stores which versions of each object there are.
 *
 * One request per collection says it all: its manifest with `match[version]=all`. It is spared where the plain manifest tells all
 * versions already: some objects have several there, so the server does not select the last ones; or it lists exactly
 * what the release says that it contains, on a server that keeps each release apart. Objects are asked for one by one
 * - where the server refuses that filter: all of them;
 * - where its answer leaves out objects that the plain manifest lists: those;
 * - where it ignores the filter: all that were modified since they were created. Where no object has two versions, whether it
 *   does is asked once per run.
 *
 * Where a few of them show that the server tells no more of them than its manifest, that is taken at its word for the others.
 *
 * Of a collection that was loaded before, one by one means only the objects that list another version than those stored.
 */
export const versionsStep = defineStep({
  name: "versions",
  summary: "the versions of each object",
  needs: ["collections"],
  collections: (config: MitreTaxiiConfig) => [versionsCollection(config)],
  record,
  checkpoint,
  async *extract(context) {
    const { config, log, signal, store } = context;
    const session = await openSession(context);
    const { root, limits } = session;
    const release = session.release ?? null;
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const { checkpoint: found } = context;
    const fits = found?.root === root.url && found.release === release;
    const saved = fits && !limited ? found : undefined;
    const complete = { ...saved?.complete };
    let answersAll = saved?.answers_all ?? false;
    let selects: boolean | undefined;
    limits.recall(found?.page_limits);
    const progress = (current: Progress["current"]) => ({
      checkpoint: {
        root: root.url,
        release,
        answers_all: answersAll,
        complete: { ...complete },
        current,
        page_limits: limits.save(),
      },
    });
    const recordOf = (id: string, objectId: string, versions: Iterable<string>): JsonObject => ({
      collection_id: id,
      object_id: objectId,
      versions: [...versions],
      ...(release !== null && { releases: [release] }),
    });

    /** Whether `bulk` may lack versions, because the server overlooks the filter. */
    async function ignoresFilter(id: string, bulk: ObjectVersions): Promise<boolean> {
      if (answersAll || limited) return false;
      if ([...bulk.values()].some(({ size }) => size > 1)) {
        answersAll = true;
        return false;
      }
      selects ??= await selectsByVersion(root, id);
      return !selects;
    }

    /** What one request tells, or none. Objects that are not in it are to be asked for one by one. */
    async function readInBulk(id: string, manifest: ManifestSnapshot): Promise<ObjectVersions> {
      const { versions } = manifest;
      const tellsSeveral = [...versions.values()].some(({ length }) => length > 1);
      if (tellsSeveral || session.listsAllVersions.has(id)) {
        return new Map([...versions].map(([objectId, listed]) => [objectId, new Set(listed)]));
      }
      const answered = await readAllVersions(context, session, id, manifest);
      const bulk =
        answered ?? new Map([...versions].map(([objectId, listed]) => [objectId, new Set(listed)]));
      if (answered !== undefined && !(await ignoresFilter(id, answered))) return answered;
      const unmodified = await findUnmodifiedObjects(store, id);
      return new Map([...bulk].filter(([objectId]) => unmodified.has(objectId)));
    }

    async function* inBulk(id: string, known: ObjectVersions): AsyncGenerator<ExtractedPage<Progress>> {
      let records: JsonObject[] = [];
      for (const [objectId, versions] of known) {
        records.push(recordOf(id, objectId, versions));
        if (records.length === pageSize) {
          yield { records };
          if (signal.aborted) return;
          records = [];
        }
      }
      yield { records };
    }

    async function* oneByOne(
      { id, manifest, known }: ChangedCollection,
      bulk: ObjectVersions,
    ): AsyncGenerator<ExtractedPage<Progress>> {
      const { fingerprint } = manifest;
      let single = [...manifest.versions.keys()].filter((objectId) => !bulk.has(objectId));
      if (single.length > 0 && known !== undefined) {
        const stored = await findObjectsWithVersions(store, id, manifest);
        single = single.filter((objectId) => !stored.has(objectId));
      }
      if (single.length === 0) return;
      const { current } = saved ?? { current: null };
      const isResumed = current?.collection === id && current.fingerprint === fingerprint;
      if (isResumed) single = single.slice(single.indexOf(current.object) + 1);
      else if (single.length > mostAskedAll) {
        const probes = newestOf(single, manifest);
        const tellsMore = yield* probe(id, probes, manifest);
        if (signal.aborted) return;
        single = single.filter((objectId) => !probes.includes(objectId));
        if (!tellsMore) return yield* asListed(id, single, manifest);
      }
      log.warn(
        { collection: id, objects: single.length },
        `the manifest of ${id} does not tell all versions of ${single.length} objects: they are asked for one by one`,
      );
      for (const objectId of single) {
        const { record } = await askFor(id, objectId, manifest);
        yield {
          records: [record],
          total: manifest.versions.size,
          ...(!limited && progress({ collection: id, fingerprint, object: objectId })),
        };
        if (signal.aborted) return;
      }
    }

    /** Asks for a few objects. Returns whether the server tells more versions of them than its manifest. */
    async function* probe(
      id: string,
      probes: readonly string[],
      manifest: ManifestSnapshot,
    ): AsyncGenerator<ExtractedPage<Progress>, boolean> {
      let tellsMore = false;
      for (const objectId of probes) {
        const { record, isNews } = await askFor(id, objectId, manifest);
        tellsMore ||= isNews;
        yield { records: [record], total: manifest.versions.size };
        if (signal.aborted) break;
      }
      return tellsMore;
    }

    async function* asListed(
      id: string,
      objectIds: readonly string[],
      { versions }: ManifestSnapshot,
    ): AsyncGenerator<ExtractedPage<Progress>> {
      log.warn(
        { collection: id, objects: objectIds.length },
        `the server tells no versions of some objects of ${id} but those of its manifest, which is taken at its word for ${objectIds.length} others`,
      );
      yield { records: objectIds.map((objectId) => recordOf(id, objectId, versions.get(objectId) ?? [])) };
    }

    async function askFor(id: string, objectId: string, manifest: ManifestSnapshot) {
      const listed = manifest.versions.get(objectId) ?? [];
      const told = await readVersionsOf(session, id, objectId);
      const isNews = [...told].some((version) => !listed.some((known) => isSameVersion(known, version)));
      return { record: recordOf(id, objectId, new Set([...listed, ...told])), isNews };
    }

    async function* load(
      collection: ChangedCollection,
    ): AsyncGenerator<ExtractedPage<Progress>, LoadedCollection> {
      const { id, manifest, acceptsRemovals } = collection;
      if (manifest.versions.size === 0) return { isWhole: true, listings: [] };
      const bulk = await readInBulk(id, manifest);
      yield* inBulk(id, bulk);
      if (!signal.aborted) yield* oneByOne(collection, bulk);
      return { isWhole: true, listings: versionsListingsOf(id, manifest, { acceptsRemovals }) };
    }

    // Where objects have several versions, an old one may be gone without a trace in the plain manifest.
    const provesUnchanged = (known: CompleteLoad | undefined) =>
      !answersAll || (known !== undefined && !isCheckDue(config, known.checked_at, context.now()));
    yield* loadChangedCollections(context, session, {
      loads: "versions",
      saved,
      complete,
      progress,
      provesUnchanged,
      load,
    });
  },
  transform: (received) => [versionsDocument(received)],
  reconcile: reconcileVersions,
});

/** Those that were modified last: a server that keeps versions has several of them, if of any. */
function newestOf(objectIds: readonly string[], manifest: ManifestSnapshot): readonly string[] {
  const timeOf = (objectId: string) =>
    parseTimestamp(manifest.versions.get(objectId)?.at(-1))?.getTime() ?? 0;
  return [...objectIds].sort((one, other) => timeOf(other) - timeOf(one)).slice(0, probed);
}
