import type { Listing, StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { objectDocumentId, parseVersionDocumentId, versionDocumentId } from "../documents/document-id.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import { readDocumentIds } from "./document-ids.js";

type Removals = Pick<Listing, "acceptsRemovals">;

/** A collection as one release has it. */
export interface ReleasedCollection {
  readonly root: ReadableRoot;
  /** The release that the root is pinned to. */
  readonly release: string;
  readonly id: string;
}

/**
 * All object versions that a collection lists now, for the step of `manifest` and that of `objects`: what is no longer among them is marked.
 * Empty if the manifest was not read as a whole.
 */
export function listingsOf(
  collectionId: string,
  manifest: ManifestSnapshot,
  { alsoListed = [], ...removals }: Removals & { readonly alsoListed?: Iterable<string> } = {},
): readonly Listing[] {
  if (!manifest.complete) {
    return [];
  }
  const listed = new Set(alsoListed);
  for (const [objectId, versions] of manifest.versions) {
    for (const version of versions) {
      listed.add(versionDocumentId(collectionId, objectId, version));
    }
  }
  const isSuperseded = (id: string) => {
    const parsed = parseVersionDocumentId(collectionId, id);
    return parsed !== undefined && manifest.versions.has(parsed.objectId);
  };
  return [{ ...listingOf(collectionId, listed), isSuperseded, ...removals }];
}

/** The same for the step of `versions`, which holds one document per object. */
export function versionsListingsOf(
  collectionId: string,
  manifest: ManifestSnapshot,
  removals: Removals,
): readonly Listing[] {
  if (!manifest.complete) {
    return [];
  }
  const ids = [...manifest.versions.keys()].map((objectId) => objectDocumentId(collectionId, objectId));
  return [{ ...listingOf(collectionId, new Set(ids)), ...removals }];
}

const storedManifest = z.object({ data: z.object({ collection_id: z.string() }) });

/**
 * For the step of `manifest`: marks the manifests of collections that a release has not: another one was current before.
 *
 * @param listed ids of the collections that it has
 */
export async function findUnlistedManifests(
  store: StoreReader,
  listed: readonly string[],
): Promise<readonly Listing[]> {
  const filter = { removed_at: null, "data.collection_id": { $nin: listed } };
  const options = { projection: { "data.collection_id": 1 } } as const;
  const ids = new Set<string>();
  for await (const document of store.find("manifest", filter, options)) {
    ids.add(storedManifest.parse(document).data.collection_id);
  }
  return [...ids].map((id) => ({ ...listingOf(id, new Set()), acceptsRemovals: true }));
}

/** Whether what is current of a collection is what one release, which is stored whole, has: it may be another's since. */
export async function isReleaseListed(
  store: StoreReader,
  { id, release }: Pick<ReleasedCollection, "id" | "release">,
): Promise<boolean> {
  const differences = [
    { removed_at: null, "enriched.releases": { $ne: release } },
    { removed_at: { $ne: null }, "enriched.releases": release },
  ];
  for (const collection of ["objects", "versions"]) {
    for (const difference of differences) {
      if (await store.exists(collection, { "data.collection_id": id, ...difference })) {
        return false;
      }
    }
  }
  return true;
}

/** Marks everything of a collection that one release, which is stored whole, has not. */
export async function listRelease(
  store: StoreReader,
  { id, release }: Pick<ReleasedCollection, "id" | "release">,
): Promise<readonly Listing[]> {
  const ofRelease = { "data.collection_id": id, "enriched.releases": release };
  // It is stored whole, and current because newer releases that are selected have no such collection.
  const acceptsRemovals = true;
  const versions = await readDocumentIds(store, "versions", ofRelease);
  const objects = await readDocumentIds(store, "objects", ofRelease);
  const isSuperseded = (documentId: string) => {
    const parsed = parseVersionDocumentId(id, documentId);
    return parsed !== undefined && versions.has(objectDocumentId(id, parsed.objectId));
  };
  return [
    { collection: "objects", ...listingOf(id, objects), isSuperseded, acceptsRemovals },
    { collection: "versions", ...listingOf(id, versions), acceptsRemovals },
  ];
}

/** A listing by which all that is gone was withdrawn. */
function listingOf(collectionId: string, listed: ReadonlySet<string>): Listing {
  return { scope: { "data.collection_id": collectionId }, listed };
}
