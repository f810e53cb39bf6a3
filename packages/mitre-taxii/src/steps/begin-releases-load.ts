import type { ExtractedPage } from "@cti-connectors/core";
import { z } from "zod";
import { pageCursor, savedPageLimits } from "../session/page-limits.js";
import { nameOfRelease, type PinnedRelease } from "../session/select-releases.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type LoadedRelease, loadedRelease } from "../stored/loaded-release.js";
import { createEndsReader, type EndsReader } from "../stored/read-ends.js";
import { readStoredObjects, type StoredObjects } from "../stored/stored-objects.js";
import { type FailedMembers, noFailedMembers } from "./failed-members.js";

/** Which releases are loaded, and where one that was broken off goes on. */
export const releasesCheckpoint = z.object({
  /** MITRE_MAX_CONTENTS of the load. */
  contents: z.number().nullable(),
  /** API root → what is loaded of its release. */
  releases: z.record(z.string(), loadedRelease),
  current: z
    .object({ root: z.string(), collection: z.string(), limit: z.number(), cursor: pageCursor })
    .nullable(),
  page_limits: savedPageLimits,
});
export type ReleasesProgress = z.output<typeof releasesCheckpoint>;

export type ReleasesPage = ExtractedPage<ReleasesProgress>;

/** What a load of earlier releases knows, and learns as it goes on. */
export interface ReleasesLoad {
  readonly session: TaxiiSession;
  readonly current: PinnedRelease;
  /** MITRE_MAX_CONTENTS. */
  readonly contents: number | null;
  /** API root → what is loaded of its release. */
  readonly known: Map<string, LoadedRelease>;
  /** Where an earlier run was broken off. */
  interrupted: ReleasesProgress["current"];
  readonly failed: FailedMembers;
  /** Collection id → the newest release that has the collection. */
  readonly lastReleases: Map<string, string>;
  /** Release → ids of the collections that its API root lists. */
  readonly listedIn: Map<string, readonly string[]>;
  /** Collection id → how many objects it has. An earlier release has about as many as the one after it. */
  readonly sizes: Map<string, number>;
  /** Collection id → what is stored of it, as far as it was read. */
  readonly stored: Map<string, StoredObjects>;
  readonly ends: EndsReader;
  /** Objects that have come in this run. */
  extracted: number;
}

/** @param version of the current release */
export function beginReleasesLoad(
  checkpoint: ReleasesProgress | undefined,
  session: TaxiiSession,
  version: string,
): ReleasesLoad {
  const contents = session.config.MITRE_MAX_CONTENTS ?? null;
  const saved = checkpoint?.contents === contents ? checkpoint : undefined;
  const ids = session.listed.map(({ id }) => id);
  const failed = noFailedMembers(session.signal);
  if (session.unread?.error !== undefined) {
    failed.names.add(nameOfRelease(version));
    failed.errors.push(session.unread.error);
  }
  session.limits.recall(checkpoint?.page_limits);
  return {
    ...{ session, contents, failed },
    current: { version, url: session.root.url },
    known: new Map(Object.entries(saved?.releases ?? {})),
    interrupted: session.limited ? null : (saved?.current ?? null),
    lastReleases: new Map(ids.map((id) => [id, version])),
    listedIn: new Map([[version, ids]]),
    sizes: new Map(),
    stored: new Map(),
    ends: createEndsReader(session),
    extracted: 0,
  };
}

export function rememberRelease({ known }: ReleasesLoad, url: string, change: Partial<LoadedRelease>): void {
  known.set(url, { collections: [], stored: null, ...known.get(url), ...change });
}

/** @param current where the load of a collection goes on if it is broken off */
export function releasesProgress(
  { contents, known, session }: ReleasesLoad,
  current: ReleasesProgress["current"],
): { readonly checkpoint?: ReleasesProgress } {
  if (session.limited) {
    return {};
  }
  const releases = Object.fromEntries(known);
  return { checkpoint: { contents, releases, current, page_limits: session.limits.save() } };
}

/** The page that only remembers how far the load is; one without anything where nothing is remembered. */
export function releasesProgressPage(load: ReleasesLoad, current: ReleasesProgress["current"]): ReleasesPage {
  const { checkpoint } = releasesProgress(load, current);
  return checkpoint === undefined ? { records: [] } : { checkpointOnly: checkpoint };
}

/** Whether a collection of a release is stored whole. */
export function isCollectionLoaded({ known }: ReleasesLoad, url: string, id: string): boolean {
  return known.get(url)?.collections.includes(id) ?? false;
}

/** What is stored of a collection; read once. */
export async function storedObjectsOf(load: ReleasesLoad, id: string): Promise<StoredObjects> {
  const { session, current, lastReleases, stored } = load;
  const release = lastReleases.get(id) ?? current.version;
  const objects = stored.get(id) ?? (await readStoredObjects(session.store, id, release));
  stored.set(id, objects);
  return objects;
}

/** How many objects are expected of some collections of one release. */
export function sizeOf({ sizes }: ReleasesLoad, ids: readonly string[]): number {
  return ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
}

/** How many objects are expected of all earlier releases from this one on. */
export function sizeFrom(load: ReleasesLoad, index: number): number {
  const ids = load.session.collections.map(({ id }) => id);
  return load.session.earlier.slice(index).reduce((sum, { url }) => {
    const left = ids.filter((id) => !isCollectionLoaded(load, url, id));
    return sum + sizeOf(load, left);
  }, 0);
}
