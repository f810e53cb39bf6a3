import { z } from "zod";
import type { StixObject } from "../taxii/stix-object.js";

/** The sources whose references carry ATT&CK ids. */
const attackSources: ReadonlySet<string> = new Set([
  "mitre-attack",
  "mitre-mobile-attack",
  "mitre-ics-attack",
]);

const text = z.string().optional().catch(undefined);

/** References of an object. An invalid one counts as absent. */
export const externalReferences = z
  .array(z.object({ source_name: z.string(), external_id: text, url: text }).nullable().catch(null))
  .optional()
  .catch(undefined);

/** The reference that carries an object's ATT&CK id and URL. */
export function findAttackReference(references: z.output<typeof externalReferences>) {
  return references?.find((candidate) => candidate !== null && attackSources.has(candidate.source_name));
}

/** E.g. `T1059.001`. */
export function attackIdOf({ external_references }: StixObject): string | undefined {
  return findAttackReference(externalReferences.parse(external_references))?.external_id;
}
