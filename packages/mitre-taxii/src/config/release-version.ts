import { compareVersions, validate } from "compare-versions";

const pattern = /^\d+(\.\d+)+(-[a-z][a-z0-9]*)?$/;

/** Whether this is how ATT&CK names its releases: `18.1`, `19.0-beta`. */
export function isReleaseVersion(text: string): boolean {
  return pattern.test(text);
}

/**
 * Older first: by number, `9.0` before `10.1`; a beta before the release that it became. What is no version comes before all that are, in
 * alphabetical order. For `Array.sort`.
 */
export function compareReleaseVersions(one: string, other: string): number {
  const [left, right] = [toSemanticVersion(one), toSemanticVersion(other)];
  if (left !== undefined && right !== undefined) {
    return compareVersions(left, right);
  }
  return Number(left !== undefined) - Number(right !== undefined) || (one < other ? -1 : Number(one > other));
}

/** A version with a stage has three numbers there (Semantic Versioning, section 2), and two at ATT&CK. */
function toSemanticVersion(release: string): string | undefined {
  const version = release.replace(/^(\d+\.\d+)-/, "$1.0-");
  return validate(version) ? version : undefined;
}
