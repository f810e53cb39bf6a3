import type { Change, ChangeClass, ChangeCounts, CollectionChanges } from "./changes.js";
import type { DescribedChanges } from "./describe-changes.js";

/** Sorts and counts changes. */
export function summarizeChanges({
  changes: unsorted,
  notStored,
}: DescribedChanges): Pick<CollectionChanges, "not_stored" | "summary" | "types" | "changes"> {
  const changes = sortChanges(unsorted);
  const types = [...new Set(changes.map(({ type }) => type))].map((type) => ({
    type,
    ...countChanges(changes.filter((change) => change.type === type)),
  }));
  return { ...(notStored > 0 && { not_stored: notStored }), summary: countChanges(changes), types, changes };
}

/** How many objects changed, and how. */
function countChanges(changes: readonly Change[]): ChangeCounts {
  const counts = { added: 0, modified: 0, revoked: 0, deprecated: 0, withdrawn: 0 };
  for (const { change, revoked, deprecated } of changes) {
    counts[change] += 1;
    if (revoked) {
      counts.revoked += 1;
    }
    if (deprecated) {
      counts.deprecated += 1;
    }
  }
  return { ...counts, classes: countClasses(changes) };
}

/** How many of some changes are of each class. */
export function countClasses(changes: readonly Change[]): Record<ChangeClass, number> {
  const numberOf = (name: ChangeClass) => changes.filter((change) => change.class === name).length;
  return {
    additions: numberOf("additions"),
    major_version_changes: numberOf("major_version_changes"),
    minor_version_changes: numberOf("minor_version_changes"),
    other_version_changes: numberOf("other_version_changes"),
    patches: numberOf("patches"),
    revocations: numberOf("revocations"),
    deprecations: numberOf("deprecations"),
    deletions: numberOf("deletions"),
    retired: numberOf("retired"),
  };
}

/** By type, kind of change (added, modified, withdrawn), ATT&CK id, name and id; what has no ATT&CK id or name comes last. */
function sortChanges(changes: readonly Change[]): readonly Change[] {
  const keyed = changes.map((change) => ({ change, key: keyOf(change) }));
  keyed.sort((left, right) => compareKeys(left.key, right.key));
  return keyed.map(({ change }) => change);
}

const last = "\uffff";

function keyOf({ type, change, attack_id = last, name = last, id }: Change): readonly string[] {
  return [type, change, attack_id, name, id];
}

/** By code unit, so that the order is the same on every machine. */
function compareKeys(left: readonly string[], right: readonly string[]): number {
  for (const [index, part] of left.entries()) {
    const other = right[index] ?? "";
    if (part !== other) {
      return part < other ? -1 : 1;
    }
  }
  return 0;
}
