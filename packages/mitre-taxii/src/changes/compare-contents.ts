import { isSameVersion } from "../documents/timestamps.js";
import type { ChangeKind } from "./changes.js";
import type { HeldVersions } from "./held-versions.js";

/** A change of which nothing but ids and versions is known yet. */
export interface VersionChange {
  readonly change: ChangeKind;
  readonly objectId: string;
  /** The version now, or the last one of an object that was withdrawn. */
  readonly version: string;
  /** The version before, if the object was modified. */
  readonly previousVersion?: string;
}

/** What came, changed its version or went between two releases. */
export function compareContents(from: HeldVersions, to: HeldVersions): readonly VersionChange[] {
  const changes: VersionChange[] = [];
  for (const [objectId, version] of to) {
    const previousVersion = from.get(objectId);
    if (previousVersion === undefined) {
      changes.push({ change: "added", objectId, version });
    } else if (!isSameVersion(previousVersion, version)) {
      changes.push({ change: "modified", objectId, version, previousVersion });
    }
  }
  for (const [objectId, version] of from) {
    if (!to.has(objectId)) {
      changes.push({ change: "withdrawn", objectId, version });
    }
  }
  return changes;
}
