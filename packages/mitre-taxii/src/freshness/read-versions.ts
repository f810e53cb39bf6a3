import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { type PageCollector, readCollection } from "../session/walk-collection.js";
import { isManifestRecord } from "../taxii/manifest-record.js";
import { isRefusal } from "../taxii/refusals.js";
import { TaxiiError } from "../taxii/taxii-error.js";

/** Object id → its versions. */
export type ObjectVersions = Map<string, Set<string>>;

/** Ids in one URL: 50 of them are about 3 kB. */
const mostIdsInUrl = 50;

/**
 * All versions of a collection's objects out of its manifest, with `match[version]=all`. Where the server ended the pages early, or may have
 * passed over some, they are read again.
 *
 * @returns undefined where the server refuses that filter, or ends the pages early again
 */
export async function readAllVersions(
  session: TaxiiSession,
  collectionId: string,
  manifest: ManifestSnapshot,
): Promise<ObjectVersions | undefined> {
  const ids = [...manifest.versions.keys()];
  const someIds = session.limited && ids.length <= mostIdsInUrl;
  const match = { version: "all", ...(someIds && { id: ids }) };
  const walk = { session, root: session.root, pages: "versions", id: collectionId, match } as const;
  try {
    return (
      (await readCollection(walk, () => collectVersions(manifest))) ??
      (await readCollection(walk, () => collectVersions(manifest)))
    );
  } catch (error) {
    if (error instanceof TaxiiError && isRefusal(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Finishes with undefined where the pages did not bring all. */
function collectVersions(manifest: ManifestSnapshot): PageCollector<void, ObjectVersions | undefined> {
  const seen = { versions: new Map<string, Set<string>>(), pages: 0, isCut: false };
  return {
    add({ entries, notFound, mayHaveSkipped }) {
      seen.isCut ||= mayHaveSkipped || (notFound && seen.pages > 0);
      seen.pages += 1;
      for (const { id, version } of entries.filter(isManifestRecord)) {
        if (manifest.versions.has(id)) {
          seen.versions.set(id, (seen.versions.get(id) ?? new Set()).add(version));
        }
      }
    },
    finish: () => (seen.isCut ? undefined : seen.versions),
  };
}

/**
 * All versions of one object, from its own endpoint: one request or more.
 *
 * @returns none where the server refuses that
 */
export async function readVersionsOf(
  { root, limits }: Pick<TaxiiSession, "root" | "limits">,
  collectionId: string,
  objectId: string,
): Promise<ReadonlySet<string>> {
  const versions = new Set<string>();
  const { maxPages } = limits.of("versions", collectionId);
  try {
    const pages = root.versions(collectionId, objectId, maxPages === undefined ? {} : { maxPages });
    for await (const page of pages) {
      for (const version of page.entries.filter(isVersion)) {
        versions.add(version);
      }
    }
  } catch (error) {
    if (!(error instanceof TaxiiError) || !isRefusal(error)) {
      throw error;
    }
  }
  return versions;
}

function isVersion(entry: unknown): entry is string {
  return typeof entry === "string" && entry !== "";
}
