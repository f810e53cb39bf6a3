import { affectsEverything, type OpenContext, type StoreReader } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import type { TaxiiCollection } from "../taxii/collections.js";
import { isGone } from "../taxii/refusals.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import { openPinnedRoot } from "./open-pinned-root.js";
import { readStoredCollections } from "./select-collections.js";
import type { FoundReleases } from "./select-releases.js";
import { nameOfRelease, type PinnedRelease, warnOfLostRelease } from "./select-releases.js";

/** An API root to load, and what is known of it. */
export interface OpenedRoot {
  readonly root: ReadableRoot;
  /** The release that the root is pinned to: its content never changes. Undefined where no releases were asked for. */
  readonly release: string | undefined;
  /** Releases to be loaded beside it, newest first. */
  readonly earlier: readonly PinnedRelease[];
  /** Names of releases whose API root is gone, empty or refuses to list its collections. */
  readonly missing: readonly string[];
  /** Present where the root refused to list its collections, or lists none of a release that is stored: then nothing is current in this run. */
  readonly unread?: { readonly error?: unknown };
  /** Collections that the release before it has. */
  readonly lacking: LackingCollections;
  /** The server keeps one API root for each release, as the public ATT&CK server does. */
  readonly pinsReleases: boolean;
  /** All collections that the root lists. */
  readonly listed: readonly TaxiiCollection[];
  /** Present where bundles are loaded: the collections that they hold of the root. Nothing is known of its others. */
  readonly bundled?: readonly TaxiiCollection[];
  /** The API root of one of the `earlier` releases. No request. */
  openEarlier(release: PinnedRelease): ReadableRoot;
}

/** Ids of collections that the next older release which is stored has, and the root does not list. */
export interface LackingCollections {
  /** For the first time: the list may be too short for once, and is asked for once more in the next run. */
  readonly doubted: readonly string[];
  /** When it was asked for again, too. */
  readonly confirmed: readonly string[];
}

export const lackingNone: LackingCollections = { doubted: [], confirmed: [] };

/** The API root that an earlier run found. */
export interface RememberedRoot {
  readonly root: string;
  readonly pins_releases: boolean;
  /** Confirmed, as in `LackingCollections`. */
  readonly lacking: readonly string[];
}

/**
 * Opens the newest of the selected releases that the server has. One whose API root is gone or lists no collection is left out. But where it is
 * stored, or its root refuses for another reason, no earlier release takes its place.
 *
 * @param remembered the API root of the last run: its collections are those that are stored, unless its list is in doubt
 * @throws TaxiiError where every API root is gone, or for a reason that would meet all of them
 */
export async function openCurrentRelease(
  context: OpenContext<MitreTaxiiConfig>,
  { pinned, selected }: FoundReleases,
  remembered: RememberedRoot | undefined,
): Promise<OpenedRoot> {
  const { http, log, store } = context;
  const missing: string[] = [];
  let gone: unknown;
  for (const [index, { version, url }] of selected.entries()) {
    const root = openPinnedRoot(http, url);
    const opened = {
      ...{ root, release: version, earlier: selected.slice(index + 1), missing },
      openEarlier: (earlier: PinnedRelease) => openPinnedRoot(http, earlier.url),
      ...{ listed: [], lacking: lackingNone, pinsReleases: true },
    };
    const older = pinned.slice(pinned.findIndex((release) => release.version === version) + 1);
    const list = await listCollections(store, root, older, remembered);
    if ("listed" in list) {
      return { ...opened, ...list };
    }
    missing.push(nameOfRelease(version));
    if (list.error !== undefined && !isGone(list.error)) {
      return { ...opened, unread: list };
    }
    warnOfLostRelease(log, { version, url }, list.error);
    gone ??= list.error;
    const isLastHope = opened.earlier.length === 0 && gone === undefined;
    const isStored = await store.exists("objects", { "enriched.releases": version });
    if (isStored || isLastHope) {
      return { ...opened, unread: {} };
    }
  }
  throw gone;
}

/**
 * The collections of a release: as they are stored where its root was opened in the last run, unless that list is in doubt; else as the root
 * lists them. Where it lists none, why.
 *
 * @param older the releases before it, newest first
 */
async function listCollections(
  store: StoreReader,
  root: ReadableRoot,
  older: readonly PinnedRelease[],
  remembered: RememberedRoot | undefined,
): Promise<Pick<OpenedRoot, "listed" | "lacking"> | { readonly error?: unknown }> {
  const expected = await readCollectionsBefore(store, older);
  const lackedBy = (listed: readonly TaxiiCollection[]) =>
    expected.filter((id) => listed.every((collection) => collection.id !== id));
  const stored = (await readStoredCollections(store, root.url)) ?? [];
  const known =
    remembered?.root === root.url && stored.length > 0
      ? { listed: stored, lacking: splitLacking(lackedBy(stored), remembered.lacking) }
      : undefined;
  if (known?.lacking.doubted.length === 0) {
    return known;
  }
  try {
    const listed = await root.collections();
    const lackedBefore = stored.length === 0 ? [] : lackedBy(stored);
    return listed.length > 0
      ? { listed, lacking: splitLacking(lackedBy(listed), lackedBefore) }
      : (known ?? {});
  } catch (error) {
    if (affectsEverything(error)) {
      throw error;
    }
    return known ?? { error };
  }
}

/** Ids of the collections of the newest stored release that is older. */
async function readCollectionsBefore(
  store: StoreReader,
  older: readonly PinnedRelease[],
): Promise<readonly string[]> {
  for (const { url } of older) {
    const stored = await readStoredCollections(store, url);
    if (stored !== undefined && stored.length > 0) {
      return stored.map(({ id }) => id);
    }
  }
  return [];
}

function splitLacking(lacking: readonly string[], lackedBefore: readonly string[]): LackingCollections {
  return {
    doubted: lacking.filter((id) => !lackedBefore.includes(id)),
    confirmed: lacking.filter((id) => lackedBefore.includes(id)),
  };
}
