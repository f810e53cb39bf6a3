import { defineStep, type ExtractedPage, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { listingsOf } from "./build-listings.js";
import { cutContents } from "./cut-contents.js";
import { versionDocumentId, versionOf } from "./document-id.js";
import { enrichObject } from "./enrich-object.js";
import { findListedObjects } from "./find-listed-objects.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { pageCursor } from "./page-cursor.js";
import { objectsPageLimit } from "./page-limit.js";
import { readManifest } from "./read-manifest.js";
import { takeItems } from "./take-items.js";
import { isStixObject, type StixObject } from "./taxii/stix-object.js";
import type { PageCursor } from "./taxii/walk-pages.js";
import { openSession, type TaxiiSession } from "./taxii-session.js";
import { type Arrival, trackArrival } from "./track-arrival.js";

const record = z.object({
  collection_id: z.string(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
});

/**
 * Where a run that was broken off goes on, in this step or in a later one. Collections carry the fingerprint of their manifest:
 * one whose manifest is another now is loaded again from its first page.
 */
const checkpoint = z.object({
  root: z.string(),
  /** Collection id → fingerprint. */
  finished: z.record(z.string(), z.string()),
  current: z
    .object({ collection: z.string(), fingerprint: z.string(), limit: z.number(), cursor: pageCursor })
    .nullable(),
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
        { key: { ingested_at: 1 } },
      ],
    },
  ],
  record,
  checkpoint,
  checkpointScope: "run",
  async *extract(context) {
    const { config, log, signal, store } = context;
    const session = await openSession(context);
    const { root } = session;
    const limit = objectsPageLimit(config);
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const saved = !limited && context.checkpoint?.root === root.url ? context.checkpoint : undefined;
    const finished: Record<string, string> = { ...saved?.finished };
    const progress = (current: Progress["current"]) => ({
      checkpoint: { root: root.url, finished: { ...finished }, current },
    });

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
          records: [...page.items, ...page.malformed].map((object) => ({ collection_id: id, object })),
          ...(total !== undefined && { total }),
          ...(!limited && next && progress(next)),
        };
        if (signal.aborted) break;
      }
      return arrival;
    }

    for (const { id } of session.collections) {
      const manifest = await readManifest(context, session, id);
      const { fingerprint } = manifest;
      if (saved?.finished[id] === fingerprint) {
        log.info({ collection: id }, `${id} was loaded by the interrupted run and has not changed: skipped`);
        continue;
      }
      let from = resumeAt(saved?.current, id, fingerprint, limit);
      let arrival = yield* walkCollection(id, fingerprint, from);
      if (from !== undefined && arrival.cutOff && !signal.aborted) {
        log.warn({ collection: id }, `${id} has no page to resume at any more: loaded from its first page`);
        from = undefined;
        arrival = yield* walkCollection(id, fingerprint, from);
      }
      if (signal.aborted) return;
      if (limited) continue;

      const missing = from === undefined ? arrival.missing(manifest) : [];
      if (missing.length > 0) {
        yield { records: [], ...progress(null) };
        if (arrival.cutOff || arrival.documentIds.size === 0) {
          throw new IncompleteCollectionError(id, manifest.versions.size, missing.length);
        }
        log.warn(
          { collection: id, missing: missing.length, examples: missing.slice(0, 3) },
          `the manifest of ${id} lists ${missing.length} objects that its pages did not bring`,
        );
      }
      const stored =
        from === undefined ? arrival.documentIds : await storedAndArrived(store, id, manifest, arrival);
      finished[id] = fingerprint;
      yield { records: [], ...progress(null), listings: listingsOf("objects", id, manifest, stored) };
      if (signal.aborted) return;
    }
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

/** A resumed walk has not seen the pages that an earlier run stored. */
async function storedAndArrived(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
  arrival: Arrival,
): Promise<ReadonlySet<string>> {
  return new Set([...arrival.documentIds, ...(await findListedObjects(store, collectionId, manifest))]);
}
