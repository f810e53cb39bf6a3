import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { objectTypes } from "./object-types.js";
import { readByStixId, readObjects } from "./read-objects.js";

const { dataComponent, dataSource } = objectTypes;

/** The data components of data sources such as `DS0009`. Before release 18: it has deprecated all data sources. */
export async function findDataComponentsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly AttackObject[]> {
  const values = (await findSubjects(view, subjects, dataSource)).map(({ id }) => id);
  const filter = answerFilterOf(view);
  return readObjects(view, { field: "data.objects.x_mitre_data_source_ref", values }, filter);
}

const component = z.object({ x_mitre_data_source_ref: z.string().optional().catch(undefined) });

/** The data sources that data components belong to. Before release 18. */
export async function findDataSourcesOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly AttackObject[]> {
  const components = await findSubjects(view, subjects, dataComponent);
  return readByStixId(
    view,
    components.flatMap(({ stix }) => component.parse(stix).x_mitre_data_source_ref ?? []),
  );
}
