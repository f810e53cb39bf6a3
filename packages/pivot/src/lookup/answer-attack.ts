import type { AttackView } from "../attack/attack-view.js";
import { findAssetsOf, findTechniquesTargeting } from "../attack/find-assets.js";
import { findDetectionsInShort } from "../attack/find-detections.js";
import { findMitigationsOf, findTechniquesMitigatedBy } from "../attack/find-mitigations.js";
import type { RelatedObject } from "../attack/find-related.js";
import { findParentOf, findSubTechniquesOf } from "../attack/find-sub-techniques.js";
import { findTacticsOf } from "../attack/find-tactics.js";
import { findTechniquesByTactic } from "../attack/find-techniques.js";
import {
  findCampaignsOf,
  findGroupsOf,
  findSoftwareOf,
  findTechniquesOf,
  findUsersOf,
} from "../attack/find-uses.js";
import { followRevoked } from "../attack/follow-revoked.js";
import { objectTypes, userTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { answerDetection, type DetectionAnswer, findTechniquesDetectedWith } from "./answer-detection.js";
import { type AttackSummary, mostFirst, summarize, summarizeObject } from "./attack-summary.js";

/** What ATT&CK knows about an object. A list is empty where nothing is known, or the question makes no sense. */
export interface AttackAnswer extends DetectionAnswer {
  readonly object: Omit<AttackObject, "stix" | "collection_id">;
  /** What is valid in its place, if it is revoked. */
  readonly successor?: AttackSummary;
  readonly parent?: AttackSummary;
  /** Of a matrix, or of a domain by its collection object, in the order of the matrix. */
  readonly tactics: readonly AttackSummary[];
  readonly sub_techniques: readonly AttackSummary[];
  /**
   * Those that a group, campaign or software uses, that a mitigation mitigates, that a detection strategy, an analytic, a data component or a
   * data source detects, that target an asset, or that belong to a tactic.
   */
  readonly techniques: readonly AttackSummary[];
  readonly software: readonly AttackSummary[];
  readonly groups: readonly AttackSummary[];
  readonly campaigns: readonly AttackSummary[];
  /** Of the technique, or of all `techniques`: what covers most of them comes first. */
  readonly mitigations: readonly AttackSummary[];
  /** What a technique of industrial control systems targets. */
  readonly assets: readonly AttackSummary[];
}

const { technique, group, campaign, software } = objectTypes;

/**
 * Reads what belongs to each of some objects: who uses it, what it uses, what to do about it. What several have in common, as software has
 * techniques, is read once.
 */
export async function answerAttack(
  asked: AttackView,
  objects: readonly AttackObject[],
): Promise<readonly AttackAnswer[]> {
  const view = { ...asked, brief: true };
  const neighbourhoods = await readNeighbourhoods(view, objects);
  const subjects = neighbourhoods.flatMap((one) => one.subjects);
  const [mitigations, detections] = await Promise.all([
    findMitigationsOf(view, subjects),
    findDetectionsInShort(view, subjects),
  ]);
  return Promise.all(
    neighbourhoods.map(async (one) => {
      const ids = new Set(one.subjects.map(({ id }) => id));
      const own = (related: readonly RelatedObject[]) => relatedWith(ids, "target", related);
      const detection = await answerDetection(view, one.object, one.techniques, {
        strategies: own(detections.strategies),
        data_components: own(detections.data_components),
      });
      return summarizeAll(one, own(mitigations), detection);
    }),
  );
}

/** An object, and what leads directly to it or from it. */
interface Neighbourhood extends ReadAlone {
  /** Those whose mitigations and detections belong to the answer: the object, or the techniques that it uses. */
  readonly subjects: readonly AttackObject[];
  readonly software: readonly RelatedObject[];
  readonly groups: readonly RelatedObject[];
  readonly campaigns: readonly RelatedObject[];
  readonly assets: readonly RelatedObject[];
}

async function readNeighbourhoods(
  view: AttackView,
  objects: readonly AttackObject[],
): Promise<readonly Neighbourhood[]> {
  // At once: the database reads for one while the answer of another is decoded.
  const [users, used, usedSoftware, actors, attributed, assets, alone] = await Promise.all([
    findUsersOf(view, objects),
    findTechniquesOf(view, objects),
    findSoftwareOf(view, objects),
    findGroupsOf(view, objects),
    findCampaignsOf(view, objects),
    findAssetsOf(view, objects),
    Promise.all(objects.map((object) => readAlone(view, object))),
  ]);
  return alone.map((one) => {
    const { object } = one;
    const ids = new Set([object.id]);
    const from = (related: readonly RelatedObject[]) => relatedWith(ids, "source", related);
    const to = (related: readonly RelatedObject[]) => relatedWith(ids, "target", related);
    const usersOf = (types: ReadonlySet<string>) => to(users).filter((user) => types.has(user.object.type));
    const techniques = [...from(used), ...one.techniques];
    return {
      ...one,
      subjects: userTypes.has(object.type) ? techniques.map((technique) => technique.object) : [object],
      techniques,
      software: [...usersOf(software), ...from(usedSoftware)],
      groups: [...usersOf(group), ...from(actors)],
      campaigns: [...usersOf(campaign), ...to(attributed)],
      assets: from(assets),
    };
  });
}

/** What is read for each object alone: only some have it. */
interface ReadAlone {
  readonly object: AttackObject;
  readonly successor: AttackObject | undefined;
  readonly parent: AttackObject | undefined;
  readonly tactics: readonly AttackObject[];
  readonly subTechniques: readonly AttackObject[];
  readonly techniques: readonly RelatedObject[];
}

async function readAlone(view: AttackView, object: AttackObject): Promise<ReadAlone> {
  const [successor, parent, tactics, subTechniques, techniques] = await Promise.all([
    object.revoked ? followRevoked(view, object) : undefined,
    technique.has(object.type) ? findParentOf(view, object) : undefined,
    findTacticsOf(view, object),
    findSubTechniquesOf(view, object),
    userTypes.has(object.type) ? [] : findTechniquesFor(view, object),
  ]);
  return { object, successor, parent, tactics, subTechniques, techniques };
}

/** What is related with any of some objects, with the relationships that say so. */
function relatedWith(
  ids: ReadonlySet<string>,
  end: "source" | "target",
  related: readonly RelatedObject[],
): readonly RelatedObject[] {
  return related.flatMap(({ object, relationships }) => {
    const own = relationships.filter((relationship) => ids.has(relationship[end].id));
    return own.length === 0 ? [] : [{ object, relationships: own }];
  });
}

function summarizeAll(
  { object, successor, parent, tactics, subTechniques, techniques, ...neighbours }: Neighbourhood,
  mitigations: readonly RelatedObject[],
  detection: DetectionAnswer,
): AttackAnswer {
  const { stix: _, collection_id: __, ...shown } = object;
  return {
    object: shown,
    ...(successor !== undefined && { successor: summarizeObject(successor) }),
    ...(parent !== undefined && { parent: summarizeObject(parent) }),
    tactics: tactics.map(summarizeObject),
    sub_techniques: subTechniques.map(summarizeObject),
    techniques: techniques.map(summarize),
    software: neighbours.software.map(summarize),
    groups: neighbours.groups.map(summarize),
    campaigns: neighbours.campaigns.map(summarize),
    mitigations: mostFirst(mitigations.map(summarize)),
    assets: neighbours.assets.map(summarize),
    ...detection,
  };
}

/** The techniques that an object is about. None for a technique. */
export async function findTechniquesFor(
  view: AttackView,
  object: AttackObject,
): Promise<readonly RelatedObject[]> {
  const { mitigation, asset, tactic } = objectTypes;
  if (mitigation.has(object.type)) {
    return findTechniquesMitigatedBy(view, object);
  }
  if (asset.has(object.type)) {
    return findTechniquesTargeting(view, object);
  }
  if (tactic.has(object.type)) {
    return (await findTechniquesByTactic(view, object)).map((found) => ({
      object: found,
      relationships: [],
    }));
  }
  return [...(await findTechniquesOf(view, object)), ...(await findTechniquesDetectedWith(view, object))];
}
