import type { LoadDocument } from "@cti-connectors/core";
import { objectDocumentId, typeOfStixId } from "./document-id.js";
import { parseTimestamp, sortTimestamps } from "./timestamps.js";

export interface ReceivedVersions {
  readonly collection_id: string;
  readonly object_id: string;
  readonly versions: Iterable<string>;
  /** The releases that it was found in, where some were asked for. */
  readonly releases?: readonly string[] | undefined;
}

/** The document that tells which versions of an object there are. */
export function versionsDocument({
  collection_id,
  object_id,
  versions,
  releases = [],
}: ReceivedVersions): LoadDocument {
  const sorted = sortTimestamps(versions);
  return {
    collection: "versions",
    _id: objectDocumentId(collection_id, object_id),
    data: { collection_id, object_id, versions: { more: false, versions: sorted } },
    enriched: {
      type: typeOfStixId(object_id),
      count: sorted.length,
      first: parseTimestamp(sorted[0]),
      last: parseTimestamp(sorted.at(-1)),
      ...(releases.length > 0 && { releases }),
    },
  };
}
