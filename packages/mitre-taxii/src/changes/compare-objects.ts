import { isDeepStrictEqual } from "node:util";
import type { ChangedField } from "./changes.js";

/** A change has these in fields of its own, or is made of them: a release lists its contents. */
const leftOut: ReadonlySet<string> = new Set(["modified", "x_mitre_version", "x_mitre_contents"]);

/**
 * The STIX properties in which two versions of an object differ, by name, without `modified`, `x_mitre_version` and `x_mitre_contents`. The
 * order of a list is no difference.
 */
export function compareObjects(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly ChangedField[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !leftOut.has(name) && !isSame(before[name], after[name]))
    .sort()
    .map((name) => ({
      name,
      ...(before[name] !== undefined && { before: before[name] }),
      ...(after[name] !== undefined && { after: after[name] }),
    }));
}

function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) {
    return isDeepStrictEqual(one, other);
  }
  return isDeepStrictEqual(sortItems(one), sortItems(other));
}

function sortItems(items: readonly unknown[]): readonly string[] {
  return items.map((item) => JSON.stringify(item, sortKeys)).sort();
}

function sortKeys(_name: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
}
