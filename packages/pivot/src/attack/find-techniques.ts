import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { objectTypes } from "./object-types.js";
import { findDocuments, type IndexedValues, readObjects } from "./read-objects.js";

/**
 * The techniques and sub-techniques of a tactic.
 *
 * @param tactic its id such as `TA0002`, which belongs to one domain; or its name or short name, `Defense Evasion` or `defense-evasion`, which
 *   several domains can have
 */
export async function findTechniquesByTactic(
  view: AttackView,
  tactic: AttackSubject,
): Promise<readonly AttackObject[]> {
  const found = await findSubjects(view, tactic, objectTypes.tactic);
  if (found.length === 0 && typeof tactic === "string") {
    return readTechniques(view, { field: "enriched.tactics", values: [shortNameOf(tactic)] });
  }
  return readTechniques(
    view,
    {
      field: "enriched.tactics",
      values: found.map(({ stix }) => tacticObject.parse(stix).x_mitre_shortname),
    },
    { "data.collection_id": { $in: found.map(({ collection_id }) => collection_id) } },
  );
}

const tacticObject = z.object({ x_mitre_shortname: z.string() });

function shortNameOf(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

/**
 * The techniques and sub-techniques of a platform.
 *
 * @param platform as ATT&CK spells it: `Windows`, `macOS`, `Network Devices`, …
 */
export function findTechniquesByPlatform(
  view: AttackView,
  platform: string,
): Promise<readonly AttackObject[]> {
  return readTechniques(view, { field: "enriched.platforms", values: [platform] });
}

function readTechniques(
  view: AttackView,
  values: IndexedValues,
  filter: Readonly<Record<string, unknown>> = {},
): Promise<readonly AttackObject[]> {
  const techniques = { "enriched.type": "attack-pattern", ...answerFilterOf(view), ...filter };
  return readObjects(findDocuments(view, values, techniques));
}
