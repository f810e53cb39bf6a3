import type { ExtractContext } from "@cti-connectors/core";
import { z } from "zod";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { pageCursor, savedPageLimits } from "../session/page-limits.js";
import { nameOfRelease, type PinnedRelease } from "../session/select-releases.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type LoadedRelease, loadedRelease } from "../stored/loaded-release.js";
import { readStoredObjects, type StoredObjects } from "../stored/stored-objects.js";
import { createFailedMembers, type FailedMembers } from "./failed-members.js";

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

/** What a load of earlier releases knows, and learns as it goes on. */
export interface ReleasesLoad {
  readonly context: ExtractContext<MitreTaxiiConfig, ReleasesProgress>;
  readonly session: TaxiiSession;
  readonly current: PinnedRelease;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
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
  /** Objects that have come in this run. */
  extracted: number;
  remember(url: string, change: Partial<LoadedRelease>): void;
  progress(at: ReleasesProgress["current"]): { readonly checkpoint?: ReleasesProgress };
  /** What is stored of a collection; read once. */
  storedOf(id: string): Promise<StoredObjects>;
}

/** @param version of the current release */
export function beginReleasesLoad(
  context: ReleasesLoad["context"],
  session: TaxiiSession,
  version: string,
): ReleasesLoad {
  const { config, signal, store } = context;
  const current: PinnedRelease = { version, url: session.root.url };
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  const contents = config.MITRE_MAX_CONTENTS ?? null;
  const saved = context.checkpoint?.contents === contents ? context.checkpoint : undefined;
  const known = new Map<string, LoadedRelease>(Object.entries(saved?.releases ?? {}));
  const lastReleases = new Map(session.listed.map(({ id }) => [id, version]));
  const storedObjects = new Map<string, StoredObjects>();
  const failed = createFailedMembers(signal);
  if (session.unread?.error !== undefined) {
    failed.add(nameOfRelease(version), session.unread.error);
  }
  session.limits.recall(context.checkpoint?.page_limits);
  return {
    ...{ context, session, current, limited, known, failed, lastReleases },
    interrupted: limited ? null : (saved?.current ?? null),
    listedIn: new Map([[version, session.listed.map(({ id }) => id)]]),
    sizes: new Map(),
    extracted: 0,
    remember(url, change) {
      known.set(url, { collections: [], stored: null, ...known.get(url), ...change });
    },
    progress: (at) => ({
      ...(!limited && {
        checkpoint: {
          contents,
          releases: Object.fromEntries(known),
          current: at,
          page_limits: session.limits.save(),
        },
      }),
    }),
    async storedOf(id) {
      const objects =
        storedObjects.get(id) ?? (await readStoredObjects(store, id, lastReleases.get(id) ?? version));
      storedObjects.set(id, objects);
      return objects;
    },
  };
}

/** How many objects are expected of some collections of one release. */
export function sizeOf({ sizes }: ReleasesLoad, ids: readonly string[]): number {
  return ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
}

/** How many objects are expected of all earlier releases from this one on. */
export function sizeFrom(load: ReleasesLoad, index: number): number {
  const ids = load.session.collections.map(({ id }) => id);
  return load.session.earlier.slice(index).reduce((sum, { url }) => {
    const loaded = load.known.get(url)?.collections ?? [];
    return (
      sum +
      sizeOf(
        load,
        ids.filter((id) => !loaded.includes(id)),
      )
    );
  }, 0);
}
