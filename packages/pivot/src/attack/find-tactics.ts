import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf, inCollection } from "./attack-view.js";
import { objectTypes } from "./object-types.js";
import { newestById, readByStixId, readObjects } from "./read-objects.js";

const matrix = z.object({ tactic_refs: z.array(z.string()).default([]).catch([]) });
const tactic = z.object({ x_mitre_shortname: z.string() });

/** The tactics in the order of the matrices, from reconnaissance to impact. */
export async function findTactics(view: AttackView): Promise<readonly AttackObject[]> {
  const types = ["x-mitre-matrix", "x-mitre-tactic"];
  const objects = await readObjects(view, { field: "enriched.type", values: types }, answerFilterOf(view));
  const order = objects.flatMap(({ stix }) => matrix.parse(stix).tactic_refs);
  return objects
    .filter(({ type }) => type === "x-mitre-tactic")
    .sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
}

/** The tactics of a matrix, or of a domain by its collection object, in the order of the matrix. */
export async function findTacticsOf(
  view: AttackView,
  object: AttackObject,
): Promise<readonly AttackObject[]> {
  const { matrix: matrixTypes, collection } = objectTypes;
  const values = collection.has(object.type) ? [...matrixTypes] : [];
  const filter = { ...answerFilterOf(view), ...inCollection(object.collection_id) };
  const matrices = [
    ...(matrixTypes.has(object.type) ? [object] : []),
    ...(await readObjects(view, { field: "enriched.type", values }, filter)),
  ];
  const refs = matrices.flatMap(({ stix }) => matrix.parse(stix).tactic_refs);
  const tactics = newestById(await readByStixId(view, refs));
  return refs.flatMap((id) => tactics.get(id) ?? []);
}

/** What techniques call a tactic in `tactics`, such as `initial-access`. */
export function shortNameOf({ stix }: AttackObject): string | undefined {
  return tactic.safeParse(stix).data?.x_mitre_shortname;
}
