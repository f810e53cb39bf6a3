import type { ExtractedPage } from "@cti-connectors/core";
import { walkAdapting } from "../session/adapt-page-size.js";
import { takeItems } from "../session/take-items.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type Arrival, describeShortfall, mayLackObjects, trackArrival } from "../session/track-arrival.js";
import { findListedObjects } from "../stored/find-listed-objects.js";
import type { StixObject } from "../taxii/stix-object.js";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import type { ChangedCollection } from "./load-changed-collections.js";
import type { ObjectsLoad, ObjectsProgress } from "./objects-load.js";
import { planIdBatches } from "./plan-id-batches.js";
import { walkObjectsById } from "./walk-objects-by-id.js";

type ObjectsWalk = AsyncGenerator<ExtractedPage<ObjectsProgress>, Arrival>;

/**
 * All pages of a collection, from where an interrupted load stopped; once more where the server ended them early, or may have passed
 * over some objects.
 */
export async function* walkWholeCollection(
  load: ObjectsLoad,
  { id, manifest }: ChangedCollection,
): ObjectsWalk {
  const { log, signal, store } = load.context;
  const from = resumeAt(load, id, manifest.fingerprint);
  const arrival = yield* walkPages(load, id, manifest.fingerprint, from);
  if (signal.aborted || load.limited || !mayLackObjects(arrival)) {
    return arrival;
  }
  const stored = arrival.isResumed ? await findListedObjects(store, id, manifest) : undefined;
  const missing = arrival.missing(stored?.missing ?? manifest.versions.keys());
  // Without a manifest nothing tells what is missing.
  const isUnknown = manifest.versions.size === 0 && (arrival.cutOff || arrival.mayHaveSkipped);
  if (missing.length === 0 && !isUnknown) {
    return arrival;
  }
  log.warn(
    { collection: id, missing: isUnknown ? undefined : missing.length },
    `${id} ${describeShortfall(arrival)}: loaded from its first page`,
  );
  return yield* walkPages(load, id, manifest.fingerprint, undefined);
}

/**
 * The objects of a collection that are not stored: by id where that takes fewer requests than all pages. A new release of ATT&CK is always
 * read whole: it changes objects that keep their `modified`, which no manifest tells (ICS 18.1: 70 techniques).
 *
 * @param wanted ids of the objects
 */
export async function* walkChangedObjects(
  load: ObjectsLoad,
  { id, manifest, known }: ChangedCollection,
  wanted: readonly string[],
): ObjectsWalk {
  const { log, signal } = load.context;
  const from = resumeAt(load, id, manifest.fingerprint);
  const isNewRelease = (manifest.release ?? null) !== (known?.release ?? null);
  const { root, limits } = load.session;
  const selection = { root, limits, log, collectionId: id, wanted, listed: manifest.versions.size };
  if (!load.ignoresId && !isNewRelease && planIdBatches(selection, wanted) !== undefined) {
    const arrival = trackArrival(id, true);
    const walk = walkObjectsById(selection);
    let step = await walk.next();
    for (; !step.done; step = await walk.next()) {
      arrival.add(step.value);
      yield { records: recordsOf(load, id, step.value), total: wanted.length };
      if (signal.aborted) {
        return arrival;
      }
    }
    if (step.value === "selected" && arrival.missing(wanted).length === 0) {
      return arrival;
    }
    load.ignoresId = step.value === "ignored";
    const why =
      step.value === "selected" ? "objects did not come by id" : "the server does not select objects by id";
    log.warn({ collection: id }, `${why}: ${id} is loaded page by page`);
  }
  const arrival = yield* walkPages(load, id, manifest.fingerprint, from);
  if (signal.aborted || !mayLackObjects(arrival) || arrival.missing(wanted).length === 0) {
    return arrival;
  }
  return yield* walkPages(load, id, manifest.fingerprint, undefined);
}

function walkPages(
  load: ObjectsLoad,
  id: string,
  fingerprint: string,
  from: PageCursor | undefined,
): ObjectsWalk {
  const { config, log, signal } = load.context;
  const { root, limits } = load.session;
  const total = totalOf(load.session);
  const adapting = {
    root,
    limits,
    log,
    pages: "objects",
    collectionId: id,
    remember: () => (load.limited ? undefined : { records: [], ...load.progress(null) }),
  } as const;
  return walkAdapting(adapting, from, async function* (request, start) {
    const { limit } = request;
    const arrival = trackArrival(id, start !== undefined);
    if (signal.aborted) {
      return arrival;
    }
    const walk = root.objects(id, { ...request, ...(start && { from: start }) });
    for await (const page of takeItems(walk, config.MITRE_MAX_OBJECTS)) {
      arrival.add(page);
      const next = page.next && { collection: id, fingerprint, limit, cursor: { ...page.next } };
      yield {
        records: recordsOf(load, id, page),
        ...(total !== undefined && { total }),
        ...(!load.limited && next && load.progress(next)),
      };
      if (signal.aborted) {
        break;
      }
    }
    return arrival;
  });
}

/** Malformed entries are in it as well, to be quarantined. */
function recordsOf({ release }: ObjectsLoad, id: string, { items, malformed }: TaxiiPage<StixObject>) {
  return [...items, ...malformed].map((object) => ({
    collection_id: id,
    ...(release !== null && { release }),
    object,
  }));
}

function resumeAt({ saved, session }: ObjectsLoad, id: string, fingerprint: string): PageCursor | undefined {
  const current = saved?.current;
  const { limit } = session.limits.of("objects", id);
  const fits = current?.collection === id && current.fingerprint === fingerprint && current.limit === limit;
  return fits ? current.cursor : undefined;
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
