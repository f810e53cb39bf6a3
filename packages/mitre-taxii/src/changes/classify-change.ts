import type { ChangeClass } from "./changes.js";

/** What MITRE's changelog tool looks at in an object of a release. */
export interface ObjectState {
  readonly revoked: boolean;
  readonly deprecated: boolean;
  /** `x_mitre_version`. Absent: the object has none, as in ICS before 11.0. */
  readonly attack_version?: string | undefined;
}

/**
 * The class that MITRE's changelog tool (`mitreattack-python`, `diffStix`) gives an object that both releases hold, in versions with other
 * `modified` dates; `retired` where that tool reports no change, because the object was revoked or deprecated before, too.
 */
export function classifyModified(before: ObjectState, now: ObjectState): ChangeClass {
  if (now.revoked) {
    return before.revoked ? "retired" : "revocations";
  }
  if (now.deprecated) {
    return before.deprecated ? "retired" : "deprecations";
  }
  return classifyVersions(before.attack_version, now.attack_version);
}

function classifyVersions(before = "0.0", now = "0.0"): ChangeClass {
  const [older, newer] = [parseVersion(before), parseVersion(now)];
  if (older === undefined || newer === undefined) {
    return before === now ? "patches" : "other_version_changes";
  }
  if (newer.major === older.major && newer.minor === older.minor) {
    return "patches";
  }
  if (newer.major === older.major + 1 && newer.minor === 0) {
    return "major_version_changes";
  }
  return newer.major === older.major && newer.minor === older.minor + 1
    ? "minor_version_changes"
    : "other_version_changes";
}

function parseVersion(text: string): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  return major === undefined || minor === undefined
    ? undefined
    : { major: Number(major), minor: Number(minor) };
}
