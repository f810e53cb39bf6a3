import { affectsEverything, type OpenContext, type StoreReader } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import type { TaxiiCollection } from "../taxii/collections.js";
import { isGone } from "../taxii/refusals.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import { openPinnedRoot } from "./open-pinned-root.js";
import { readStoredCollections } from "./select-collections.js";
import type { FoundReleases } from "./select-releases.js";
import { nameOfRelease, type PinnedRelease } from "./select-releases.js";

/** An API root to load, and what is known of it. */
export interface OpenedRoot {
  readonly root: TaxiiApiRoot;
  /** The release that the root is pinned to: its content never changes. Undefined where no releases were asked for. */
  readonly release: string | undefined;
  /** Releases to be loaded beside it, newest first. */
  readonly earlier: readonly PinnedRelease[];
  /** Names of releases whose API root is gone, empty or refuses to list its collections. */
  readonly missing: readonly string[];
  /** Present where the root refused to list its collections, or lists none of a release that is stored: then nothing is current in this run. */
  readonly unread?: { readonly error?: unknown };
  /** Of a release: collections that the one before it has. */
  readonly lacking: LackingCollections;
  /** The server keeps one API root for each release, as the public ATT&CK server does. */
  readonly pinsReleases: boolean;
  /** All collections that the root lists. */
  readonly listed: readonly TaxiiCollection[];
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
  { http, log, store }: OpenContext<MitreTaxiiConfig>,
  { pinned, selected }: FoundReleases,
  remembered: RememberedRoot | undefined,
): Promise<OpenedRoot> {
  const missing: string[] = [];
  let gone: unknown;
  for (const [index, { version, url }] of selected.entries()) {
    const root = openPinnedRoot(http, url);
    const opened = {
      ...{ root, release: version, earlier: selected.slice(index + 1), missing },
      ...{ lacking: lackingNone, pinsReleases: true },
    };
    const expected = await readCollectionsBefore(store, pinned, version);
    const lackedBy = (listed: readonly TaxiiCollection[]) =>
      expected.filter((id) => listed.every((collection) => collection.id !== id));
    const stored = (await readStoredCollections(store, root.url)) ?? [];
    const known =
      remembered?.root === root.url && stored.length > 0
        ? { listed: stored, lacking: splitLacking(lackedBy(stored), remembered.lacking) }
        : undefined;
    if (known?.lacking.doubted.length === 0) {
      return { ...opened, ...known };
    }
    const answer = await listCollections(root);
    if (answer.listed.length > 0) {
      const lackedBefore = stored.length === 0 ? [] : lackedBy(stored);
      return {
        ...opened,
        listed: answer.listed,
        lacking: splitLacking(lackedBy(answer.listed), lackedBefore),
      };
    }
    if (known !== undefined) {
      return { ...opened, ...known };
    }
    const name = nameOfRelease(version);
    missing.push(name);
    const isRefused = "error" in answer && !isGone(answer.error);
    if (isRefused) {
      return { ...opened, listed: [], unread: answer };
    }
    const why = "error" in answer ? "is gone" : "lists no collection";
    log.warn(
      { release: version, url },
      `${name} is not loaded: its API root ${why}. The next run tries again`,
    );
    gone ??= "error" in answer ? answer.error : undefined;
    const isLast = opened.earlier.length === 0;
    if (await isReleaseStored(store, version)) {
      return { ...opened, listed: [], unread: {} };
    }
    if (isLast && gone === undefined) {
      return { ...opened, listed: [], unread: {} };
    }
  }
  throw gone;
}

/** Ids of the collections of the newest stored release that is older. */
async function readCollectionsBefore(
  store: StoreReader,
  pinned: readonly PinnedRelease[],
  version: string,
): Promise<readonly string[]> {
  const older = pinned.slice(pinned.findIndex((release) => release.version === version) + 1);
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

async function listCollections(
  root: TaxiiApiRoot,
): Promise<{ readonly listed: readonly TaxiiCollection[]; readonly error?: unknown }> {
  try {
    return { listed: await root.collections() };
  } catch (error) {
    if (affectsEverything(error)) {
      throw error;
    }
    return { listed: [], error };
  }
}

async function isReleaseStored(store: StoreReader, version: string): Promise<boolean> {
  for await (const _ of store.find("objects", { "enriched.releases": version }, { projection: { _id: 1 } })) {
    return true;
  }
  return false;
}
