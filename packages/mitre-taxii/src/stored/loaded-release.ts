import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import type { PinnedRelease } from "../session/select-releases.js";

/** What is remembered of a release that was loaded, or begun. */
export const loadedRelease = z.object({
  /** Ids of the collections of which everything is stored. They are never asked for again. */
  collections: z.array(z.string()),
  /** How many documents name the release; `null` while it is not finished. */
  stored: z.object({ objects: z.number(), versions: z.number() }).nullable(),
  /**
   * Absent where the list of its collections is as long as can be expected. `doubted`: it lacks one that newer and older releases have, or comes from bundles, so it is
   * asked for once more; `confirmed`: the answer was the same.
   */
  listing: z.enum(["doubted", "confirmed"]).exactOptional(),
});
export type LoadedRelease = z.output<typeof loadedRelease>;
type StoredCounts = NonNullable<LoadedRelease["stored"]>;

const labelled = z.object({ enriched: z.object({ releases: z.array(z.string()) }) });

/** How many documents name each release. Reads through both collections once. */
export async function countByRelease(store: StoreReader): Promise<(version: string) => StoredCounts> {
  const objects = await countIn(store, "objects");
  const versions = await countIn(store, "versions");
  return (version) => ({ objects: objects.get(version) ?? 0, versions: versions.get(version) ?? 0 });
}

async function countIn(
  store: StoreReader,
  collection: "objects" | "versions",
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const options = { projection: { _id: 0, "enriched.releases": 1 } } as const;
  for await (const document of store.find(collection, {}, options)) {
    for (const version of labelled.safeParse(document).data?.enriched.releases ?? []) {
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
  }
  return counts;
}

/** How many documents name a release. */
export async function countRelease(store: StoreReader, { version }: PinnedRelease): Promise<StoredCounts> {
  const filter = { "enriched.releases": version };
  return { objects: await store.count("objects", filter), versions: await store.count("versions", filter) };
}

/** Whether documents were deleted since the release was loaded. */
export function isMissingDocuments({ stored }: LoadedRelease, counts: StoredCounts): boolean {
  return stored !== null && (counts.objects < stored.objects || counts.versions < stored.versions);
}
