import type { AttackObject } from "../documents/attack-object.js";
import type { AttackView } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { type AttackRelationship, findRelated, type RelatedObject } from "./find-related.js";
import { findSubTechniquesOf } from "./find-sub-techniques.js";
import { objectTypes, userTypes } from "./object-types.js";

const { technique, group, campaign, software } = objectTypes;
const actorTypes: ReadonlySet<string> = new Set([...group, ...campaign]);

/** Whose uses count as those of a group or campaign. */
export interface UsesOptions {
  /** Those of the campaigns that are attributed to the group. Default: no. */
  readonly campaigns?: boolean;
  /** Those of the software that the group or campaign (with `campaigns`: or such a campaign) uses. Default: no. */
  readonly software?: boolean;
}

/**
 * The techniques that groups, campaigns and software use, each with the relationships that say so. Three reads for one subject; with the
 * options two or four more.
 *
 * @param subjects one or several, such as `G0034`, `C0024`, `S0154`
 */
export async function findTechniquesOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
  options: UsesOptions = {},
): Promise<readonly RelatedObject[]> {
  const users = await addCampaigns(view, await findSubjects(view, subjects, userTypes), options);
  const used = options.software === true ? await findUsed(view, users, software) : [];
  return findUsed(view, [...users, ...used.map(({ object }) => object)], technique);
}

/**
 * The software that groups and campaigns use.
 *
 * @param options `campaigns`: the software of the campaigns that are attributed to a group is its own
 */
export async function findSoftwareOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
  options: Pick<UsesOptions, "campaigns"> = {},
): Promise<readonly RelatedObject[]> {
  const users = await addCampaigns(view, await findSubjects(view, subjects, actorTypes), options);
  return findUsed(view, users, software);
}

function findUsed(view: AttackView, users: readonly AttackObject[], to: ReadonlySet<string>) {
  return findRelated(view, users, { from: "source", relationship_type: "uses", to });
}

async function addCampaigns(
  view: AttackView,
  users: readonly AttackObject[],
  { campaigns }: UsesOptions,
): Promise<readonly AttackObject[]> {
  const added = campaigns === true ? await findCampaignsOf(view, users) : [];
  return [...users, ...added.map(({ object }) => object)];
}

/** The campaigns that are attributed to groups. */
export async function findCampaignsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const groups = await findSubjects(view, subjects, group);
  return findRelated(view, groups, { from: "target", relationship_type: "attributed-to", to: campaign });
}

/** The groups that campaigns are attributed to. */
export async function findGroupsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const campaigns = await findSubjects(view, subjects, campaign);
  return findRelated(view, campaigns, { from: "source", relationship_type: "attributed-to", to: group });
}

const usedTypes: ReadonlySet<string> = new Set([...technique, ...software]);

export interface UsersOptions {
  /** Who uses a sub-technique uses the technique. Default: no. */
  readonly subTechniques?: boolean;
}

/**
 * The groups, campaigns and software that use techniques, and the groups and campaigns that use software: `object.type` is `intrusion-set`,
 * `campaign`, `malware` or `tool`.
 *
 * @param subjects one or several, such as `T1059`, `S0154`
 */
export async function findUsersOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
  { subTechniques }: UsersOptions = {},
): Promise<readonly RelatedObject[]> {
  const used = await findSubjects(view, subjects, usedTypes);
  const below = subTechniques === true ? await findSubTechniquesOf(view, used) : [];
  return findRelated(view, [...used, ...below], { from: "target", relationship_type: "uses", to: userTypes });
}

/**
 * How groups, campaigns and software use techniques, in ATT&CK's words, with what it cites. In the order of the users' ATT&CK ids.
 *
 * @param subjects one or several, such as `T1059.001`
 */
export async function findProcedureExamples(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
  options: UsersOptions = {},
): Promise<readonly AttackRelationship[]> {
  const techniques = await findSubjects(view, subjects, technique);
  const users = await findUsersOf(view, techniques, options);
  return users.flatMap(({ relationships }) => relationships);
}
