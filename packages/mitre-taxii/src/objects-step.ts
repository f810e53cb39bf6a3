import { defineStep, type ExtractedPage, type Facts } from "@cti-connectors/core";
import { z } from "zod";
import { walkAdapting } from "./adapt-page-size.js";
import { listingsOf } from "./build-listings.js";
import { completeLoads } from "./complete-load.js";
import { findAbsentVersions, warnOfAbsentVersions } from "./find-absent-versions.js";
import { warnOfShortManifest } from "./find-disputed-objects.js";
import { findListedObjects } from "./find-listed-objects.js";
import { findRemoval } from "./find-removal.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import {
  type ChangedCollection,
  type LoadedCollection,
  loadChangedCollections,
} from "./load-changed-collections.js";
import { objectsCollection } from "./loaded-collections.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { objectDocument } from "./object-document.js";
import { pageCursor } from "./page-cursor.js";
import { savedPageLimits } from "./page-limits.js";
import { planIdBatches } from "./plan-id-batches.js";
import { readTechniquesWithoutId } from "./read-techniques-without-id.js";
import { reconcileObject } from "./reconcile-releases.js";
import { listsAllVersions } from "./release-contents.js";
import { takeItems } from "./take-items.js";
import { isStixObject, type StixObject } from "./taxii/stix-object.js";
import type { PageCursor, TaxiiPage } from "./taxii/taxii-page.js";
import { openSession, type TaxiiSession } from "./taxii-session.js";
import { type Arrival, mayLackObjects, trackArrival } from "./track-arrival.js";
import { walkObjectsById } from "./walk-objects-by-id.js";

const record = z.object({
  collection_id: z.string(),
  /** The release that was asked for, if one was. */
  release: z.string().optional(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
  /** It comes out of the database, to be enriched again. */
  is_stored: z.literal(true).optional(),
});

/**
 * What was loaded as a whole, and where a walk that was broken off goes on: only over the same manifest with the same
 * page size.
 */
const checkpoint = z.object({
  root: z.string(),
  /** The release that the root is pinned to, where releases were asked for. */
  release: z.string().nullable().default(null),
  /** MITRE_MAX_CONTENTS of the load. */
  contents: z.number().nullable(),
  complete: completeLoads,
  current: z
    .object({ collection: z.string(), fingerprint: z.string(), limit: z.number(), cursor: pageCursor })
    .nullable(),
  /** The server does not select by `match[id]`. */
  ignores_id: z.boolean(),
  page_limits: savedPageLimits.default(null),
});
type Progress = z.output<typeof checkpoint>;

/** Stores the objects of each collection, and marks those that it lists no longer. */
export const objectsStep = defineStep({
  name: "objects",
  summary: "the STIX objects of each collection",
  needs: ["collections"],
  collections: (config: MitreTaxiiConfig) => [objectsCollection(config)],
  record,
  checkpoint,
  async *extract(context) {
    const { config, log, signal, store } = context;
    for await (const records of readTechniquesWithoutId(store)) {
      yield { records };
      if (signal.aborted) return;
    }
    const session = await openSession(context);
    const { root, limits } = session;
    const release = session.release ?? null;
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const contents = config.MITRE_MAX_CONTENTS ?? null;
    const { checkpoint: found } = context;
    const fits = found?.root === root.url && found.release === release && found.contents === contents;
    const saved = fits && !limited ? found : undefined;
    const complete = { ...saved?.complete };
    let ignoresId = saved?.ignores_id ?? false;
    limits.recall(found?.page_limits);
    const progress = (current: Progress["current"]) => ({
      checkpoint: {
        root: root.url,
        release,
        contents,
        complete: { ...complete },
        current,
        ignores_id: ignoresId,
        page_limits: limits.save(),
      },
    });
    const recordsOf = (id: string, { items, malformed }: TaxiiPage<StixObject>) =>
      [...items, ...malformed].map((object) => ({
        collection_id: id,
        ...(release !== null && { release }),
        object,
      }));

    function walkCollection(
      id: string,
      fingerprint: string,
      from: PageCursor | undefined,
    ): AsyncGenerator<ExtractedPage<Progress>, Arrival> {
      const total = totalOf(session);
      const adapting = {
        root,
        limits,
        log,
        pages: "objects",
        collectionId: id,
        remember: () => (limited ? undefined : { records: [], ...progress(null) }),
      } as const;
      return walkAdapting(adapting, from, async function* (request, start) {
        const { limit } = request;
        const arrival = trackArrival(id, start !== undefined);
        if (signal.aborted) return arrival;
        const walk = root.objects(id, { ...request, ...(start && { from: start }) });
        for await (const page of takeItems(walk, config.MITRE_MAX_OBJECTS)) {
          arrival.add(page);
          const next = page.next && { collection: id, fingerprint, limit, cursor: { ...page.next } };
          yield {
            records: recordsOf(id, page),
            ...(total !== undefined && { total }),
            ...(!limited && next && progress(next)),
          };
          if (signal.aborted) break;
        }
        return arrival;
      });
    }

    /**
     * By id where that takes fewer requests than all pages. A new release of ATT&CK is always read whole: it changes
     * objects that keep their `modified`, which no manifest tells (ICS 18.1: 70 techniques).
     */
    async function* walkChanges(
      { id, manifest, known }: ChangedCollection,
      wanted: readonly string[],
      from: PageCursor | undefined,
    ): AsyncGenerator<ExtractedPage<Progress>, Arrival> {
      const isNewRelease = (manifest.release ?? null) !== (known?.release ?? null);
      const selection = { root, limits, log, collectionId: id, wanted, listed: manifest.versions.size };
      if (!ignoresId && !isNewRelease && planIdBatches(selection, wanted) !== undefined) {
        const arrival = trackArrival(id, true);
        const walk = walkObjectsById(selection);
        let step = await walk.next();
        for (; !step.done; step = await walk.next()) {
          arrival.add(step.value);
          yield { records: recordsOf(id, step.value), total: wanted.length };
          if (signal.aborted) return arrival;
        }
        if (step.value === "selected" && arrival.missing(wanted).length === 0) return arrival;
        ignoresId = step.value === "ignored";
        const why =
          step.value === "selected"
            ? "objects did not come by id"
            : "the server does not select objects by id";
        log.warn({ collection: id }, `${why}: ${id} is loaded page by page`);
      }
      const arrival = yield* walkCollection(id, manifest.fingerprint, from);
      if (signal.aborted || !mayLackObjects(arrival) || arrival.missing(wanted).length === 0) return arrival;
      return yield* walkCollection(id, manifest.fingerprint, undefined);
    }

    /** All pages, from where an interrupted load stopped; once more where the server ended them early, or may have passed over some. */
    async function* walkWhole(
      { id, manifest }: ChangedCollection,
      from: PageCursor | undefined,
    ): AsyncGenerator<ExtractedPage<Progress>, Arrival> {
      const arrival = yield* walkCollection(id, manifest.fingerprint, from);
      if (signal.aborted || limited || !mayLackObjects(arrival)) return arrival;
      const stored = arrival.isResumed ? await findListedObjects(store, id, manifest) : undefined;
      const missing = arrival.missing(stored?.missing ?? manifest.versions.keys());
      if (missing.length === 0) return arrival;
      const why =
        arrival.isResumed && arrival.cutOff ? "has no page to resume at any more" : "did not come whole";
      log.warn({ collection: id, missing: missing.length }, `${id} ${why}: loaded from its first page`);
      return yield* walkCollection(id, manifest.fingerprint, undefined);
    }

    async function* load(
      collection: ChangedCollection,
    ): AsyncGenerator<ExtractedPage<Progress>, LoadedCollection | undefined> {
      const { id, manifest, known, acceptsRemovals } = collection;
      const isDiff = known !== undefined && manifest.complete;
      const { limit } = limits.of("objects", id);
      const from = resumeAt(saved?.current, id, manifest.fingerprint, limit);
      const before = isDiff ? await findListedObjects(store, id, manifest) : undefined;
      const wanted = before?.missing ?? [...manifest.versions.keys()];
      let arrival: Arrival;
      if (before === undefined) arrival = yield* walkWhole(collection, from);
      else if (wanted.length === 0) arrival = trackArrival(id, true);
      else arrival = yield* walkChanges(collection, wanted, from);
      if (signal.aborted || limited) return undefined;
      if (arrival.contents && session.pinsReleases && listsAllVersions(id, manifest, arrival.contents)) {
        session.listsAllVersions.add(id);
      }

      const isResumed = before === undefined && arrival.isResumed;
      const stored = isResumed ? await findListedObjects(store, id, manifest) : before;
      const missing = arrival.missing(isResumed ? (stored?.missing ?? []) : wanted);
      if (missing.length > 0 && (isDiff || arrival.cutOff || arrival.documentIds.size === 0)) {
        yield { records: [], ...progress(null) };
        throw new IncompleteCollectionError(id, manifest.versions.size, missing.length);
      }
      if (missing.length > 0) {
        log.warn(
          { collection: id, missing: missing.length, examples: missing.slice(0, 3) },
          `the manifest of ${id} lists ${missing.length} objects that its pages did not bring`,
        );
      }
      if (manifest.versions.size === 0 && arrival.documentIds.size > 0) {
        log.warn(
          { collection: id, reason: manifest.absence },
          `${id} has no manifest: every run reads all its objects, none is marked as withdrawn, and "versions" has none of them`,
        );
      }
      if (release !== null) {
        const absent = await findAbsentVersions(context, { id, release }, arrival);
        if (absent > 0) warnOfAbsentVersions(log, { id, release }, absent);
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

    /** Of what the collection lists now. */
    async function factsOf(id: string): Promise<Facts> {
      const listed = { "data.collection_id": id, removed_at: null };
      return {
        revoked: await store.count("objects", { ...listed, "enriched.revoked": true }),
        deprecated: await store.count("objects", { ...listed, "enriched.deprecated": true }),
      };
    }

    for (const [id, { count }] of session.unread ? [] : Object.entries(complete)) {
      if (session.listed.every((collection) => collection.id !== id)) {
        log.warn(
          { collection: id, stored: count },
          `the API root does not list ${id} any more: what is stored of it stays as it is, marked as listed`,
        );
      }
    }
    const step = { loads: "objects", saved, complete, progress, load, factsOf } as const;
    yield* loadChangedCollections(context, session, step);
  },
  transform(received, { config }) {
    const document = objectDocument(received, config);
    // Whether a stored document is listed stays as it is.
    return [received.is_stored === true ? { ...document, removed: "withdrawn" } : document];
  },
  reconcile: reconcileObject,
  findRemoval,
});

function resumeAt(
  current: Progress["current"] | undefined,
  id: string,
  fingerprint: string,
  limit: number,
): PageCursor | undefined {
  const fits = current?.collection === id && current.fingerprint === fingerprint && current.limit === limit;
  return fits ? current.cursor : undefined;
}

/** How many objects the manifests list, where all of them are read. */
function totalOf({ collections, manifests }: TaxiiSession): number | undefined {
  let total = 0;
  for (const { id } of collections) {
    const manifest = manifests.get(id);
    if (manifest === undefined) return undefined;
    total += manifest.versions.size;
  }
  return total;
}
