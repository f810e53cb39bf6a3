import { readStoredCollections, selectCollections } from "../session/select-collections.js";
import { nameOfRelease, type PinnedRelease, warnOfLostRelease } from "../session/select-releases.js";
import { isReleaseListed } from "../stored/listings.js";
import { countRelease } from "../stored/loaded-release.js";
import type { TaxiiCollection } from "../taxii/collections.js";
import { isGone } from "../taxii/refusals.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import {
  isCollectionLoaded,
  type ReleasesLoad,
  type ReleasesPage,
  releasesProgress,
  releasesProgressPage,
  rememberRelease,
  sizeFrom,
  sizeOf,
} from "./begin-releases-load.js";
import { attempt } from "./failed-members.js";
import { loadReleasedCollection } from "./load-released-collection.js";

/**
 * Loads what is not stored yet of an earlier release: the list of its collections, and their objects.
 *
 * @param index of the release among the earlier ones
 */
export async function* loadRelease(
  load: ReleasesLoad,
  release: PinnedRelease,
  index: number,
): AsyncGenerator<ReleasesPage> {
  const { version, url } = release;
  const root = load.session.openEarlier(release);
  const listed = yield* listCollections(load, release, root);
  if (listed === undefined) {
    return;
  }
  noteCollections(load, version, listed);
  const ids = await selectUnloaded(load, release, listed);
  if (ids.length === 0 && load.known.get(url)?.stored) {
    return;
  }

  const name = `ATT&CK ${version} (${index + 1} of ${load.session.earlier.length})`;
  const extractedBefore = load.extracted;
  if (ids.length > 0) {
    load.session.log.info({ release: version }, `${name} is loaded`);
  }
  for (const [position, id] of ids.entries()) {
    const after = sizeOf(load, ids.slice(position + 1)) + sizeFrom(load, index + 1);
    const collection = loadReleasedCollection(load, { root, release: version, id }, after);
    yield* attempt(load.failed, `${nameOfRelease(version)}/${id}`, collection);
  }
  if (!load.session.limited && !ids.every((id) => isCollectionLoaded(load, url, id))) {
    return;
  }
  const counts = await countRelease(load.session.store, release);
  rememberRelease(load, url, { stored: counts });
  if (ids.length > 0) {
    const objects = Math.max(counts.objects, load.extracted - extractedBefore);
    load.session.log.info(
      { release: version, objects },
      `${name}: ${objects.toLocaleString("en-US")} objects`,
    );
  }
  yield releasesProgressPage(load, null);
}

/** Ids of the selected collections that are not stored whole, or whose stored objects are not what is current of them. */
async function selectUnloaded(
  load: ReleasesLoad,
  release: PinnedRelease,
  listed: readonly TaxiiCollection[],
): Promise<readonly string[]> {
  const { MITRE_COLLECTIONS, MITRE_MAX_COLLECTIONS } = load.session.config;
  const { selected } = selectCollections(listed, MITRE_COLLECTIONS, MITRE_MAX_COLLECTIONS);
  const ids = selected.map(({ id }) => id);
  const isLoaded = (id: string) => isCollectionLoaded(load, release.url, id);
  await forgetUnlisted(load, release, ids.filter(isLoaded));
  return ids.filter((id) => !isLoaded(id));
}

/**
 * The collections of a release as they are stored; as its API root lists them where they are not, or where the list that is stored is doubted.
 *
 * @returns undefined where the release is not there, or not now: the next run tries again
 */
async function* listCollections(
  load: ReleasesLoad,
  release: PinnedRelease,
  root: ReadableRoot,
): AsyncGenerator<ReleasesPage, readonly TaxiiCollection[] | undefined> {
  const { url } = release;
  const before = load.known.get(url);
  const stored = before && (await readStoredCollections(load.session.store, url));
  const isDoubted = before?.listing === "doubted";
  if (load.session.bundled !== undefined) {
    return yield* listBundled(load, release, root);
  }
  if (stored !== undefined && stored.length > 0 && !isDoubted) {
    return stored;
  }
  const listed = await askForCollections(load, root, release);
  if (listed === undefined) {
    return undefined;
  }
  const isSame = isDoubted && listed.length <= (stored ?? []).length;
  const { listing: _, ...loaded } = before ?? { collections: [], stored: null };
  load.known.set(url, isSame ? { ...loaded, listing: "confirmed" } : loaded);
  const collections = listed.map(({ received }) => received);
  yield {
    records: [{ kind: "collections", api_root: url, collections }],
    ...releasesProgress(load, load.interrupted),
  };
  return listed;
}

/** The collections that bundles hold of a release. A server may list others: then it is asked for its list. */
async function* listBundled(
  load: ReleasesLoad,
  { url }: PinnedRelease,
  root: ReadableRoot,
): AsyncGenerator<ReleasesPage, readonly TaxiiCollection[]> {
  const listed = await root.collections();
  const stored = (await readStoredCollections(load.session.store, url)) ?? [];
  const isNew = ({ id }: TaxiiCollection) => stored.every((known) => known.id !== id);
  if (!load.known.has(url)) {
    rememberRelease(load, url, { listing: "doubted" });
  }
  const collections = [...stored, ...listed.filter(isNew)].map(({ received }) => received);
  yield {
    records: [{ kind: "collections", api_root: url, collections }],
    ...releasesProgress(load, load.interrupted),
  };
  return listed;
}

/** @returns undefined where the release is not there, or not now */
async function askForCollections(
  { session, failed }: ReleasesLoad,
  root: ReadableRoot,
  release: PinnedRelease,
): Promise<readonly TaxiiCollection[] | undefined> {
  let refusal: unknown;
  try {
    const listed = await root.collections();
    if (listed.length > 0) {
      return listed;
    }
  } catch (error) {
    if (!isGone(error)) {
      throw error;
    }
    refusal = error;
  }
  failed.names.add(nameOfRelease(release.version));
  warnOfLostRelease(session.log, release, refusal);
  return undefined;
}

function noteCollections(
  { session, current, listedIn, lastReleases }: ReleasesLoad,
  version: string,
  listed: readonly TaxiiCollection[],
): void {
  listedIn.set(
    version,
    listed.map(({ id }) => id),
  );
  for (const { id } of listed) {
    lastReleases.set(id, lastReleases.get(id) ?? (session.unread ? current.version : version));
  }
}

/** A collection of which this is the last release is loaded again where what is current of it is not what the release has. */
async function forgetUnlisted(
  load: ReleasesLoad,
  { version, url }: PinnedRelease,
  loaded: readonly string[],
): Promise<void> {
  for (const id of load.session.limited ? [] : loaded) {
    const isLast = load.lastReleases.get(id) === version;
    if (isLast && !(await isReleaseListed(load.session.store, { id, release: version }))) {
      const collections = load.known.get(url)?.collections.filter((other) => other !== id) ?? [];
      rememberRelease(load, url, { collections, stored: null });
    }
  }
}
