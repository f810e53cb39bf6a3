import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { findDocuments, readObjects } from "./read-objects.js";

const matrix = z.object({ tactic_refs: z.array(z.string()).default([]).catch([]) });
const tactic = z.object({ x_mitre_shortname: z.string() });

/** The tactics in the order of the matrices, from reconnaissance to impact. */
export async function findTactics(view: AttackView): Promise<readonly AttackObject[]> {
  const types = ["x-mitre-matrix", "x-mitre-tactic"];
  const objects = await readObjects(
    findDocuments(view, { field: "enriched.type", values: types }, answerFilterOf(view)),
  );
  const order = objects.flatMap(({ stix }) => matrix.parse(stix).tactic_refs);
  return objects
    .filter(({ type }) => type === "x-mitre-tactic")
    .sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
}

/** What techniques call a tactic in `tactics`, such as `initial-access`. */
export function shortNameOf({ stix }: AttackObject): string | undefined {
  return tactic.safeParse(stix).data?.x_mitre_shortname;
}
