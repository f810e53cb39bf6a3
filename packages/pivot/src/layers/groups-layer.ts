import { type DomainView, domainNames, openDomainView } from "../attack/domain-view.js";
import { findEdges } from "../attack/find-related.js";
import { type ListedAttackObject, listObjects } from "../attack/list-objects.js";
import type { AttackObjectType } from "../attack/object-types.js";
import { heatGradient, legendItemOf } from "./colours.js";
import {
  composeLayer,
  type LayerTechnique,
  linkToTechnique,
  type NavigatorLayer,
} from "./navigator-layer.js";

/** By STIX id. */
type Objects = ReadonlyMap<string, ListedAttackObject>;

interface GroupsTechnique {
  readonly technique: ListedAttackObject;
  readonly groups: readonly ListedAttackObject[];
}

/**
 * A layer of what groups do: the score of a technique is how many groups use it, also in the campaigns that are attributed to them. Reads few
 * fields of groups, campaigns, techniques and the relationships between them.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function createGroupsLayer(view: DomainView): Promise<NavigatorLayer> {
  const { release, shown } = await openDomainView(view);
  const groups = await readAll(shown, "group");
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
    metadata: [{ name: "groups", value: String(groups.size) }],
    links: [],
  });
}

async function readAll(view: DomainView, type: AttackObjectType): Promise<Objects> {
  const { objects } = await listObjects(view, { type, limit: Number.POSITIVE_INFINITY });
  return new Map(objects.map((object) => [object.id, object]));
}

async function findUsed(view: DomainView, groups: Objects): Promise<readonly GroupsTechnique[]> {
  const campaigns = await readAll(view, "campaign");
  const users = new Map([...groups.keys()].map((id) => [id, [id]]));
  for (const { source, target } of await findEdges(view, "target", "attributed-to", [...groups.keys()])) {
    if (campaigns.has(source)) {
      users.set(source, [...(users.get(source) ?? []), target]);
    }
  }
  const found = new Map<string, Set<string>>();
  for (const { source, target } of await findEdges(view, "source", "uses", [...users.keys()])) {
    found.set(target, new Set([...(found.get(target) ?? []), ...(users.get(source) ?? [])]));
  }
  return [...(await readAll(view, "technique")).values()].flatMap((technique) => {
    const ids = [...(found.get(technique.id) ?? [])];
    return ids.length === 0
      ? []
      : [{ technique, groups: ids.flatMap((id) => groups.get(id) ?? []).sort(byName) }];
  });
}

function byName({ name: one = "" }: ListedAttackObject, { name: other = "" }: ListedAttackObject): number {
  return one < other ? -1 : Number(one > other);
}

function annotate({ technique, groups }: GroupsTechnique): LayerTechnique {
  return {
    techniqueID: technique.attack_id,
    score: groups.length,
    comment: groups.map(nameGroup).join(", "),
    metadata: [{ name: "groups", value: String(groups.length) }],
    links: [...linkToTechnique(technique)],
  };
}

function nameGroup({ attack_id, name = attack_id }: ListedAttackObject): string {
  return `${name} (${attack_id})`;
}

function countOf(groups: number): string {
  return groups === 1 ? "1 group" : `${groups} groups`;
}
