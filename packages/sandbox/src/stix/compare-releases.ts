import type { StixRelease } from "./stix-release.js";

/**
 * Older first: by release number, then betas before what they became, then by date. A bundle without a number is
 * older than any with one.
 */
export function compareReleases(a: StixRelease, b: StixRelease): number {
  const [left, right] = [parseVersion(a.version), parseVersion(b.version)];
  for (let i = 0; i < Math.max(left.numbers.length, right.numbers.length); i += 1) {
    const difference = (left.numbers[i] ?? -1) - (right.numbers[i] ?? -1);
    if (difference !== 0) {
      return difference;
    }
  }
  return Number(right.isBeta) - Number(left.isBeta) || Date.parse(a.modified) - Date.parse(b.modified);
}

function parseVersion(version = ""): { readonly numbers: readonly number[]; readonly isBeta: boolean } {
  const [digits = "", stage] = version.split("-");
  const numbers = digits === "" ? [] : digits.split(".").map((part) => Number.parseInt(part, 10) || 0);
  return { numbers, isBeta: stage !== undefined };
}
