import type { StixRelease } from "../stix/stix-release.js";

/** Older first: by release number, then by date. A bundle without a number is older than any with one. */
export function compareReleases(a: StixRelease, b: StixRelease): number {
  const left = numbers(a.version);
  const right = numbers(b.version);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return Date.parse(a.modified) - Date.parse(b.modified);
}

function numbers(version: string | undefined): readonly number[] {
  return version === undefined ? [] : version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
}
