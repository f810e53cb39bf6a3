import type { NewestRelease, StoreReader } from "@cti-connectors/core";
import { findNewestRelease } from "./find-releases.js";
import { findStoredCollections } from "./find-stored-collections.js";
import { readChangesOf } from "./read-changes.js";

/** The newest stored release of ATT&CK of each collection that has releases. */
export async function findNewestReleases(store: StoreReader): Promise<readonly NewestRelease[]> {
  const newest: NewestRelease[] = [];
  for (const collection of await findStoredCollections(store)) {
    const release = await findNewestRelease(store, collection.id);
    if (release !== undefined) {
      const to = release.name;
      newest.push({
        ...collection,
        version: to,
        async countChanges(from) {
          const { not_compared, summary } = await readChangesOf(store, collection, { from, to });
          const { classes: _classes, ...counts } = summary;
          return not_compared === undefined ? counts : undefined;
        },
      });
    }
  }
  return newest;
}
