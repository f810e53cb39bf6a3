import type { ExtractContext, Logger, StoreReader } from "@cti-connectors/core";
import { parseVersionDocumentId } from "./document-id.js";
import { readStoredContents } from "./find-disputed-objects.js";
import type { ReleasedCollection } from "./find-missing-objects.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { countAbsentVersions } from "./release-contents.js";
import { nameOfRelease } from "./select-releases.js";
import { sortTimestamps } from "./sort-timestamps.js";
import type { Arrival } from "./track-arrival.js";

type Released = Pick<ReleasedCollection, "id" | "release">;

/**
 * How many object versions a release's own table of contents names that its pages did not bring. Of a walk that did not begin at the
 * first page, what is stored of the release counts, too.
 *
 * @returns 0 where there is no table of contents, or MITRE_MAX_CONTENTS cut the stored one
 */
export async function findAbsentVersions(
  { store }: Pick<ExtractContext<MitreTaxiiConfig, unknown>, "store">,
  { id, release }: Released,
  { contents, documentIds, isResumed }: Arrival,
): Promise<number> {
  if (!isResumed) return contents === undefined ? 0 : countAbsentVersions(id, contents, documentIds);
  const stored = await readDocumentIds(store, { id, release });
  const known = contents ?? (await readContentsAmong(store, id, stored));
  return known === undefined ? 0 : countAbsentVersions(id, known, stored);
}

/** Says so once: the release counts as loaded, since asking again would not bring them. */
export function warnOfAbsentVersions(log: Logger, { id, release }: Released, absent: number): void {
  log.warn(
    { collection: id, release, absent },
    `the table of contents of ${id} in ${nameOfRelease(release)} names ${absent} object ${absent === 1 ? "version" : "versions"} that the server does not send: the release is loaded without ${absent === 1 ? "it" : "them"}`,
  );
}

async function readDocumentIds(store: StoreReader, { id, release }: Released): Promise<readonly string[]> {
  const ids: string[] = [];
  const filter = { "data.collection_id": id, "enriched.releases": release };
  for await (const { _id } of store.find("objects", filter, { projection: { _id: 1 } })) {
    if (typeof _id === "string") ids.push(_id);
  }
  return ids;
}

async function readContentsAmong(store: StoreReader, id: string, documentIds: readonly string[]) {
  const versions = documentIds.flatMap((documentId) => {
    const parsed = parseVersionDocumentId(id, documentId);
    return parsed?.objectId === id ? [parsed.version] : [];
  });
  const newest = sortTimestamps(versions).at(-1);
  return newest === undefined ? undefined : readStoredContents(store, id, newest);
}
