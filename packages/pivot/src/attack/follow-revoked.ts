import type { AttackObject } from "../documents/attack-object.js";
import type { AttackView } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { findRelated } from "./find-related.js";

/**
 * The object that is valid in the place of a revoked one, such as `T1059.001` for `T1086`: ATT&CK's `revoked-by`, followed as far as it leads.
 * An object that is not revoked is valid itself, even if it is deprecated.
 *
 * @returns undefined where the object or its successor is unknown, or where it leads in a circle
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
    const next = objects.filter(({ id }) => !seen.has(id));
    if (valid !== undefined || next.length === 0) {
      return valid;
    }
    for (const { id } of next) {
      seen.add(id);
    }
    const related = await findRelated(everything, next, { from: "source", relationship_type: "revoked-by" });
    objects = related.map(({ object }) => object);
  }
}
