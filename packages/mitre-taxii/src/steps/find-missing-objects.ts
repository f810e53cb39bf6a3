import type { ExtractContext } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { parseVersionDocumentId } from "../documents/document-id.js";
import { readManifestOf } from "../freshness/read-manifest.js";
import { absentManifest } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import type { Arrival } from "../session/track-arrival.js";
import type { ReleasedCollection } from "../stored/released-collection.js";
import { readPresentRelease } from "./find-absent-versions.js";

export interface MissingObjects {
  /** How many objects the collection has. */
  readonly listed: number;
  /** How many of them are not stored. */
  readonly missing: number;
  /** False where the server did not tell all that the collection has, or says that this is nothing. */
  readonly isProven: boolean;
}

/**
 * How many objects of a collection its pages did not bring. The release's own table of contents tells that for no request. Where
 * that is not at hand, or names objects that did not come, the manifest decides; where the server has none, nothing is proven.
 */
export async function findMissingObjects(
  context: Pick<ExtractContext<MitreTaxiiConfig, unknown>, "config" | "log" | "store">,
  session: TaxiiSession,
  target: ReleasedCollection,
  arrival: Arrival,
): Promise<MissingObjects> {
  const { root, id } = target;
  const { documentIds, contents } = await readPresentRelease(context, target, arrival);
  const present = new Set<string>();
  for (const documentId of documentIds) {
    const parsed = parseVersionDocumentId(id, documentId);
    if (parsed !== undefined) {
      present.add(parsed.objectId);
    }
  }
  const isThere = (objectId: string) => present.has(objectId);
  if (contents !== undefined && !arrival.cutOff && [...contents.keys()].every(isThere)) {
    return { listed: contents.size, missing: 0, isProven: true };
  }
  const { limit } = session.limits.of("manifest", id);
  const { versions, complete } = await readManifestOf(root, context, session, id).catch((error: unknown) =>
    absentManifest(id, error, { limit, wasThere: true }),
  );
  const missing = [...versions.keys()].filter((objectId) => !isThere(objectId));
  return { listed: versions.size, missing: missing.length, isProven: complete && versions.size > 0 };
}
