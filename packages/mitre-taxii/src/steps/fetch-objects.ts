import type { ExtractedPage } from "@cti-connectors/core";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type Arrival, describeShortfall, trackArrival } from "../session/track-arrival.js";
import {
  type CollectionWalk,
  type PageCollector,
  resumeAt,
  walkCollection,
  walkUntilWhole,
} from "../session/walk-collection.js";
import { findListedObjects, type ListedObjects } from "../stored/find-listed-objects.js";
import type { StixObject } from "../taxii/stix-object.js";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import { type Load, type LoadPages, progressOf, type SavedLoad } from "./begin-load.js";
import type { ChangedCollection } from "./load-collections.js";
import { type ObjectsById, planIdBatches, walkObjectsById } from "./objects-by-id.js";

/** Which pages a walk goes through. */
type Place = { readonly collection: string; readonly fingerprint: string; readonly limit: number };

/** What came of a collection. */
export interface FetchedObjects {
  readonly arrival: Arrival;
  /** What of it was stored before, where that is known. */
  readonly stored: ListedObjects | undefined;
  /** Ids of listed objects that are not stored, and did not come. */
  readonly missing: readonly string[];
}

/**
 * Requests the objects of a collection: those that are not stored by their ids, where that takes fewer requests than all pages; else
 * all pages, from where an interrupted load stopped.
 *
 * @param stored undefined where the whole collection is to be loaded
 */
export async function* fetchObjects(
  load: Load,
  collection: ChangedCollection,
  stored: ListedObjects | undefined,
): LoadPages<FetchedObjects> {
  const wanted = stored?.missing ?? [];
  if (stored !== undefined && wanted.length === 0) {
    return { arrival: trackArrival(collection.id, true), stored, missing: [] };
  }
  const selected = yield* fetchById(load, collection, wanted);
  if (selected !== undefined) {
    return { arrival: selected, stored, missing: [] };
  }
  return yield* fetchPages(load, collection, stored);
}

/**
 * A new release of ATT&CK is always read whole: it changes objects that keep their `modified`, which no manifest tells (ICS 18.1: 70
 * techniques).
 *
 * @returns undefined where not all of them came by id
 */
async function* fetchById(
  load: Load,
  { id, manifest, known }: ChangedCollection,
  wanted: readonly string[],
): LoadPages<Arrival | undefined> {
  const { root, limits } = load.session;
  const { log } = load.context;
  const selection: ObjectsById = {
    root,
    limits,
    log,
    collectionId: id,
    wanted,
    listed: manifest.versions.size,
  };
  const isNewRelease = (manifest.release ?? null) !== (known?.release ?? null);
  if (wanted.length === 0 || isNewRelease || load.own.ignores_id) {
    return undefined;
  }
  if (planIdBatches(selection, wanted) === undefined) {
    return undefined;
  }
  const arrival = trackArrival(id, true);
  const walk = walkObjectsById(selection);
  let step = await walk.next();
  for (; !step.done; step = await walk.next()) {
    arrival.add(step.value);
    yield { records: recordsOf(load, id, step.value), total: wanted.length };
  }
  if (step.value === "selected" && arrival.missing(wanted).length === 0) {
    return arrival;
  }
  load.own.ignores_id = step.value === "ignored";
  const why =
    step.value === "selected" ? "objects did not come by id" : "the server does not select objects by id";
  log.warn({ collection: id }, `${why}: ${id} is loaded page by page`);
  return undefined;
}

/** All pages; once more where the server ended them early, or may have passed over some objects. */
async function* fetchPages(
  load: Load,
  collection: ChangedCollection,
  before: ListedObjects | undefined,
): LoadPages<FetchedObjects> {
  const { id, manifest } = collection;
  const { log, store } = load.context;
  const { limit } = load.session.limits.of("objects", id);
  const from = resumeAt(load.saved?.current, placeOf(collection, limit));
  const { arrival, evidence } = yield* walkUntilWhole<
    ExtractedPage<SavedLoad>,
    Omit<FetchedObjects, "arrival">
  >(
    {
      walk: (start) => walkPages(load, collection, start),
      async assess(arrival) {
        const isUnknown = before === undefined && arrival.isResumed;
        const stored = isUnknown ? await findListedObjects(store, id, manifest) : before;
        return { stored, missing: arrival.missing(stored?.missing ?? manifest.versions.keys()) };
      },
      // Without a manifest nothing tells what is missing.
      isShort: ({ missing }, { cutOff, mayHaveSkipped }) =>
        missing.length > 0 || (manifest.versions.size === 0 && (cutOff || mayHaveSkipped)),
      onRestart({ missing }, arrival) {
        if (before === undefined) {
          log.warn(
            { collection: id, missing: manifest.versions.size === 0 ? undefined : missing.length },
            `${id} ${describeShortfall(arrival)}: loaded from its first page`,
          );
        }
      },
    },
    from,
  );
  return { arrival, ...evidence };
}

/** All pages, from one of them on. */
export function walkPages(
  load: Load,
  collection: ChangedCollection,
  from: PageCursor | undefined,
): LoadPages<Arrival> {
  const { id } = collection;
  const { config, log } = load.context;
  const { root, limits } = load.session;
  const walk: CollectionWalk<StixObject, ExtractedPage<SavedLoad>> = {
    ...{ root, limits, log, pages: "objects", collectionId: id, max: config.MITRE_MAX_OBJECTS },
    open: (options) => root.objects(id, options),
    remember: () => (load.limited ? undefined : { records: [], ...progressOf(load, null) }),
  };
  return walkCollection(
    walk,
    from,
    (limit, isResumed): PageCollector<StixObject, ExtractedPage<SavedLoad>, Arrival> => {
      const arrival = trackArrival(id, isResumed);
      const place = placeOf(collection, limit);
      return {
        add(page) {
          arrival.add(page);
          return pageOf(load, place, page);
        },
        finish: () => arrival,
      };
    },
  );
}

function pageOf(load: Load, place: Place, page: TaxiiPage<StixObject>): ExtractedPage<SavedLoad> {
  const total = totalOf(load.session);
  return {
    records: recordsOf(load, place.collection, page),
    ...(total !== undefined && { total }),
    ...(!load.limited && page.next && progressOf(load, { ...place, cursor: { ...page.next } })),
  };
}

/** Malformed entries are in it as well, to be quarantined. */
function recordsOf({ session: { release } }: Load, id: string, { items, malformed }: TaxiiPage<StixObject>) {
  return [...items, ...malformed].map((object) => ({
    collection_id: id,
    ...(release !== undefined && { release }),
    object,
  }));
}

function placeOf({ id, manifest }: ChangedCollection, limit: number): Place {
  return { collection: id, fingerprint: manifest.fingerprint, limit };
}

/** How many objects the manifests list, where all of them are read. */
function totalOf({ collections, manifests }: TaxiiSession): number | undefined {
  let total = 0;
  for (const { id } of collections) {
    const manifest = manifests.get(id);
    if (manifest === undefined) {
      return undefined;
    }
    total += manifest.versions.size;
  }
  return total;
}
