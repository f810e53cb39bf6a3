import { type DomainView, domainNames, openDomainView } from "../attack/domain-view.js";
import { findObjectsOfType } from "../attack/find-objects.js";
import type { AttackName } from "../attack/find-related.js";
import { findCampaignsOf, findTechniquesOf } from "../attack/find-uses.js";
import { objectTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { heatGradient, legendItemOf } from "./colours.js";
import {
  composeLayer,
  type LayerTechnique,
  linkToTechnique,
  type NavigatorLayer,
} from "./navigator-layer.js";

interface GroupsTechnique {
  readonly technique: AttackObject;
  readonly groups: readonly AttackName[];
}

/**
 * A layer of what groups do: the score of a technique is how many groups use it, also in the campaigns that are attributed to them.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function createGroupsLayer(view: DomainView): Promise<NavigatorLayer> {
  const { release, shown } = await openDomainView(view);
  const groups = await findObjectsOfType(shown, objectTypes.group);
  const used = await findUsed(shown, groups);
  const most = Math.max(0, ...used.map((each) => each.groups.length));
  const gradient = heatGradient(0, most);
  return composeLayer({
    name: "Groups",
    domain: view.domain,
    release,
    description: `${domainNames[view.domain]} techniques that groups use, also in campaigns attributed to them. The score is how many groups use a technique.`,
    techniques: used.map(annotate),
    gradient,
    legendItems:
      most === 0 ? [] : [...new Set([1, most])].map((score) => legendItemOf(gradient, score, countOf(score))),
    metadata: [{ name: "groups", value: String(groups.length) }],
    links: [],
  });
}

async function findUsed(
  view: DomainView,
  groups: readonly AttackObject[],
): Promise<readonly GroupsTechnique[]> {
  const campaigns = await findCampaignsOf(view, groups);
  const attributed = new Map(
    campaigns.map(({ object, relationships }) => [object.id, relationships.map(({ target }) => target)]),
  );
  const users = [...groups, ...campaigns.map(({ object }) => object)];
  return (await findTechniquesOf(view, users)).map(({ object, relationships }) => {
    const found = relationships.flatMap(({ source }) => attributed.get(source.id) ?? [source]);
    const byId = new Map(found.map((group) => [group.id, group]));
    return { technique: object, groups: [...byId.values()].sort(byName) };
  });
}

function byName({ name: one = "" }: AttackName, { name: other = "" }: AttackName): number {
  return one < other ? -1 : Number(one > other);
}

function annotate({ technique, groups }: GroupsTechnique): LayerTechnique {
  const { attack_id = technique.id } = technique;
  return {
    techniqueID: attack_id,
    score: groups.length,
    comment: groups.map(nameGroup).join(", "),
    metadata: [{ name: "groups", value: String(groups.length) }],
    links: [...linkToTechnique(technique)],
  };
}

function nameGroup({ id, attack_id = id, name = attack_id }: AttackName): string {
  return `${name} (${attack_id})`;
}

function countOf(groups: number): string {
  return groups === 1 ? "1 group" : `${groups} groups`;
}
