import { z } from "zod";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";

/** An object is about ten times as long as its manifest record (1.5 kB and 0.15 kB in ATT&CK 18.1). */
const recordsPerObject = 10;
/** No page is made smaller than this because it took too long. */
const smallest = 100;
/** Keys in the checkpoint: the largest `limit` that the server accepts, and its longest list of ids. Keys of collections contain a space. */
const serverLimit = "server";
const idsLimit = "ids";

/** What pages are made of: objects, the manifest, or the manifest with all versions. */
export type PagesOf = "objects" | "manifest" | "versions";

/** What a request for a page is sent with. */
export interface PageRequest {
  readonly limit: number;
  /** False where the answer to a time-out is a smaller page. */
  readonly retryTimeouts?: false;
  /** MITRE_MAX_PAGES. */
  readonly maxPages?: number;
}

/** A `PageCursor` as it lies in a checkpoint. */
export const pageCursor = z.record(z.string(), z.string());

/** Page sizes that were learnt, as they lie in a checkpoint; they hold as long as MITRE_PAGE_SIZE is the same. */
export const savedPageLimits = z
  .object({ page_size: z.number(), limits: z.record(z.string(), z.number()) })
  .nullable();
export type SavedPageLimits = z.output<typeof savedPageLimits>;

type LimitSettings = Pick<MitreTaxiiConfig, "MITRE_PAGE_SIZE" | "MITRE_MAX_OBJECTS"> &
  Partial<Pick<MitreTaxiiConfig, "MITRE_MAX_PAGES">>;

/** @see createPageLimits */
export type PageLimits = ReturnType<typeof createPageLimits>;

/** How large a page of each collection may be: as MITRE_PAGE_SIZE says, until the server takes too long for it. */
export function createPageLimits(settings: LimitSettings) {
  const learnt = new Map<string, number>();
  const limitOf = (pages: PagesOf, id: string) => computeLimit(settings, learnt, pages, id);
  return {
    of(pages: PagesOf, collectionId: string): PageRequest {
      const limit = limitOf(pages, collectionId);
      const { MITRE_MAX_PAGES: maxPages } = settings;
      return {
        limit,
        ...(limit > smallest && { retryTimeouts: false }),
        ...(maxPages !== undefined && { maxPages }),
      };
    },
    /** Makes the pages half as large, at least 100 entries. False: they are as small as that already. */
    halve: (pages: PagesOf, id: string) =>
      learnSmaller(learnt, `${pages} ${id}`, limitOf(pages, id), smallest),
    /** The server refuses a page of that size, which is then true of all its pages: half as large, at least 1. False: it is 1 already. */
    refuse: (pages: PagesOf, id: string) => learnSmaller(learnt, serverLimit, limitOf(pages, id), 1),
    /** How many ids one request may ask for; undefined as long as none was refused. */
    get mostIds() {
      return learnt.get(idsLimit);
    },
    /** The server refuses longer lists of ids than this. */
    refuseIdsAbove(most: number) {
      learnt.set(idsLimit, most);
    },
    /** Takes over what an earlier run learnt. */
    recall(saved: SavedPageLimits | undefined) {
      const limits = saved?.page_size === settings.MITRE_PAGE_SIZE ? saved.limits : {};
      for (const [key, limit] of Object.entries(limits)) {
        learnt.set(key, Math.min(limit, learnt.get(key) ?? limit));
      }
    },
    /** What was learnt; null where all pages are as large as set. */
    save: (): SavedPageLimits =>
      learnt.size === 0 ? null : { page_size: settings.MITRE_PAGE_SIZE, limits: Object.fromEntries(learnt) },
  };
}

function computeLimit(
  { MITRE_PAGE_SIZE, MITRE_MAX_OBJECTS }: LimitSettings,
  learnt: ReadonlyMap<string, number>,
  pages: PagesOf,
  collectionId: string,
): number {
  const full = pages === "objects" ? MITRE_PAGE_SIZE : MITRE_PAGE_SIZE * recordsPerObject;
  const most = pages === "versions" ? undefined : MITRE_MAX_OBJECTS;
  // What is too large for the manifest is too large for it with all versions.
  const ofManifest = pages === "versions" ? learnt.get(`manifest ${collectionId}`) : undefined;
  const own = learnt.get(`${pages} ${collectionId}`) ?? ofManifest;
  return Math.min(full, most ?? full, own ?? full, learnt.get(serverLimit) ?? full);
}

/** Half as large. False: it is as small as may be. */
function learnSmaller(learnt: Map<string, number>, key: string, limit: number, least: number): boolean {
  if (limit <= least) {
    return false;
  }
  learnt.set(key, Math.max(least, Math.floor(limit / 2)));
  return true;
}
