import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { compareReleaseVersions } from "../config/release-version.js";

/** A stored release of a collection. */
export interface StoredRelease {
  /** Such as 18.1. */
  readonly name: string;
  /** `_id` of its `x-mitre-collection` object. Absent: there is none. */
  readonly documentId?: string;
}

const collectionObject = z.object({
  _id: z.string(),
  enriched: z.object({
    attack_version: z.string().optional(),
    releases: z.array(z.string()).optional(),
    modified: z.date().optional(),
  }),
});
const inReleases = z.object({ enriched: z.object({ releases: z.array(z.string()) }) });

/**
 * The releases of a collection that are stored, oldest first: those of its `x-mitre-collection` objects, or else those that
 * its objects are known to have appeared in.
 */
export async function findReleases(
  reader: StoreReader,
  collectionId: string,
): Promise<readonly StoredRelease[]> {
  const found = await findNamedReleases(reader, collectionId);
  const names = found.length > 0 ? found : await releasesOfObjects(reader, collectionId);
  return names.sort((one, other) => compareReleaseVersions(one.name, other.name));
}

/** Those of its `x-mitre-collection` objects, in any order. */
async function findNamedReleases(reader: StoreReader, collectionId: string): Promise<StoredRelease[]> {
  const found = new Map<string, { readonly documentId: string; readonly time: number }>();
  const projection = {
    "enriched.attack_version": 1,
    "enriched.releases": 1,
    "enriched.modified": 1,
  } as const;
  // The embedded database takes the first equality that an index answers: the collection would be all of it.
  const own = {
    "data.objects.id": collectionId,
    "data.collection_id": { $gte: collectionId, $lte: collectionId },
  };
  for await (const document of reader.find("objects", own, { projection })) {
    const { data } = collectionObject.safeParse(document);
    if (data === undefined) {
      continue;
    }
    const { attack_version, releases = [], modified } = data.enriched;
    const time = modified?.getTime() ?? 0;
    const names = releases.length > 0 || attack_version === undefined ? releases : [attack_version];
    for (const name of names) {
      if (time >= (found.get(name)?.time ?? 0)) {
        found.set(name, { documentId: data._id, time });
      }
    }
  }
  return [...found].map(([name, { documentId }]) => ({ name, documentId }));
}

/** The newest of those. Reads few documents: where a server has no such objects, its releases are not looked for. */
export async function findNewestRelease(
  reader: StoreReader,
  collectionId: string,
): Promise<StoredRelease | undefined> {
  const found = await findNamedReleases(reader, collectionId);
  return found.sort((one, other) => compareReleaseVersions(one.name, other.name)).at(-1);
}

async function releasesOfObjects(reader: StoreReader, collectionId: string): Promise<StoredRelease[]> {
  const names = new Set<string>();
  const filter = { "data.collection_id": collectionId, "enriched.releases": { $exists: true } };
  for await (const document of reader.find("objects", filter, { projection: { "enriched.releases": 1 } })) {
    for (const name of inReleases.safeParse(document).data?.enriched.releases ?? []) {
      names.add(name);
    }
  }
  return [...names].map((name) => ({ name }));
}
