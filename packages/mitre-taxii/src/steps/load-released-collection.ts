import type { ExtractedPage } from "@cti-connectors/core";
import { walkAdapting } from "../session/adapt-page-size.js";
import { nameOfRelease } from "../session/select-releases.js";
import { takeItems } from "../session/take-items.js";
import { type Arrival, describeShortfall, mayLackObjects, trackArrival } from "../session/track-arrival.js";
import type { ReleasedCollection } from "../stored/listings.js";
import { listRelease } from "../stored/listings.js";
import { findAbsentVersions, findMissingObjects, warnOfAbsentVersions } from "../stored/present-release.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import type { PageCursor } from "../taxii/taxii-page.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import { toReleasedObjects } from "./released-objects.js";
import { type ReleasesLoad, type ReleasesProgress, sizeOf } from "./releases-load.js";

/**
 * Loads one collection of an earlier release, from where an interrupted load stopped.
 *
 * @param after how many objects are expected after this collection
 * @throws IncompleteCollectionError where not all of its objects came
 */
export async function* loadReleasedCollection(
  load: ReleasesLoad,
  target: ReleasedCollection,
  after: number,
): AsyncGenerator<ExtractedPage<ReleasesProgress>> {
  const { context, session, known, failed } = load;
  const { log, signal, store } = context;
  const { root, release, id } = target;
  const from = resumeAt(load.interrupted, root, id, session.limits.of("objects", id).limit);
  if (from !== undefined) {
    load.interrupted = null;
  }
  let arrival = yield* walkObjects(load, target, after, from);
  if (signal.aborted || load.limited) {
    return;
  }
  let found = await findMissingObjects(context, session, target, arrival);
  let absent = await findAbsentVersions(context, target, arrival);
  if (mayLackObjects(arrival) && (found.missing > 0 || absent > 0 || !found.isProven)) {
    log.warn(
      { collection: id, release, missing: found.missing },
      `${id} ${describeShortfall(arrival)}: loaded from its first page`,
    );
    arrival = yield* walkObjects(load, target, after, undefined);
    if (signal.aborted) {
      return;
    }
    found = await findMissingObjects(context, session, target, arrival);
    absent = await findAbsentVersions(context, target, arrival);
  }
  const { listed, missing, isProven } = found;
  if (missing > 0) {
    throw new IncompleteCollectionError(id, listed, missing, release);
  }
  if (!isProven) {
    log.warn(
      { collection: id, release },
      `ATT&CK ${release} does not tell all that ${id} has: it is asked again in the next run`,
    );
    failed.note(`${nameOfRelease(release)}/${id}`);
    return;
  }
  if (absent > 0) {
    warnOfAbsentVersions(log, target, absent);
  }
  if (!arrival.isResumed) {
    load.sizes.set(id, arrival.documentIds.size);
  }
  load.remember(root.url, { collections: [...(known.get(root.url)?.collections ?? []), id] });
  const isLast = load.lastReleases.get(id) === release;
  yield {
    records: [],
    ...load.progress(null),
    ...(isLast && { listings: await listRelease(store, target) }),
  };
}

function walkObjects(
  load: ReleasesLoad,
  target: ReleasedCollection,
  after: number,
  from: PageCursor | undefined,
): AsyncGenerator<ExtractedPage<ReleasesProgress>, Arrival> {
  const { config, log, signal } = load.context;
  const { root, id } = target;
  const adapting = {
    root,
    limits: load.session.limits,
    log,
    pages: "objects",
    collectionId: id,
  } as const;
  return walkAdapting(adapting, from, async function* (request, start) {
    const arrival = trackArrival(id, start !== undefined);
    const objects = await load.storedOf(id);
    const walk = root.objects(id, { ...request, ...(start && { from: start }) });
    for await (const page of takeItems(walk, config.MITRE_MAX_OBJECTS)) {
      arrival.add(page);
      load.extracted += page.items.length + page.malformed.length;
      const left = page.next ? Math.max(0, sizeOf(load, [id]) - arrival.documentIds.size) : 0;
      const next = page.next && {
        root: root.url,
        collection: id,
        limit: request.limit,
        cursor: { ...page.next },
      };
      yield {
        records: toReleasedObjects(target, page, objects),
        total: load.extracted + left + after,
        ...(next && load.progress(next)),
      };
      if (signal.aborted) {
        break;
      }
    }
    return arrival;
  });
}

function resumeAt(
  interrupted: ReleasesProgress["current"],
  { url }: TaxiiApiRoot,
  id: string,
  limit: number,
): PageCursor | undefined {
  const fits = interrupted?.root === url && interrupted.collection === id && interrupted.limit === limit;
  return fits ? interrupted.cursor : undefined;
}
