import { defineStep, type ExtractedPage } from "@cti-connectors/core";
import { z } from "zod";
import { assessCollection, countCurrent } from "./assess-collection.js";
import { listingsOf } from "./build-listings.js";
import { type CompleteLoads, completeLoads } from "./complete-load.js";
import { cutContents } from "./cut-contents.js";
import { versionDocumentId, versionOf } from "./document-id.js";
import { enrichObject } from "./enrich-object.js";
import { findListedObjects } from "./find-listed-objects.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { pageCursor } from "./page-cursor.js";
import { objectsPageLimit } from "./page-limit.js";
import { planIdBatches } from "./plan-id-batches.js";
import { rememberLoad } from "./remember-load.js";
import { takeItems } from "./take-items.js";
import { isStixObject, type StixObject } from "./taxii/stix-object.js";
import type { PageCursor, TaxiiPage } from "./taxii/walk-pages.js";
import { openSession, type TaxiiSession } from "./taxii-session.js";
import { type Arrival, trackArrival } from "./track-arrival.js";
import { walkObjectsById } from "./walk-objects-by-id.js";

const record = z.object({
  collection_id: z.string(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
});

/**
 * What was loaded as a whole, and where a walk that was broken off goes on: only over the same manifest with the same
 * page size.
 */
const checkpoint = z.object({
  root: z.string(),
  /** MITRE_MAX_CONTENTS of the load. */
  contents: z.number().nullable(),
  complete: completeLoads,
  current: z
    .object({ collection: z.string(), fingerprint: z.string(), limit: z.number(), cursor: pageCursor })
    .nullable(),
  /** The server does not select by `match[id]`. */
  ignores_id: z.boolean(),
});
type Progress = z.output<typeof checkpoint>;

/** Stores the objects of each collection, and marks those that it lists no longer. */
export const objectsStep = defineStep({
  name: "objects",
  summary: "the STIX objects of each collection",
  collections: (_config: MitreTaxiiConfig) => [
    {
      name: "objects",
      indexes: [
        { key: { "data.collection_id": 1 } },
        { key: { "data.objects.id": 1 } },
        { key: { "enriched.attack_id": 1 } },
        { key: { "enriched.type": 1 } },
        { key: { "enriched.name": 1 } },
        { key: { "enriched.modified": 1 } },
        { key: { "enriched.source_ref": 1 } },
        { key: { "enriched.target_ref": 1 } },
      ],
    },
  ],
  record,
  checkpoint,
  async *extract(context) {
    const { config, log, signal, store } = context;
    const session = await openSession(context);
    const { root } = session;
    const limit = objectsPageLimit(config);
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const contents = config.MITRE_MAX_CONTENTS ?? null;
    const fits = context.checkpoint?.root === root.url && context.checkpoint.contents === contents;
    const saved = fits && !limited ? context.checkpoint : undefined;
    const complete: CompleteLoads = { ...saved?.complete };
    let ignoresId = saved?.ignores_id ?? false;
    const incomplete: IncompleteCollectionError[] = [];
    const progress = (current: Progress["current"]) => ({
      checkpoint: { root: root.url, contents, complete: { ...complete }, current, ignores_id: ignoresId },
    });
    const recordsOf = (id: string, { items, malformed }: TaxiiPage<StixObject>) =>
      [...items, ...malformed].map((object) => ({ collection_id: id, object }));

    async function* walkCollection(
      id: string,
      fingerprint: string,
      from: PageCursor | undefined,
    ): AsyncGenerator<ExtractedPage<Progress>, Arrival> {
      const arrival = trackArrival(id, from !== undefined);
      const total = totalOf(session);
      const walk = root.objects(id, { limit, ...(from && { from }) });
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
    }

    /**
     * By id where that takes fewer requests than all pages. A new release of ATT&CK is always read whole: it changes
     * objects that keep their `modified`, which no manifest tells (ICS 18.1: 70 techniques).
     */
    async function* walkChanges(
      id: string,
      manifest: ManifestSnapshot,
      wanted: readonly string[],
      from: PageCursor | undefined,
    ): AsyncGenerator<ExtractedPage<Progress>, Arrival> {
      const isNewRelease = (manifest.release ?? null) !== (complete[id]?.release ?? null);
      const batches =
        ignoresId || isNewRelease
          ? undefined
          : planIdBatches(root, id, wanted, manifest.versions.size, limit);
      if (batches !== undefined) {
        const arrival = trackArrival(id, true);
        const walk = walkObjectsById(root, id, batches, limit);
        let step = await walk.next();
        for (; !step.done; step = await walk.next()) {
          arrival.add(step.value);
          yield { records: recordsOf(id, step.value), total: wanted.length };
          if (signal.aborted) return arrival;
        }
        if (step.value && arrival.missing(wanted).length === 0) return arrival;
        ignoresId = !step.value;
        const why = ignoresId ? "the server does not select objects by id" : "objects did not come by id";
        log.warn({ collection: id }, `${why}: ${id} is loaded page by page`);
      }
      const arrival = yield* walkCollection(id, manifest.fingerprint, from);
      const isWhole = from === undefined || signal.aborted || arrival.missing(wanted).length === 0;
      return isWhole ? arrival : yield* walkCollection(id, manifest.fingerprint, undefined);
    }

    if (context.checkpoint !== undefined && saved === undefined) {
      const hasLoaded = Object.keys(context.checkpoint.complete).length > 0;
      if (!limited || hasLoaded) yield { records: [], ...progress(null) };
      if (signal.aborted) return;
    }
    for (const { id } of session.collections) {
      const known = complete[id];
      const assessment = await assessCollection(context, session, "objects", id, known);
      if (assessment.state === "current") {
        log.info({ collection: id }, `${id} still holds the release that is stored: nothing to do`);
        continue;
      }
      const { manifest } = assessment;
      const { fingerprint } = manifest;
      if (assessment.state === "checked") {
        log.info({ collection: id }, `${id} still lists exactly what is stored: nothing to do`);
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
      const isDiff = known !== undefined && manifest.complete;
      if (known !== undefined) {
        complete[id] = { ...known, settled: false };
        yield { records: [], ...progress(saved?.current ?? null) };
        if (signal.aborted) return;
      }
      let from = resumeAt(saved?.current, id, fingerprint, limit);
      const before = isDiff ? await findListedObjects(store, id, manifest) : undefined;
      const wanted = before?.missing ?? [...manifest.versions.keys()];
      let arrival: Arrival;
      if (before !== undefined) {
        arrival =
          wanted.length === 0 ? trackArrival(id, true) : yield* walkChanges(id, manifest, wanted, from);
      } else {
        arrival = yield* walkCollection(id, fingerprint, from);
        if (from !== undefined && arrival.cutOff && !signal.aborted) {
          log.warn({ collection: id }, `${id} has no page to resume at any more: loaded from its first page`);
          from = undefined;
          arrival = yield* walkCollection(id, fingerprint, from);
        }
      }
      if (signal.aborted) return;
      if (limited) continue;

      const isResumed = before === undefined && from !== undefined;
      const stored = isResumed ? await findListedObjects(store, id, manifest) : before;
      const missing = arrival.missing(isResumed ? (stored?.missing ?? []) : wanted);
      if (missing.length > 0 && (isDiff || arrival.cutOff || arrival.documentIds.size === 0)) {
        yield { records: [], ...progress(null) };
        incomplete.push(new IncompleteCollectionError(id, manifest.versions.size, missing.length));
        continue;
      }
      const listed = [...arrival.documentIds, ...(stored?.documentIds ?? [])];
      if (missing.length === 0) rememberLoad(complete, id, { manifest, session, config, now: context.now() });
      yield { records: [], ...progress(null), listings: listingsOf("objects", id, manifest, listed) };
      if (signal.aborted) return;
      if (missing.length > 0) {
        log.warn(
          { collection: id, missing: missing.length, examples: missing.slice(0, 3) },
          `the manifest of ${id} lists ${missing.length} objects that its pages did not bring`,
        );
        continue;
      }
      const count = await countCurrent(store, "objects", id);
      rememberLoad(complete, id, { manifest, count, session, config, now: context.now() });
      yield { records: [], ...progress(null) };
      if (signal.aborted) return;
    }
    const [first] = incomplete;
    if (first !== undefined) throw first;
  },
  transform({ collection_id, object }, { config }) {
    return [
      {
        collection: "objects",
        _id: versionDocumentId(collection_id, object.id, versionOf(object)),
        data: { collection_id, objects: [cutContents(object, config.MITRE_MAX_CONTENTS)] },
        enriched: enrichObject(object),
      },
    ];
  },
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
