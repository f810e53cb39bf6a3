import type { BundleObject } from "../stix/stix-bundle.js";
import { compareReleases, groupReleases, type StixRelease } from "../stix/stix-release.js";
import type { AttackRoot, ServedCollection, ServedObject } from "./attack-server.js";

const title = "MITRE ATT&CK TAXII 2.1";
const description = "ATT&CK in STIX 2.1, served by a sandbox that behaves like the public server.";

/**
 * The API roots of the public server: `/api/v21/` with the newest release of each collection, and one root per
 * release with the collections that this release has.
 */
export function buildAttackCatalog(releases: readonly StixRelease[]): readonly AttackRoot[] {
  const collections = new Map<StixRelease, ServedCollection>();
  for (const release of releases) {
    collections.set(release, toCollection(release));
  }

  const newest = groupReleases(releases).flatMap((group) => group.slice(-1));
  const roots: AttackRoot[] = [
    { path: "/api/v21/", title, description, collections: pick(collections, newest) },
  ];
  const sorted = [...releases].sort(compareReleases);
  const versions = new Set(sorted.flatMap(({ version }) => version ?? []));
  for (const version of versions) {
    roots.push({
      path: `/api/v21/attack-${version}/`,
      title: `${title} (ATT&CK v${version})`,
      description: `${description} This API root is pinned to ATT&CK release ${version}.`,
      release: version,
      collections: pick(
        collections,
        sorted.filter((release) => release.version === version),
      ),
    });
  }
  return roots;
}

function pick(
  collections: ReadonlyMap<StixRelease, ServedCollection>,
  releases: readonly StixRelease[],
): readonly ServedCollection[] {
  return releases.flatMap((release) => collections.get(release) ?? []);
}

function toCollection(release: StixRelease): ServedCollection {
  return {
    id: release.collectionId,
    title: release.title,
    ...(release.description !== undefined && { description: release.description }),
    objects: release.objects.map((object) => listObject(object, release.modified)),
  };
}

/** This server has no date added: it takes `created` for it. */
function listObject(object: BundleObject, releasedAt: string): ServedObject {
  const created = toMillisecondForm(object.created ?? releasedAt);
  const version = object.modified === undefined ? created : toMillisecondForm(object.modified);
  return {
    id: object.id,
    type: object.type,
    specVersion: object.spec_version ?? "2.0",
    version,
    versionKey: toSixDigits(version),
    dateAdded: created,
    addedKey: toSixDigits(created),
    json: Buffer.from(JSON.stringify(reorder(object))),
  };
}

/** The server stores dates and writes them anew, with three digits. */
function toMillisecondForm(timestamp: string): string {
  return new Date(timestamp).toISOString();
}

/** @param timestamp with three digits */
function toSixDigits(timestamp: string): string {
  return timestamp.replace("Z", "000Z");
}

/** The keys that the server's schema names come first, in its order. */
function reorder({ id, modified, created, type, spec_version, ...rest }: BundleObject): object {
  return {
    id,
    modified: modified === undefined ? undefined : toMillisecondForm(modified),
    created: created === undefined ? undefined : toMillisecondForm(created),
    type,
    spec_version,
    ...rest,
  };
}
