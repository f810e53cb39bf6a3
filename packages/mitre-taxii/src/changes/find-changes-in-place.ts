import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId } from "../documents/document-id.js";
import { isSameVersion } from "../documents/timestamps.js";
import type { VersionChange } from "./compare-contents.js";
import type { ComparedReleases } from "./describe-changes.js";
import type { HeldVersions } from "./held-versions.js";

const releases = z.array(z.string()).default([]);
const flagged = z.object({
  _id: z.string(),
  enriched: z.object({ deprecated_in: releases, revoked_in: releases }),
});

/** Objects that a release revoked or deprecated under the version that they had in the other one. */
export async function findChangesInPlace(
  reader: StoreReader,
  collectionId: string,
  contents: { readonly from: HeldVersions; readonly to: HeldVersions },
  { from, to }: ComparedReleases,
): Promise<readonly VersionChange[]> {
  const changes: VersionChange[] = [];
  const filter = {
    "data.collection_id": collectionId,
    $or: [{ "enriched.deprecated_in": to }, { "enriched.revoked_in": to }],
  };
  const projection = { "enriched.deprecated_in": 1, "enriched.revoked_in": 1 } as const;
  for await (const document of reader.find("objects", filter, { projection })) {
    const { data } = flagged.safeParse(document);
    const parsed = data && parseVersionDocumentId(collectionId, data._id);
    if (data === undefined || parsed === undefined) {
      continue;
    }
    const { objectId, version } = parsed;
    const isNew = [data.enriched.deprecated_in, data.enriched.revoked_in].some(
      (list) => list.includes(to) && !list.includes(from),
    );
    const held = [contents.from.get(objectId), contents.to.get(objectId)];
    const isHeld = held.every((each) => each !== undefined && isSameVersion(each, version));
    if (isNew && isHeld) {
      changes.push({ change: "modified", objectId, version, previousVersion: version });
    }
  }
  return changes;
}
