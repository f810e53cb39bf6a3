import type { Change, ChangeCounts } from "./changes.js";

/** How many objects changed, and how. */
export function countChanges(changes: readonly Change[]): ChangeCounts {
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
  return counts;
}
