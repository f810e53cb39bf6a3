import { groupReleases, type StixRelease } from "../stix/stix-release.js";
import { fromMicroseconds, toMicroseconds } from "../stix/timestamp.js";
import type { ApiRoot, ListedObject, ServedCollection } from "./taxii-server.js";

/**
 * One API root. A collection holds every version of every object of all its releases. An object version was
 * added with the first release that holds it; versions added together lie a microsecond apart, so that
 * `added_after` can resume behind any of them.
 */
export function buildStandardCatalog(releases: readonly StixRelease[]): readonly ApiRoot[] {
  return [
    {
      path: "/api/v21/",
      title: "STIX 2.1 content",
      description: "STIX 2.1 bundles, served by a sandbox that follows TAXII 2.1.",
      collections: groupReleases(releases).flatMap(mergeReleases),
    },
  ];
}

function mergeReleases(releases: readonly StixRelease[]): readonly ServedCollection[] {
  const newest = releases.at(-1);
  if (newest === undefined) {
    return [];
  }
  const seen = new Set<string>();
  const objects: ListedObject[] = [];
  let addedMicros = 0;
  for (const release of releases) {
    addedMicros = Math.max(addedMicros, toMicroseconds(release.modified));
    for (const object of release.objects) {
      const stixVersion = object.modified ?? object.created;
      const key = `${object.id} ${stixVersion ?? ""}`;
      if (seen.has(key)) {
        continue;
      }
      seen.add(key);
      addedMicros += 1;
      const dateAdded = fromMicroseconds(addedMicros);
      objects.push({
        id: object.id,
        type: object.type,
        specVersion: object.spec_version ?? "2.0",
        version: stixVersion ?? dateAdded,
        dateAdded,
        addedMicros,
        json: Buffer.from(JSON.stringify(object)),
      });
    }
  }
  return [
    {
      id: newest.collectionId,
      title: newest.title,
      ...(newest.description !== undefined && { description: newest.description }),
      objects,
    },
  ];
}
