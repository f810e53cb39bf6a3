import type { ExtractContext, Logger, StoreReader } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { parseVersionDocumentId } from "../documents/document-id.js";
import { countAbsentVersions, type ReleaseContents } from "../documents/release-contents.js";
import { sortTimestamps } from "../documents/sort-timestamps.js";
import { nameOfRelease } from "../session/select-releases.js";
import type { Arrival } from "../session/track-arrival.js";
import type { ReleasedCollection } from "../stored/released-collection.js";
import { readStoredContents } from "./find-disputed-objects.js";

type StoreContext = Pick<ExtractContext<MitreTaxiiConfig, unknown>, "store">;
type Released = Pick<ReleasedCollection, "id" | "release">;

/** What is there of a collection in a release. */
export interface PresentRelease {
  /** `_id`s of object documents. */
  readonly documentIds: ReadonlySet<string>;
  /** Its own table of contents; undefined where it has none, or MITRE_MAX_CONTENTS cut the stored one. */
  readonly contents: ReleaseContents | undefined;
}

/** What the pages brought, and of a walk that did not begin at the first one, what is stored of the release. */
export async function readPresentRelease(
  { store }: StoreContext,
  { id, release }: Released,
  { contents, documentIds, isResumed }: Arrival,
): Promise<PresentRelease> {
  if (!isResumed) {
    return { documentIds, contents };
  }
  const present = new Set(documentIds);
  const filter = { "data.collection_id": id, "enriched.releases": release };
  for await (const { _id } of store.find("objects", filter, { projection: { _id: 1 } })) {
    if (typeof _id === "string") {
      present.add(_id);
    }
  }
  return { documentIds: present, contents: contents ?? (await readContentsAmong(store, id, present)) };
}

/** How many object versions a release's own table of contents names that are not there; 0 where it has none. */
export async function findAbsentVersions(
  context: StoreContext,
  released: Released,
  arrival: Arrival,
): Promise<number> {
  const { documentIds, contents } = await readPresentRelease(context, released, arrival);
  return contents === undefined ? 0 : countAbsentVersions(released.id, contents, documentIds);
}

/** Says so once: the release counts as loaded, since asking again would not bring them. */
export function warnOfAbsentVersions(log: Logger, { id, release }: Released, absent: number): void {
  log.warn(
    { collection: id, release, absent },
    `the table of contents of ${id} in ${nameOfRelease(release)} names ${absent} object ${absent === 1 ? "version" : "versions"} that the server does not send: the release is loaded without ${absent === 1 ? "it" : "them"}`,
  );
}

async function readContentsAmong(store: StoreReader, id: string, documentIds: Iterable<string>) {
  const versions: string[] = [];
  for (const documentId of documentIds) {
    const parsed = parseVersionDocumentId(id, documentId);
    if (parsed?.objectId === id) {
      versions.push(parsed.version);
    }
  }
  const newest = sortTimestamps(versions).at(-1);
  return newest === undefined ? undefined : readStoredContents(store, id, newest);
}
