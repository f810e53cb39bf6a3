import type { TaxiiSession } from "../session/taxii-session.js";
import {
  type Arrival,
  missingFrom,
  noteArrival,
  resumeAt,
  startArrival,
  walkObjects,
  walkUntilWhole,
  warnOfRestart,
} from "../session/walk-collection.js";
import { findListedObjects, type ListedObjects } from "../stored/find-listed-objects.js";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import { type Load, type LoadPage, type LoadPages, progressOf } from "./begin-load.js";
import type { ChangedCollection } from "./load-collections.js";
import { planIdBatches, walkObjectsById } from "./objects-by-id.js";

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
    return { arrival: startArrival(true), stored, missing: [] };
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
  collection: ChangedCollection,
  wanted: readonly string[],
): LoadPages<Arrival | undefined> {
  const { id, manifest, known } = collection;
  const { log } = load.session;
  const isNewRelease = (manifest.release ?? null) !== (known?.release ?? null);
  const isRefused = load.own.ignores_id || planIdBatches(load, collection, wanted) === undefined;
  if (wanted.length === 0 || isNewRelease || isRefused) {
    return undefined;
  }
  const arrival = startArrival(true);
  const walk = walkObjectsById(load, collection, wanted);
  let step = await walk.next();
  for (; !step.done; step = await walk.next()) {
    noteArrival(arrival, id, step.value);
    yield { records: await recordsOf(load, id, step.value), total: wanted.length };
  }
  if (step.value === "selected" && missingFrom(arrival, wanted).length === 0) {
    return arrival;
  }
  load.own.ignores_id = step.value === "ignored";
  const why =
    step.value === "selected"
      ? "some objects were not returned by id"
      : "the server does not select objects by id";
  log.warn({ collection: id }, `${why}: ${id} is loaded page by page`);
  return undefined;
}

/** All pages; once more where the server ended them early, or may have passed over some objects. */
async function* fetchPages(
  load: Load,
  collection: ChangedCollection,
  before: ListedObjects | undefined,
): LoadPages<FetchedObjects> {
  const { limit } = load.session.limits.of("objects", collection.id);
  const from = resumeAt(load.saved?.current, placeOf(collection, limit));
  const hasNoManifest = collection.manifest.versions.size === 0;
  const { arrival, evidence } = yield* walkUntilWhole(
    {
      walk: (start) => walkObjectPages(load, collection, start),
      assess: (arrived) => findMissing(load, collection, before, arrived),
      // Without a manifest nothing shows what is missing.
      isShort: ({ missing }, { cutOff, mayHaveSkipped }) =>
        missing.length > 0 || (hasNoManifest && (cutOff || mayHaveSkipped)),
      onRestart({ missing: { length } }, arrived) {
        if (before === undefined) {
          const missing = hasNoManifest ? undefined : length;
          warnOfRestart(load.session.log, { collection: collection.id, missing }, arrived);
        }
      },
    },
    from,
  );
  return { arrival, ...evidence };
}

async function findMissing(
  { session }: Load,
  { id, manifest }: ChangedCollection,
  before: ListedObjects | undefined,
  arrival: Arrival,
): Promise<Omit<FetchedObjects, "arrival">> {
  const isUnknown = before === undefined && arrival.isResumed;
  const stored = isUnknown ? await findListedObjects(session.store, id, manifest) : before;
  return { stored, missing: missingFrom(arrival, stored?.missing ?? manifest.versions.keys()) };
}

/** All pages, from one of them on. */
export function walkObjectPages(
  load: Load,
  collection: ChangedCollection,
  from: PageCursor | undefined,
): LoadPages<Arrival> {
  const { session } = load;
  const { id } = collection;
  const total = totalOf(session);
  const pages = {
    ...{ session, root: session.root, id },
    pageOf: async (page: TaxiiPage, limit: number) => ({
      records: await recordsOf(load, id, page),
      ...(total !== undefined && { total }),
      ...(!session.limited &&
        page.next && {
          checkpoint: progressOf(load, { ...placeOf(collection, limit), cursor: { ...page.next } }),
        }),
    }),
    remember: () => (session.limited ? undefined : { checkpointOnly: progressOf(load, null) }),
  };
  return walkObjects<LoadPage>(pages, from);
}

async function recordsOf({ session: { release }, ends }: Load, id: string, { entries }: TaxiiPage) {
  const endsOf = await ends.readPage(id, entries, true);
  return entries.map((object) => ({
    collection_id: id,
    ...(release !== undefined && { release }),
    object,
    ...(endsOf.has(object) && { ends: endsOf.get(object) }),
  }));
}

/** Which pages a walk goes through. */
function placeOf({ id, manifest }: ChangedCollection, limit: number) {
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
