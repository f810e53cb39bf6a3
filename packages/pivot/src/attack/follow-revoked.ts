import { findSuccessors } from "@cti-connectors/mitre-taxii";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, filterOf } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { readByStixId } from "./read-objects.js";

/**
 * The successor of a revoked object, such as `T1059.001` of `T1086`: follows ATT&CK's `revoked-by` until an object is not revoked; of several,
 * the newest that is not deprecated. Any other object is its own successor, even if it is deprecated.
 *
 * @returns undefined where the object or its successor is unknown, or where successors form a circle
 */
export async function followRevoked(
  view: AttackView,
  subject: AttackSubject,
): Promise<AttackObject | undefined> {
  const everything = { ...view, includeRevokedDeprecated: true };
  const seen = new Set<string>();
  let objects = await findSubjects(view, subject);
  for (;;) {
    const valid = objects.find(({ revoked }) => !revoked);
    const next = objects.map(({ id }) => id).filter((id) => !seen.has(id));
    if (valid !== undefined || next.length === 0) {
      return valid;
    }
    for (const id of next) {
      seen.add(id);
    }
    const successors = await findSuccessors(view.store, next, filterOf(view));
    objects = await readByStixId(everything, [...successors.values()]);
  }
}
