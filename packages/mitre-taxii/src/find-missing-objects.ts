import type { ExtractContext } from "@cti-connectors/core";
import { parseVersionDocumentId } from "./document-id.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { readManifestOf } from "./read-manifest.js";
import type { TaxiiApiRoot } from "./taxii/taxii-api-root.js";
import type { TaxiiSession } from "./taxii-session.js";
import type { Arrival } from "./track-arrival.js";

export interface MissingObjects {
  /** How many objects the collection has. */
  readonly listed: number;
  /** How many of them are not stored. */
  readonly missing: number;
  /** False where the server did not tell all that the collection has, or says that this is nothing. */
  readonly isProven: boolean;
}

export interface ReleasedCollection {
  readonly root: TaxiiApiRoot;
  /** The release that the root is pinned to. */
  readonly release: string;
  readonly id: string;
}

/**
 * How many objects of a collection its pages did not bring. The release's own table of contents tells that for no request. Where
 * that is not at hand, or names objects that did not come, the manifest decides.
 */
export async function findMissingObjects(
  context: Pick<ExtractContext<MitreTaxiiConfig, unknown>, "config" | "log" | "store">,
  session: TaxiiSession,
  { root, release, id }: ReleasedCollection,
  arrival: Arrival,
): Promise<MissingObjects> {
  const { contents, isResumed, cutOff } = arrival;
  if (contents !== undefined && !isResumed && !cutOff && arrival.missing(contents.keys()).length === 0) {
    return { listed: contents.size, missing: 0, isProven: true };
  }
  const { versions, complete } = await readManifestOf(root, context, session, id);
  const absent = arrival.missing(versions.keys());
  const stored = isResumed ? await findObjectsOf(context, id, release) : undefined;
  const missing = absent.filter((objectId) => !stored?.has(objectId));
  return { listed: versions.size, missing: missing.length, isProven: complete && versions.size > 0 };
}

/** Ids of the objects that are stored of a collection in a release. */
async function findObjectsOf(
  { store }: Pick<ExtractContext<MitreTaxiiConfig, unknown>, "store">,
  id: string,
  release: string,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const filter = { "data.collection_id": id, "enriched.releases": release };
  for await (const { _id } of store.find("objects", filter, { projection: { _id: 1 } })) {
    const parsed = typeof _id === "string" ? parseVersionDocumentId(id, _id) : undefined;
    if (parsed !== undefined) found.add(parsed.objectId);
  }
  return found;
}
