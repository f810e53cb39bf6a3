import { compareReleases } from "./compare-releases.js";
import type { StixRelease } from "./stix-release.js";

/**
 * The releases of each collection, oldest first.
 *
 * @throws where two bundles are the same release of the same collection
 */
export function groupReleases(releases: readonly StixRelease[]): readonly (readonly StixRelease[])[] {
  const byCollection = new Map<string, StixRelease[]>();
  for (const release of releases) {
    const group = byCollection.get(release.collectionId) ?? [];
    byCollection.set(release.collectionId, group);
    const twin = group.find(({ version }) => version === release.version);
    if (twin !== undefined) {
      throw new Error(
        `${twin.source} and ${release.source} both hold ${[release.title, release.version].join(" ").trim()}: give only one of them`,
      );
    }
    group.push(release);
  }
  return [...byCollection.values()].map((group) => group.sort(compareReleases));
}
