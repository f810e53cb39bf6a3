import type { Change } from "./changes.js";

/** By type, kind of change (added, modified, withdrawn), ATT&CK id, name and id; what has no ATT&CK id or name comes last. */
export function sortChanges(changes: readonly Change[]): readonly Change[] {
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
