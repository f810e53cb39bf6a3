import { defineStep, type ExtractedPage, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { walkAdapting } from "./adapt-page-size.js";
import { countCurrent } from "./assess-collection.js";
import { collectionsDocument } from "./collections-document.js";
import { versionOf } from "./document-id.js";
import { createFailedMembers } from "./failed-members.js";
import { findAbsentVersions, warnOfAbsentVersions } from "./find-absent-versions.js";
import { findMissingObjects, type ReleasedCollection } from "./find-missing-objects.js";
import { IncompleteCollectionError } from "./incomplete-collection-error.js";
import { isGone } from "./is-gone.js";
import { isReleaseListed, listRelease } from "./list-release.js";
import { objectsCollection, versionsCollection } from "./loaded-collections.js";
import {
  countByRelease,
  countRelease,
  isMissingDocuments,
  type LoadedRelease,
  loadedRelease,
} from "./loaded-release.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { objectDocument } from "./object-document.js";
import { openPinnedRoot } from "./open-pinned-root.js";
import { pageCursor } from "./page-cursor.js";
import { savedPageLimits } from "./page-limits.js";
import { readStoredCollections } from "./read-stored-collections.js";
import { reconcileObject, reconcileVersions } from "./reconcile-releases.js";
import { selectCollections } from "./select-collections.js";
import { nameOfRelease, type PinnedRelease } from "./select-releases.js";
import { readStoredObjects, type StoredObjects } from "./stored-objects.js";
import { takeItems } from "./take-items.js";
import type { TaxiiCollection } from "./taxii/collections.js";
import { isJsonObject, isStixObject, type StixObject } from "./taxii/stix-object.js";
import type { TaxiiApiRoot } from "./taxii/taxii-api-root.js";
import type { PageCursor, TaxiiPage } from "./taxii/taxii-page.js";
import { openSession } from "./taxii-session.js";
import { type Arrival, mayLackObjects, trackArrival } from "./track-arrival.js";
import { versionsDocument } from "./versions-document.js";

const record = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("collections"),
    api_root: z.url(),
    collections: z.array(z.custom<JsonObject>(isJsonObject, "expected a collection")),
  }),
  z.object({
    kind: z.literal("object"),
    collection_id: z.string(),
    release: z.string(),
    object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
    /** All versions of the object on this page. */
    versions: z.array(z.string()),
    /** Whether the current release has the object, in whatever version. */
    is_current: z.boolean(),
    /** Whether a later release has the object in another version, or none has it; absent where its own release is current. */
    removed: z.enum(["superseded", "withdrawn"]).optional(),
  }),
]);

/** Which releases are loaded, and where one that was broken off goes on. */
const checkpoint = z.object({
  /** MITRE_MAX_CONTENTS of the load. */
  contents: z.number().nullable(),
  /** API root → what is loaded of its release. */
  releases: z.record(z.string(), loadedRelease),
  current: z
    .object({ root: z.string(), collection: z.string(), limit: z.number(), cursor: pageCursor })
    .nullable(),
  page_limits: savedPageLimits,
});
type Progress = z.output<typeof checkpoint>;

/**
 * Stores the objects of earlier releases, newest first: one request for the collections of each, and their pages. What is stored whole
 * is never asked for again, since a release does not change.
 */
export const releasesStep = defineStep({
  name: "releases",
  summary: "earlier releases of ATT&CK",
  needs: ["collections"],
  collections: (config: MitreTaxiiConfig) => [
    { name: "collections", indexes: [] },
    objectsCollection(config),
    versionsCollection(config),
  ],
  record,
  checkpoint,
  async *extract(context) {
    const { config, http, log, signal, store } = context;
    const session = await openSession(context);
    const { earlier, limits } = session;
    if (session.release === undefined) return;
    const current: PinnedRelease = { version: session.release, url: session.root.url };
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const contents = config.MITRE_MAX_CONTENTS ?? null;
    const saved = context.checkpoint?.contents === contents ? context.checkpoint : undefined;
    const known = new Map<string, LoadedRelease>(Object.entries(saved?.releases ?? {}));
    let interrupted = limited ? null : (saved?.current ?? null);
    const failed = createFailedMembers(signal);
    if (session.unread?.error !== undefined) failed.add(nameOfRelease(current.version), session.unread.error);
    limits.recall(context.checkpoint?.page_limits);
    const progress = (at: Progress["current"]) => ({
      ...(!limited && {
        checkpoint: {
          contents,
          releases: Object.fromEntries(known),
          current: at,
          page_limits: limits.save(),
        },
      }),
    });

    function remember(url: string, change: Partial<LoadedRelease>): void {
      known.set(url, { collections: [], stored: null, ...known.get(url), ...change });
    }

    /** Collection id → the newest release that has the collection. */
    const lastReleases = new Map(session.listed.map(({ id }) => [id, current.version]));
    /** Release → ids of the collections that its API root lists. */
    const listedIn = new Map([[current.version, session.listed.map(({ id }) => id)]]);
    const storedObjects = new Map<string, StoredObjects>();
    /** An earlier release has about as many objects as the one after it. */
    const sizes = new Map<string, number>();
    let extracted = 0;

    function sizeOf(ids: readonly string[]): number {
      return ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
    }

    /** How many objects are expected of all releases from this one on. */
    function sizeFrom(index: number): number {
      const ids = session.collections.map(({ id }) => id);
      return earlier.slice(index).reduce((sum, { url }) => {
        const loaded = known.get(url)?.collections ?? [];
        return sum + sizeOf(ids.filter((id) => !loaded.includes(id)));
      }, 0);
    }

    async function storedOf(id: string): Promise<StoredObjects> {
      const objects =
        storedObjects.get(id) ??
        (await readStoredObjects(store, id, lastReleases.get(id) ?? current.version));
      storedObjects.set(id, objects);
      return objects;
    }

    function recordsOf(
      { id, release }: ReleasedCollection,
      { items, malformed }: TaxiiPage<StixObject>,
      objects: StoredObjects,
    ): readonly object[] {
      const versions = new Map<string, string[]>();
      for (const object of items) {
        versions.set(object.id, [...(versions.get(object.id) ?? []), versionOf(object)]);
        objects.add(object.id, release);
      }
      const ofRelease = { kind: "object", collection_id: id, release };
      const isCurrent = release === objects.currentRelease;
      return [
        ...items.map((object) => ({
          ...ofRelease,
          object,
          versions: versions.get(object.id) ?? [],
          is_current: objects.isCurrent(object.id),
          ...(!isCurrent && { removed: objects.removalOf(object.id, release) }),
        })),
        ...malformed.map((object) => ({
          ...ofRelease,
          object,
          versions: [],
          is_current: false,
        })),
      ];
    }

    /** @param after how many objects are expected after this collection */
    function walkPages(
      target: ReleasedCollection,
      after: number,
      from: PageCursor | undefined,
    ): AsyncGenerator<ExtractedPage<Progress>, Arrival> {
      const { root, id } = target;
      const adapting = { root, limits, log, pages: "objects", collectionId: id } as const;
      return walkAdapting(adapting, from, async function* (request, start) {
        const arrival = trackArrival(id, start !== undefined);
        const objects = await storedOf(id);
        const walk = root.objects(id, { ...request, ...(start && { from: start }) });
        for await (const page of takeItems(walk, config.MITRE_MAX_OBJECTS)) {
          arrival.add(page);
          extracted += page.items.length + page.malformed.length;
          const left = page.next ? Math.max(0, sizeOf([id]) - arrival.documentIds.size) : 0;
          const next = page.next && {
            root: root.url,
            collection: id,
            limit: request.limit,
            cursor: { ...page.next },
          };
          yield {
            records: recordsOf(target, page, objects),
            total: extracted + left + after,
            ...(next && progress(next)),
          };
          if (signal.aborted) break;
        }
        return arrival;
      });
    }

    async function* loadCollection(
      target: ReleasedCollection,
      after: number,
    ): AsyncGenerator<ExtractedPage<Progress>> {
      const { root, release, id } = target;
      const { limit } = limits.of("objects", id);
      const from = resumeAt(interrupted, root, id, limit);
      if (from !== undefined) interrupted = null;
      let arrival = yield* walkPages(target, after, from);
      if (signal.aborted || limited) return;
      let found = await findMissingObjects(context, session, target, arrival);
      let absent = await findAbsentVersions(context, target, arrival);
      if (mayLackObjects(arrival) && (found.missing > 0 || absent > 0 || !found.isProven)) {
        const why =
          arrival.isResumed && arrival.cutOff ? "has no page to resume at any more" : "did not come whole";
        log.warn(
          { collection: id, release, missing: found.missing },
          `${id} ${why}: loaded from its first page`,
        );
        arrival = yield* walkPages(target, after, undefined);
        if (signal.aborted) return;
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
      if (absent > 0) warnOfAbsentVersions(log, target, absent);
      if (!arrival.isResumed) sizes.set(id, arrival.documentIds.size);
      remember(root.url, { collections: [...(known.get(root.url)?.collections ?? []), id] });
      const isLast = lastReleases.get(id) === release;
      yield { records: [], ...progress(null), ...(isLast && { listings: await listRelease(store, target) }) };
    }

    /** @returns undefined where the release is not there, or not now: the next run asks again */
    async function listCollections(
      root: TaxiiApiRoot,
      version: string,
    ): Promise<readonly TaxiiCollection[] | undefined> {
      let reason = "lists no collection";
      try {
        const listed = await root.collections();
        if (listed.length > 0) return listed;
      } catch (error) {
        if (!isGone(error)) throw error;
        reason = "is gone";
      }
      const name = nameOfRelease(version);
      failed.note(name);
      log.warn(
        { release: version },
        `${name} is not loaded: its API root ${reason}. The next run asks again`,
      );
      return undefined;
    }

    /**
     * A release that lacks a collection which newer and older ones have may have listed too few of them for once: its list is asked for once
     * more in the next run.
     */
    function doubtShortLists(): void {
      const releases = [current, ...earlier];
      for (const [index, { version, url }] of releases.entries()) {
        const listed = listedIn.get(version);
        if (index === 0 || listed === undefined || known.get(url)?.listing === "confirmed") continue;
        const idsOf = (some: readonly PinnedRelease[]) =>
          new Set(some.flatMap((release) => listedIn.get(release.version) ?? []));
        const newer = idsOf(releases.slice(0, index));
        const older = idsOf(releases.slice(index + 1));
        const lacking = [...newer].filter((id) => older.has(id) && !listed.includes(id));
        if (lacking.length === 0) continue;
        remember(url, { listing: "doubted" });
        for (const id of lacking) failed.note(`${nameOfRelease(version)}/${id}`);
        log.warn(
          { release: version, collections: lacking.join(", ") },
          `${nameOfRelease(version)} does not list ${lacking.join(", ")}, which newer and older releases have: its list is asked for once more in the next run`,
        );
      }
    }

    async function* loadRelease(
      release: PinnedRelease,
      index: number,
    ): AsyncGenerator<ExtractedPage<Progress>> {
      const { version, url } = release;
      const name = `ATT&CK ${version} (${index + 1} of ${earlier.length})`;
      const root = openPinnedRoot(http, url);
      const before = known.get(url);
      const stored = before && (await readStoredCollections(store, url));
      let listed = stored;
      if (listed === undefined || listed.length === 0 || before?.listing === "doubted") {
        const answer = await listCollections(root, version);
        if (answer === undefined) return;
        listed = answer;
        const isSame = before?.listing === "doubted" && answer.length <= (stored ?? []).length;
        const { listing: _, ...loaded } = before ?? { collections: [], stored: null };
        known.set(url, isSame ? { ...loaded, listing: "confirmed" } : loaded);
        const collections = listed.map(({ received }) => received);
        yield { records: [{ kind: "collections", api_root: url, collections }], ...progress(interrupted) };
        if (signal.aborted) return;
      }
      listedIn.set(
        version,
        listed.map(({ id }) => id),
      );
      for (const { id } of listed) {
        lastReleases.set(id, lastReleases.get(id) ?? (session.unread ? current.version : version));
      }
      const { MITRE_COLLECTIONS, MITRE_MAX_COLLECTIONS } = config;
      const { selected } = selectCollections(listed, MITRE_COLLECTIONS, MITRE_MAX_COLLECTIONS);
      const isLoaded = (id: string) => known.get(url)?.collections.includes(id) ?? false;
      for (const { id } of limited ? [] : selected) {
        if (!isLoaded(id) || lastReleases.get(id) !== version) continue;
        if (await isReleaseListed(store, { id, release: version })) continue;
        const collections = known.get(url)?.collections.filter((other) => other !== id) ?? [];
        remember(url, { collections, stored: null });
      }
      const ids = selected.map(({ id }) => id).filter((id) => !isLoaded(id));
      if (ids.length === 0 && known.get(url)?.stored) return;

      const extractedBefore = extracted;
      if (ids.length > 0) log.info({ release: version }, `${name} is loaded`);
      for (const [position, id] of ids.entries()) {
        const after = sizeOf(ids.slice(position + 1)) + sizeFrom(index + 1);
        yield* failed.attempt(
          `${nameOfRelease(version)}/${id}`,
          loadCollection({ root, release: version, id }, after),
        );
        if (signal.aborted) return;
      }
      if (!limited && !ids.every(isLoaded)) return;
      const counts = await countRelease(store, release);
      remember(url, { stored: counts });
      if (ids.length > 0) {
        const objects = Math.max(counts.objects, extracted - extractedBefore);
        log.info({ release: version, objects }, `${name}: ${objects.toLocaleString("en-US")} objects`);
      }
      yield { records: [], ...progress(null) };
    }

    const countsOf = await countByRelease(store);
    const gone = [current, ...earlier].filter(({ version, url }) => {
      const release = known.get(url);
      return release !== undefined && isMissingDocuments(release, countsOf(version));
    });
    for (const { url } of gone) {
      known.delete(url);
      if (interrupted?.root === url) interrupted = null;
    }
    if (gone.length > 0) {
      const versions = gone.map(({ version }) => version).join(", ");
      log.warn(
        { releases: versions },
        `documents of ATT&CK ${versions} were deleted from the database: loaded again from the start`,
      );
    }
    const { objects, versions } = session.loaded;
    const loadedNow = [...objects].filter((id) => versions.has(id));
    if (loadedNow.length > 0) {
      const collections = [...new Set([...(known.get(current.url)?.collections ?? []), ...loadedNow])];
      remember(current.url, { collections, stored: countsOf(current.version) });
    }
    for (const { id } of session.collections) sizes.set(id, await countCurrent(store, "objects", id));
    yield { records: [], total: sizeFrom(0), ...progress(interrupted) };
    if (signal.aborted) return;

    for (const [index, release] of earlier.entries()) {
      yield* failed.attempt(nameOfRelease(release.version), loadRelease(release, index));
      if (signal.aborted) return;
    }
    const lists = JSON.stringify([...known.values()]);
    doubtShortLists();
    if (JSON.stringify([...known.values()]) !== lists) yield { records: [], ...progress(interrupted) };
    yield* failed.finish();
  },
  transform(received, { config }) {
    if (received.kind === "collections") {
      return [collectionsDocument(received.api_root, received.collections)];
    }
    const { collection_id, release, object, versions, is_current, removed } = received;
    const ofObject = versionsDocument({
      collection_id,
      object_id: object.id,
      versions,
      releases: [release],
    });
    return [
      { ...objectDocument({ collection_id, object, release }, config), ...(removed && { removed }) },
      // An object that the current release has is listed, whatever its versions.
      is_current ? ofObject : { ...ofObject, removed: "withdrawn" as const },
    ];
  },
  reconcile(document, stored) {
    if (document.collection === "objects") return reconcileObject(document, stored);
    return document.collection === "versions" ? reconcileVersions(document, stored) : document;
  },
});

function resumeAt(
  interrupted: Progress["current"],
  { url }: TaxiiApiRoot,
  id: string,
  limit: number,
): PageCursor | undefined {
  const fits = interrupted?.root === url && interrupted.collection === id && interrupted.limit === limit;
  return fits ? interrupted.cursor : undefined;
}
