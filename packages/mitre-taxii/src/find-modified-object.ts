import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId, versionDocumentId } from "./document-id.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import { parseTimestamp } from "./parse-timestamp.js";

const mostCandidates = 200;
const dates = z.object({ created: z.date(), modified: z.date() });

/**
 * The listed object that was modified last, if it is stored and was created before that: the likeliest to have had
 * another version here.
 */
export async function findModifiedObject(
  store: StoreReader,
  collectionId: string,
  manifest: ManifestSnapshot,
): Promise<string | undefined> {
  const candidates = newestFirst(manifest)
    .slice(0, mostCandidates)
    .map(([objectId, version]) => versionDocumentId(collectionId, objectId, version));
  const modified = new Set<string>();
  const stored = store.find(
    "objects",
    { _id: { $in: candidates } },
    { projection: { "enriched.created": 1, "enriched.modified": 1 } },
  );
  for await (const { _id, enriched } of stored) {
    const { data } = dates.safeParse(enriched);
    if (typeof _id === "string" && data !== undefined && data.created < data.modified) modified.add(_id);
  }
  const found = candidates.find((id) => modified.has(id));
  return found === undefined ? undefined : parseVersionDocumentId(collectionId, found)?.objectId;
}

/** Object id and newest version. */
function newestFirst(manifest: ManifestSnapshot): readonly (readonly [string, string])[] {
  const timed = [...manifest.versions].flatMap(([objectId, versions]) =>
    versions.map((version) => ({ objectId, version, time: parseTimestamp(version)?.getTime() ?? 0 })),
  );
  timed.sort((left, right) => right.time - left.time);
  return timed.map(({ objectId, version }) => [objectId, version]);
}
