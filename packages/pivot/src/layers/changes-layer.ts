import type { StoreReader } from "@cti-connectors/core";
import {
  type Change,
  type ChangeClass,
  type CollectionChanges,
  readChanges,
} from "@cti-connectors/mitre-taxii";
import { type AttackDomain, collectionIds } from "../attack/attack-view.js";
import { attackDomains, domainNames } from "../attack/domain-view.js";
import {
  composeLayer,
  type LayerTechnique,
  linkToTechnique,
  type NavigatorLayer,
} from "./navigator-layer.js";

export interface ChangesLayerOptions {
  /** Such as `17.1`. Default: the stored release before the other. */
  readonly from?: string;
  /** Such as `18.1`. Default: the newest stored release. */
  readonly to?: string;
  /** Default: the first of Enterprise, Mobile and ICS of which both releases are stored. */
  readonly domain?: AttackDomain;
}

/**
 * How each class of changes looks, in the order of the legend: the colours of MITRE's changelog tool, which leaves out what was revoked or
 * deprecated.
 */
const looks = {
  additions: { label: "added", color: "#a1d99b" },
  major_version_changes: { label: "changed: major version", color: "#fcf3a2" },
  minor_version_changes: { label: "changed: minor version", color: "#c7c4e0" },
  other_version_changes: { label: "changed: other version", color: "#b5e5cf" },
  patches: { label: "changed: patch", color: "#b99095" },
  unclassed: { label: "changed", color: "#d9d9d9" },
  deprecations: { label: "deprecated", color: "#ff6363" },
  revocations: { label: "revoked", color: "#ff9000" },
  deletions: { label: "deleted", color: "#ff00e1" },
} as const;

/**
 * A layer of the techniques that were added, changed, deprecated, revoked and deleted between two stored releases. What was revoked or
 * deprecated before is left out.
 *
 * @returns undefined where no domain has two releases to compare
 * @throws UnknownReleaseError where a release is not stored
 */
export async function createChangesLayer(
  store: StoreReader,
  { from, to, domain }: ChangesLayerOptions = {},
): Promise<NavigatorLayer | undefined> {
  const releases = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const { collections } = await readChanges(store, {
    ...releases,
    ...(domain !== undefined && { collection: collectionIds[domain] }),
    withFields: true,
  });
  const domains = domain === undefined ? attackDomains : [domain];
  for (const each of domains) {
    const compared = collections.find(({ id, not_compared }) => {
      return id === collectionIds[each] && not_compared === undefined;
    });
    if (compared !== undefined) {
      return layerOf(each, compared);
    }
  }
  return undefined;
}

function layerOf(domain: AttackDomain, { from, to, changes }: CollectionChanges): NavigatorLayer {
  const techniques = changes.filter(
    ({ type, class: kind, attack_id }) =>
      type === "attack-pattern" && kind !== "retired" && attack_id !== undefined,
  );
  const occurring = Object.entries(looks).flatMap(([look, { label, color }]) => {
    const count = techniques.filter((change) => lookOf(change) === look).length;
    return count === 0 ? [] : [{ label, color, count }];
  });
  return composeLayer({
    name: `${domainNames[domain]} ATT&CK ${from} → ${to}`,
    domain,
    release: to ?? undefined,
    description: `Techniques of ${domainNames[domain]} ATT&CK that changed from release ${from} to ${to}. The Navigator does not show those that were revoked, deprecated or deleted.`,
    techniques: techniques.map((change) => annotate(change, to)),
    legendItems: occurring.map(({ label, color }) => ({ label, color })),
    metadata: occurring.map(({ label, count }) => ({ name: label, value: `${count} techniques` })),
    links: [],
  });
}

function lookOf({ class: kind }: { readonly class?: ChangeClass }): keyof typeof looks {
  return kind === undefined || kind === "retired" ? "unclassed" : kind;
}

function annotate(change: Change, release: string | null): LayerTechnique {
  const { attack_id = "", previous_attack_version, attack_version, fields = [], revoked_by } = change;
  const { label, color } = looks[lookOf(change)];
  const isNewVersion = previous_attack_version !== undefined && previous_attack_version !== attack_version;
  const names = fields.map(({ name }) => name);
  const details = [
    ...(isNewVersion ? [`Version ${previous_attack_version} → ${attack_version}.`] : []),
    ...(names.length === 0 ? [] : [`Changed fields: ${names.join(", ")}.`]),
    ...(revoked_by === undefined ? [] : [`Revoked by ${revoked_by.attack_id} ${revoked_by.name}.`]),
  ];
  return {
    techniqueID: attack_id,
    color,
    comment: [`${label[0]?.toUpperCase()}${label.slice(1)} in ${release}.`, ...details].join(" "),
    metadata: [{ name: "change", value: label }],
    links: [...linkToTechnique(change), ...(revoked_by === undefined ? [] : linkToTechnique(revoked_by))],
  };
}
