import type { StoreReader } from "@cti-connectors/core";
import { type DomainView, domainNames, openDomainView } from "../attack/domain-view.js";
import { findObjects } from "../attack/find-objects.js";
import { findTechniquesOf } from "../attack/find-uses.js";
import type { AttackObject } from "../documents/attack-object.js";
import type { RecentIocCount } from "../iocs/count-recent-iocs.js";
import { type FoundFamily, findFamilies } from "../links/find-families.js";
import { heatGradient, legendItemOf } from "./colours.js";
import {
  composeLayer,
  type LayerTechnique,
  linkToTechnique,
  type NavigatorLayer,
} from "./navigator-layer.js";

export interface IocsLayerOptions {
  /** IOCs count that were first seen then or later. */
  readonly since: Date;
  /** The collection of IOCs: the setting COLLECTION_NAME. Default `threatfox_raw`. */
  readonly iocs?: string;
  /** The IOCs since then, where they are counted already. Default: those of each linked family are counted by an index, and none is read. */
  readonly counts?: readonly RecentIocCount[];
}

/** A linked family of which IOCs were seen. */
interface SeenFamily {
  readonly family: FoundFamily;
  readonly iocs: number;
}

/** A technique, the families whose software uses it, and the STIX ids of all software that does. */
interface SeenTechnique {
  readonly technique: AttackObject;
  readonly families: readonly SeenFamily[];
  readonly users: ReadonlySet<string>;
}

/**
 * A layer of what malware does that is around: the score of a technique is how many recent IOCs belong to families whose software uses it.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function createIocsLayer(
  view: DomainView,
  { since, iocs = "threatfox_raw", counts }: IocsLayerOptions,
): Promise<NavigatorLayer> {
  const { release, shown } = await openDomainView(view);
  const count = counts === undefined ? countStored(view.store, iocs, since) : countKnown(counts);
  const seen = await countIocs(view.store, count);
  const techniques = (await findSeenTechniques(shown, seen)).map(annotate);
  const scores = techniques.map(({ score = 0 }) => score);
  const most = Math.max(0, ...scores);
  const gradient = heatGradient(0, most);
  const counted = seen.reduce((sum, family) => sum + family.iocs, 0);
  const day = since.toISOString().slice(0, "2026-11-01".length);
  return composeLayer({
    name: `IOCs since ${day}`,
    domain: view.domain,
    release,
    description: `${domainNames[view.domain]} techniques of malware with IOCs at ThreatFox first seen since ${since.toISOString()}. The score is how many of these IOCs belong to families whose software uses the technique.`,
    techniques,
    gradient,
    legendItems:
      most === 0 ? [] : [...new Set([1, most])].map((score) => legendItemOf(gradient, score, countOf(score))),
    metadata: [
      { name: "IOCs first seen since", value: since.toISOString() },
      { name: "IOCs of families linked with ATT&CK", value: String(counted) },
      { name: "families linked with ATT&CK", value: String(seen.length) },
      { name: "all IOCs", value: String(await count()) },
    ],
    links: [],
  });
}

/** Counts the recent IOCs of a family, or of all. */
type CountIocs = (malware?: string) => Promise<number>;

function countStored(store: StoreReader, collection: string, since: Date): CountIocs {
  const recent = { "enriched.first_seen": { $gte: since } };
  return (malware) =>
    store.count(collection, { ...(malware !== undefined && { "enriched.malware": malware }), ...recent });
}

function countKnown(counts: readonly RecentIocCount[]): CountIocs {
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const ofFamilies = new Map<string | null, number>();
  for (const { malware, count } of counts) {
    ofFamilies.set(malware, (ofFamilies.get(malware) ?? 0) + count);
  }
  return async (malware) => (malware === undefined ? all : (ofFamilies.get(malware) ?? 0));
}

/** The linked families with IOCs, those with the most first. */
async function countIocs(store: StoreReader, count: CountIocs): Promise<readonly SeenFamily[]> {
  const seen: SeenFamily[] = [];
  for (const family of await findFamilies(store, "enriched.state", ["linked"])) {
    const iocs = await count(family.malware);
    if (iocs > 0) {
      seen.push({ family, iocs });
    }
  }
  return seen.sort((one, other) => other.iocs - one.iocs);
}

async function findSeenTechniques(
  view: DomainView,
  seen: readonly SeenFamily[],
): Promise<readonly SeenTechnique[]> {
  const linked = await findObjects(
    view,
    seen.flatMap(({ family }) => family.links.map(({ stix_id }) => stix_id)),
  );
  const software = linked.filter(({ revoked, deprecated }) => !(revoked || deprecated));
  const used = await findTechniquesOf(view, software);
  return used.map(({ object, relationships }) => {
    const users = new Set(relationships.map(({ source }) => source.id));
    return {
      technique: object,
      users,
      families: seen.filter(({ family }) => family.links.some(({ stix_id }) => users.has(stix_id))),
    };
  });
}

function annotate({ technique, families, users }: SeenTechnique): LayerTechnique {
  const { attack_id = technique.id } = technique;
  const score = families.reduce((sum, { iocs }) => sum + iocs, 0);
  return {
    techniqueID: attack_id,
    score,
    comment: families
      .map(({ family: { name, malware, links }, iocs }) => {
        const software = links.filter(({ stix_id }) => users.has(stix_id)).map(({ attack_id }) => attack_id);
        return `${name} (${malware}, ${software.join(", ")}): ${countOf(iocs)}`;
      })
      .join("\n"),
    metadata: [
      { name: "IOCs", value: String(score) },
      { name: "families", value: String(families.length) },
    ],
    links: [...linkToTechnique(technique)],
  };
}

function countOf(iocs: number): string {
  return iocs === 1 ? "1 IOC" : `${iocs} IOCs`;
}
