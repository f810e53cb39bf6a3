import type { AttackView } from "../attack/attack-view.js";
import { findTechniquesTargeting } from "../attack/find-assets.js";
import { findDetectionsOf } from "../attack/find-detections.js";
import { findMitigationsOf, findTechniquesMitigatedBy } from "../attack/find-mitigations.js";
import type { RelatedObject } from "../attack/find-related.js";
import { findParentOf, findSubTechniquesOf } from "../attack/find-sub-techniques.js";
import {
  findTechniquesByDataComponent,
  findTechniquesByTactic,
  findTechniquesDetectedBy,
} from "../attack/find-techniques.js";
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

/** An object of ATT&CK, without what it says at length. */
export interface AttackSummary
  extends Pick<AttackObject, "id" | "attack_id" | "name" | "type" | "url" | "tactics" | "deprecated"> {
  /** How many of the techniques, groups, … in question it is related with. */
  readonly relations: number;
  /** What ATT&CK says about the relation. Markdown, with citations as `(Citation: …)`. */
  readonly descriptions: readonly string[];
}

/** What ATT&CK knows about an object. A list is empty where nothing is known, or the question makes no sense. */
export interface AttackAnswer {
  readonly object: Omit<AttackObject, "stix" | "collection_id">;
  /** What is valid in its place, if it is revoked. */
  readonly successor?: AttackSummary;
  readonly parent?: AttackSummary;
  readonly sub_techniques: readonly AttackSummary[];
  /**
   * Those that a group, campaign or software uses, that a mitigation mitigates, that a detection strategy or a data component detects, that
   * target an asset, or that belong to a tactic.
   */
  readonly techniques: readonly AttackSummary[];
  readonly software: readonly AttackSummary[];
  readonly groups: readonly AttackSummary[];
  readonly campaigns: readonly AttackSummary[];
  /** Of the technique, or of all `techniques`: what covers most of them comes first. */
  readonly mitigations: readonly AttackSummary[];
  readonly detection_strategies: readonly AttackSummary[];
  readonly data_components: readonly AttackSummary[];
}

const { technique, group, campaign, software } = objectTypes;

/** Reads what belongs to an object: who uses it, what it uses, what to do about it. */
export async function answerAttack(view: AttackView, object: AttackObject): Promise<AttackAnswer> {
  const { stix: _, collection_id: __, ...shown } = object;
  const successor = object.revoked ? await followRevoked(view, object) : undefined;
  const parent = technique.has(object.type) ? await findParentOf(view, object) : undefined;
  const users = await findUsersOf(view, object);
  const techniques = await findTechniquesFor(view, object);
  const usersOf = (types: ReadonlySet<string>) => users.filter((user) => types.has(user.object.type));
  return {
    object: shown,
    ...(successor !== undefined && { successor: summarize(unrelated(successor)) }),
    ...(parent !== undefined && { parent: summarize(unrelated(parent)) }),
    sub_techniques: (await findSubTechniquesOf(view, object)).map(unrelated).map(summarize),
    techniques: techniques.map(summarize),
    software: [...usersOf(software), ...(await findSoftwareOf(view, object))].map(summarize),
    groups: [...usersOf(group), ...(await findGroupsOf(view, object))].map(summarize),
    campaigns: [...usersOf(campaign), ...(await findCampaignsOf(view, object))].map(summarize),
    ...(await findDefences(view, object, techniques)),
  };
}

/** The techniques that an object is about. None for a technique. */
async function findTechniquesFor(view: AttackView, object: AttackObject): Promise<readonly RelatedObject[]> {
  const { mitigation, detectionStrategy, dataComponent, asset, tactic } = objectTypes;
  if (mitigation.has(object.type)) {
    return findTechniquesMitigatedBy(view, object);
  }
  if (detectionStrategy.has(object.type)) {
    return findTechniquesDetectedBy(view, object);
  }
  if (dataComponent.has(object.type)) {
    return findTechniquesByDataComponent(view, object);
  }
  if (asset.has(object.type)) {
    return findTechniquesTargeting(view, object);
  }
  if (tactic.has(object.type)) {
    return (await findTechniquesByTactic(view, object)).map(unrelated);
  }
  return findTechniquesOf(view, object);
}

/** Mitigations and detections of a technique, or of the techniques that a group, campaign or software uses. */
async function findDefences(
  view: AttackView,
  object: AttackObject,
  techniques: readonly RelatedObject[],
): Promise<Pick<AttackAnswer, "mitigations" | "detection_strategies" | "data_components">> {
  const subjects = userTypes.has(object.type) ? techniques.map((used) => used.object) : [object];
  const { strategies, data_components } = await findDetectionsOf(view, subjects);
  return {
    mitigations: mostFirst(await findMitigationsOf(view, subjects)),
    detection_strategies: mostFirst(strategies),
    data_components: mostFirst(data_components),
  };
}

function mostFirst(related: readonly RelatedObject[]): readonly AttackSummary[] {
  return related.map(summarize).sort((one, other) => other.relations - one.relations);
}

function unrelated(object: AttackObject): RelatedObject {
  return { object, relationships: [] };
}

function summarize({ object, relationships }: RelatedObject): AttackSummary {
  const { id, attack_id, name, type, url, tactics, deprecated } = object;
  const descriptions = relationships.flatMap(({ description }) => description ?? []);
  return {
    id,
    attack_id,
    name,
    type,
    url,
    tactics,
    deprecated,
    relations: relationships.length,
    descriptions,
  };
}
