import { defineStep, type ExtractedPage, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { assessCollection, countCurrent } from "./assess-collection.js";
import { versionsListingsOf } from "./build-listings.js";
import { type CompleteLoads, completeLoads } from "./complete-load.js";
import { objectDocumentId } from "./document-id.js";
import { findModifiedObject } from "./find-modified-object.js";
import { findObjectsWithVersions } from "./find-objects-with-versions.js";
import { isCheckDue } from "./is-check-due.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { parseTimestamp } from "./parse-timestamp.js";
import { type ObjectVersions, readAllVersions, readVersionsOf } from "./read-versions.js";
import { rememberLoad } from "./remember-load.js";
import { sortTimestamps } from "./sort-timestamps.js";
import { openSession } from "./taxii-session.js";
import { typeOfStixId } from "./type-of-stix-id.js";

const record = z.object({
  collection_id: z.string(),
  object_id: z.string(),
  versions: z.array(z.string()).min(1),
});

/** What was loaded as a whole, what was learnt of the server, and where a load that was broken off goes on over the same manifest. */
const checkpoint = z.object({
  root: z.string(),
  /** The server was seen to answer `match[version]=all` with several versions of an object. */
  answers_all: z.boolean(),
  complete: completeLoads,
  /** The object that was asked for last, where objects are asked for one by one. */
  current: z.object({ collection: z.string(), fingerprint: z.string(), object: z.string() }).nullable(),
});
type Progress = z.output<typeof checkpoint>;

/** Records in one page: small ones, so that the progress is seen. */
const pageSize = 5000;

/**
 * Stores which versions of each object there are.
 *
 * One request per collection says it all: its manifest with `match[version]=all`. Objects are asked for one by one
 * - where the server refuses that filter: all of them;
 * - where its answer leaves out objects that the plain manifest lists: those;
 * - where it seems to ignore the filter: all of them. It seems so where no object has two versions, and the object
 *   that was modified last has more of them at its own endpoint. That is asked once per run.
 *
 * Of a collection that was loaded before, one by one means only the objects that list another version than those stored.
 */
export const versionsStep = defineStep({
  name: "versions",
  summary: "the versions of each object",
  collections: (_config: MitreTaxiiConfig) => [
    {
      name: "versions",
      indexes: [{ key: { "data.collection_id": 1 } }, { key: { "data.object_id": 1 } }],
    },
  ],
  record,
  checkpoint,
  async *extract(context) {
    const { config, log, signal, store } = context;
    const session = await openSession(context);
    const { root } = session;
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const saved = !limited && context.checkpoint?.root === root.url ? context.checkpoint : undefined;
    const complete: CompleteLoads = { ...saved?.complete };
    let answersAll = saved?.answers_all ?? false;
    let hasProbed = false;
    const progress = (current: Progress["current"]) => ({
      checkpoint: { root: root.url, answers_all: answersAll, complete: { ...complete }, current },
    });

    /** Whether versions beyond the ones in `bulk` are found at an object's own endpoint. */
    async function ignoresFilter(
      id: string,
      manifest: ManifestSnapshot,
      bulk: ObjectVersions,
    ): Promise<boolean> {
      if (answersAll || limited || hasProbed) return false;
      if ([...bulk.values()].some(({ size }) => size > 1)) {
        answersAll = true;
        return false;
      }
      const probe = await findModifiedObject(store, id, manifest);
      if (probe === undefined) return false;
      const known = bulk.get(probe) ?? new Set(manifest.versions.get(probe));
      const found = await readVersionsOf(root, id, probe);
      hasProbed = [...found].every((version) => known.has(version));
      return !hasProbed;
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

    if (context.checkpoint !== undefined && saved === undefined) {
      const hasLoaded = Object.keys(context.checkpoint.complete).length > 0;
      if (!limited || hasLoaded) yield { records: [], ...progress(null) };
      if (signal.aborted) return;
    }
    for (const { id } of session.collections) {
      const known = complete[id];
      const assessment = await assessCollection(context, session, "versions", id, known);
      if (assessment.state === "current") continue;
      const { manifest } = assessment;
      const { fingerprint } = manifest;
      // Where objects have several versions, an old one may be gone without a trace in the plain manifest.
      const provesVersions =
        !answersAll || (known !== undefined && !isCheckDue(config, known.checked_at, context.now()));
      if (assessment.state === "checked" && provesVersions) {
        rememberLoad(complete, id, {
          manifest,
          count: known?.count ?? 0,
          session,
          config,
          now: context.now(),
        });
        yield { records: [], ...progress(null) };
        if (signal.aborted) return;
        continue;
      }
      if (known !== undefined) {
        complete[id] = { ...known, settled: false };
        yield { records: [], ...progress(saved?.current ?? null) };
        if (signal.aborted) return;
      }
      let bulk: ObjectVersions = (await readAllVersions(root, id, manifest, config)) ?? new Map();
      if (bulk.size > 0 && (await ignoresFilter(id, manifest, bulk))) bulk = new Map();
      yield* inBulk(id, bulk);
      if (signal.aborted) return;

      let single = [...manifest.versions.keys()].filter((objectId) => !bulk.has(objectId));
      if (single.length > 0 && known !== undefined) {
        const stored = await findObjectsWithVersions(store, id, manifest);
        single = single.filter((objectId) => !stored.has(objectId));
      }
      if (single.length > 0) {
        log.warn(
          { collection: id, objects: single.length },
          `the manifest of ${id} does not tell all versions of ${single.length} objects: they are asked for one by one`,
        );
        const { current } = saved ?? { current: null };
        if (current?.collection === id && current.fingerprint === fingerprint) {
          single = single.slice(single.indexOf(current.object) + 1);
        }
      }
      for (const objectId of single) {
        const listed = manifest.versions.get(objectId) ?? [];
        const versions = new Set([...listed, ...(await readVersionsOf(root, id, objectId))]);
        yield {
          records: [recordOf(id, objectId, versions)],
          total: manifest.versions.size,
          ...(!limited && progress({ collection: id, fingerprint, object: objectId })),
        };
        if (signal.aborted) return;
      }
      if (limited) continue;
      rememberLoad(complete, id, { manifest, session, config, now: context.now() });
      yield { records: [], ...progress(null), listings: versionsListingsOf(id, manifest) };
      if (signal.aborted) return;
      const count = await countCurrent(store, "versions", id);
      rememberLoad(complete, id, { manifest, count, session, config, now: context.now() });
      yield { records: [], ...progress(null) };
      if (signal.aborted) return;
    }
  },
  transform({ collection_id, object_id, versions }) {
    const sorted = sortTimestamps(versions);
    return [
      {
        collection: "versions",
        _id: objectDocumentId(collection_id, object_id),
        data: { collection_id, object_id, versions: { more: false, versions: sorted } },
        enriched: {
          type: typeOfStixId(object_id),
          count: sorted.length,
          first: parseTimestamp(sorted[0]),
          last: parseTimestamp(sorted.at(-1)),
        },
      },
    ];
  },
});

function recordOf(collectionId: string, objectId: string, versions: Iterable<string>): JsonObject {
  return { collection_id: collectionId, object_id: objectId, versions: [...versions] };
}
