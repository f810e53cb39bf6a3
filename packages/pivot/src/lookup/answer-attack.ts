import type { AttackView } from "../attack/attack-view.js";
import { findAssetsOf, findTechniquesTargeting } from "../attack/find-assets.js";
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

/** Reads what belongs to an object: who uses it, what it uses, what to do about it. */
export async function answerAttack(asked: AttackView, object: AttackObject): Promise<AttackAnswer> {
  const view = { ...asked, brief: true };
  const { stix: _, collection_id: __, ...shown } = object;
  const successor = object.revoked ? await followRevoked(view, object) : undefined;
  const parent = technique.has(object.type) ? await findParentOf(view, object) : undefined;
  // Together: the database reads for one while the answer of another is decoded.
  const [users, techniques, tactics, subTechniques, used, groups, campaigns, assets] = await Promise.all([
    findUsersOf(view, object),
    findTechniquesFor(view, object),
    findTacticsOf(view, object),
    findSubTechniquesOf(view, object),
    findSoftwareOf(view, object),
    findGroupsOf(view, object),
    findCampaignsOf(view, object),
    findAssetsOf(view, object),
  ]);
  const [mitigations, detection] = await Promise.all([
    findMitigations(view, object, techniques),
    answerDetection(view, object, techniques),
  ]);
  const usersOf = (types: ReadonlySet<string>) => users.filter((user) => types.has(user.object.type));
  return {
    object: shown,
    ...(successor !== undefined && { successor: summarizeObject(successor) }),
    ...(parent !== undefined && { parent: summarizeObject(parent) }),
    tactics: tactics.map(summarizeObject),
    sub_techniques: subTechniques.map(summarizeObject),
    techniques: techniques.map(summarize),
    software: [...usersOf(software), ...used].map(summarize),
    groups: [...usersOf(group), ...groups].map(summarize),
    campaigns: [...usersOf(campaign), ...campaigns].map(summarize),
    mitigations: mostFirst(mitigations),
    assets: assets.map(summarize),
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

/** Mitigations of a technique, or of the techniques that a group, campaign or software uses. */
async function findMitigations(
  view: AttackView,
  object: AttackObject,
  techniques: readonly RelatedObject[],
): Promise<readonly AttackSummary[]> {
  const subjects = userTypes.has(object.type) ? techniques.map((used) => used.object) : [object];
  return (await findMitigationsOf(view, subjects)).map(summarize);
}
