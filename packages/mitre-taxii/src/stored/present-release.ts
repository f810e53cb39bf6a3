import type { Logger, StoreReader } from "@cti-connectors/core";
import { versionDocumentId } from "../documents/document-id.js";
import { countAbsentVersions, readStoredContents } from "../documents/release-contents.js";
import { sortTimestamps } from "../documents/timestamps.js";
import { readManifestOf } from "../freshness/read-manifest.js";
import { nameOfRelease } from "../session/select-releases.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import type { Arrival } from "../session/walk-collection.js";
import { objectIdsIn, readDocumentIds } from "./document-ids.js";
import type { ReleasedCollection } from "./listings.js";

type Released = Pick<ReleasedCollection, "id" | "release">;

/** What is there of a collection, compared with what the release has of it. */
export interface ComparedRelease {
  /** How many objects the collection has. */
  readonly listed: number;
  /** How many of them are not stored. */
  readonly missing: number;
  /** False where the server did not tell all that the collection has, or says that this is nothing. */
  readonly isProven: boolean;
  /** How many object versions the release's own table of contents names that are not there. */
  readonly absent: number;
}

/**
 * How much of a collection its pages did not bring. The release's own table of contents answers that for no request. Where
 * that is not at hand, or names objects that did not come, the manifest decides; where the server has none, nothing is proven.
 */
export async function compareWithRelease(
  session: TaxiiSession,
  target: ReleasedCollection,
  arrival: Arrival,
): Promise<ComparedRelease> {
  const { root, id } = target;
  const { documentIds, contents } = await readPresentRelease(session.store, target, arrival);
  const absent = contents === undefined ? 0 : countAbsentVersions(id, contents, documentIds);
  const present = objectIdsIn(id, documentIds);
  const isThere = (objectId: string) => present.has(objectId);
  if (contents !== undefined && !arrival.cutOff && [...contents.keys()].every(isThere)) {
    return { listed: contents.size, missing: 0, isProven: true, absent };
  }
  const { versions, complete } = await readManifestOf(root, session, id, true);
  const missing = [...versions.keys()].filter((objectId) => !isThere(objectId)).length;
  return { listed: versions.size, missing, isProven: complete && versions.size > 0, absent };
}

/** How many object versions a release's own table of contents names that are not there; 0 where it has none. */
export async function findAbsentVersions(
  store: StoreReader,
  released: Released,
  arrival: Arrival,
): Promise<number> {
  const { documentIds, contents } = await readPresentRelease(store, released, arrival);
  return contents === undefined ? 0 : countAbsentVersions(released.id, contents, documentIds);
}

/** Says so once: the release counts as loaded, since asking again would not bring them. */
export function warnOfAbsentVersions(log: Logger, { id, release }: Released, absent: number): void {
  log.warn(
    { collection: id, release, absent },
    `the table of contents of ${id} in ${nameOfRelease(release)} names ${absent} object ${absent === 1 ? "version" : "versions"} that the server does not send: loading the release without ${absent === 1 ? "it" : "them"}`,
  );
}

/** What the pages brought, and of a walk that did not begin at the first one, what is stored of the release. */
async function readPresentRelease(
  store: StoreReader,
  { id, release }: Released,
  { contents, documentIds, isResumed }: Arrival,
): Promise<Pick<Arrival, "documentIds" | "contents">> {
  if (!isResumed) {
    return { documentIds, contents };
  }
  const ofRelease = { "data.collection_id": id, "enriched.releases": release };
  const stored = await readDocumentIds(store, "objects", ofRelease);
  const present = new Set([...documentIds, ...stored]);
  return {
    documentIds: present,
    contents: contents ?? (await readContentsAmong(store, id, present)),
  };
}

async function readContentsAmong(store: StoreReader, id: string, documentIds: Iterable<string>) {
  const own = versionDocumentId(id, id, "");
  const versions = [...documentIds].filter((_id) => _id.startsWith(own)).map((_id) => _id.slice(own.length));
  const newest = sortTimestamps(versions).at(-1);
  return newest === undefined ? undefined : readStoredContents(store, id, newest);
}
