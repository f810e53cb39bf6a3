import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { manifestPageLimit } from "./page-limit.js";
import { notUnderstood } from "./taxii/not-understood.js";
import type { TaxiiApiRoot } from "./taxii/taxii-api-root.js";
import { TaxiiError } from "./taxii/taxii-error.js";

/** Object id → its versions. */
export type ObjectVersions = Map<string, Set<string>>;

/** Ids in one URL: 50 of them are about 3 kB. */
const mostIdsInUrl = 50;

/**
 * All versions of a collection's objects out of its manifest, with `match[version]=all`.
 *
 * @returns undefined where the server refuses that filter
 */
export async function readAllVersions(
  root: TaxiiApiRoot,
  collectionId: string,
  manifest: ManifestSnapshot,
  config: MitreTaxiiConfig,
): Promise<ObjectVersions | undefined> {
  const ids = [...manifest.versions.keys()];
  const someIds = config.MITRE_MAX_OBJECTS !== undefined && ids.length <= mostIdsInUrl;
  const limit = manifestPageLimit({ ...config, MITRE_MAX_OBJECTS: undefined });
  const walk = root.manifest(collectionId, { limit, match: { version: "all", ...(someIds && { id: ids }) } });
  const versions: ObjectVersions = new Map();
  try {
    for await (const page of walk) {
      for (const { id, version } of page.items) {
        if (!manifest.versions.has(id)) continue;
        const known = versions.get(id);
        if (known === undefined) versions.set(id, new Set([version]));
        else known.add(version);
      }
    }
  } catch (error) {
    if (error instanceof TaxiiError && notUnderstood(error)) return undefined;
    throw error;
  }
  return versions;
}

/** All versions of one object, from its own endpoint: one request or more. */
export async function readVersionsOf(
  root: TaxiiApiRoot,
  collectionId: string,
  objectId: string,
): Promise<ReadonlySet<string>> {
  const versions = new Set<string>();
  for await (const page of root.versions(collectionId, objectId)) {
    for (const version of page.items) versions.add(version);
  }
  return versions;
}
