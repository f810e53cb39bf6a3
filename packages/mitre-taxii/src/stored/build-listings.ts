import type { Listing } from "@cti-connectors/core";
import { objectDocumentId, parseVersionDocumentId, versionDocumentId } from "../documents/document-id.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";

type Removals = Pick<Listing, "acceptsRemovals">;

/**
 * Everything that a collection lists now, for marking what it lists no longer. There is none where the manifest was not read as a whole.
 */
export function listingsOf(
  collection: "manifest" | "objects",
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
  return [
    {
      collection,
      scope: { "data.collection_id": collectionId },
      listed,
      isSuperseded: (id) => {
        const parsed = parseVersionDocumentId(collectionId, id);
        return parsed !== undefined && manifest.versions.has(parsed.objectId);
      },
      ...removals,
    },
  ];
}

/** The same for `versions`, which holds one document per object. */
export function versionsListingsOf(
  collectionId: string,
  manifest: ManifestSnapshot,
  removals: Removals,
): readonly Listing[] {
  if (!manifest.complete) {
    return [];
  }
  const listed = new Set<string>();
  for (const objectId of manifest.versions.keys()) {
    listed.add(objectDocumentId(collectionId, objectId));
  }
  return [
    {
      collection: "versions",
      scope: { "data.collection_id": collectionId },
      listed,
      isSuperseded: () => false,
      ...removals,
    },
  ];
}
