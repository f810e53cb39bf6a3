import { type StixBundle, stixBundleSchema } from "../stix/stix-bundle.js";
import type { DemoDomain, DemoObject, DemoRelationship } from "./demo-domain.js";

const identityId = "identity--c78cb6e5-0c4b-4611-8297-d1b8b55e40b5";
const markingId = "marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168";

/** Writes a collection out as the STIX 2.1 bundle that an ATT&CK release is. */
export function buildDemoBundle(domain: DemoDomain): StixBundle {
  const ids = new Map(domain.objects.map((object) => [object.attackId, `${object.type}--${object.uuid}`]));
  const common = {
    spec_version: "2.1",
    created_by_ref: identityId,
    object_marking_refs: [markingId],
    x_mitre_attack_spec_version: "3.3.0",
    x_mitre_modified_by_ref: identityId,
  };
  const matrix = {
    type: "x-mitre-matrix",
    id: `x-mitre-matrix--${domain.matrix.uuid}`,
    ...common,
    created: domain.matrix.created,
    modified: domain.matrix.modified,
    name: domain.matrix.name,
    description: "The tactics of the demonstration data.",
    external_references: [{ source_name: "mitre-attack", external_id: domain.attackDomain }],
    tactic_refs: domain.objects.flatMap(({ type, attackId }) =>
      type === "x-mitre-tactic" ? (ids.get(attackId) ?? []) : [],
    ),
    x_mitre_domains: [domain.attackDomain],
    x_mitre_version: "1.0",
  };
  const content = [
    {
      type: "identity",
      id: identityId,
      spec_version: "2.1",
      created: "2017-06-01T00:00:00.000Z",
      modified: domain.identityModified,
      name: "The MITRE Corporation",
      identity_class: "organization",
      object_marking_refs: [markingId],
      x_mitre_domains: [domain.attackDomain],
    },
    {
      type: "marking-definition",
      id: markingId,
      spec_version: "2.1",
      created: "2017-06-01T00:00:00.000Z",
      created_by_ref: identityId,
      definition_type: "statement",
      definition: {
        statement:
          "Identifiers and names are those of MITRE ATT&CK, a trademark of The MITRE Corporation. The texts are not.",
      },
      x_mitre_domains: [domain.attackDomain],
    },
    matrix,
    ...domain.objects.map((object) => ({ ...common, ...toStix(object, domain) })),
    ...domain.relationships.map((relationship) => ({
      ...common,
      ...toStixRelationship(relationship, ids),
    })),
  ];
  const collection = {
    type: "x-mitre-collection",
    id: `x-mitre-collection--${domain.collection.uuid}`,
    ...common,
    created: domain.collection.created,
    modified: domain.collection.modified,
    name: domain.collection.name,
    description: "A small selection for demonstrations and tests. It is no release of MITRE's.",
    x_mitre_version: domain.release,
    x_mitre_contents: content.map((object) => ({
      object_ref: object.id,
      object_modified: "modified" in object ? object.modified : object.created,
    })),
  };
  return stixBundleSchema.parse({ type: "bundle", objects: [collection, ...content] });
}

function toStix(object: DemoObject, { attackDomain }: DemoDomain) {
  return {
    type: object.type,
    id: `${object.type}--${object.uuid}`,
    created: object.created,
    modified: object.modified,
    name: object.name,
    description: object.text,
    revoked: object.revoked ?? false,
    external_references: [
      { source_name: "mitre-attack", external_id: object.attackId, url: attackUrl(object) },
    ],
    x_mitre_domains: object.domains ?? [attackDomain],
    x_mitre_version: object.version,
    x_mitre_deprecated: object.deprecated ?? false,
    ...(object.platforms && { x_mitre_platforms: object.platforms }),
    ...typeSpecific(object, killChains[attackDomain]),
  };
}

const killChains = {
  "enterprise-attack": "mitre-attack",
  "ics-attack": "mitre-ics-attack",
  "mobile-attack": "mitre-mobile-attack",
} as const satisfies Record<DemoDomain["attackDomain"], string>;

function typeSpecific(object: DemoObject, killChain: string): object {
  const aliases = [object.name, ...(object.aliases ?? [])];
  switch (object.type) {
    case "attack-pattern":
      return {
        kill_chain_phases: (object.tactics ?? []).map((phase) => ({
          kill_chain_name: killChain,
          phase_name: phase,
        })),
        x_mitre_is_subtechnique: object.attackId.includes("."),
      };
    case "malware":
      return { is_family: true, x_mitre_aliases: aliases };
    case "tool":
      return { x_mitre_aliases: aliases };
    case "intrusion-set":
      return { aliases };
    case "campaign":
      return {
        aliases,
        ...(object.firstSeen && { first_seen: object.firstSeen }),
        ...(object.lastSeen && { last_seen: object.lastSeen }),
      };
    case "x-mitre-tactic":
      return { x_mitre_shortname: object.shortname };
    case "course-of-action":
    case "x-mitre-asset":
    case "x-mitre-data-component":
      return {};
  }
}

const urlFolders = {
  "attack-pattern": "techniques",
  campaign: "campaigns",
  "course-of-action": "mitigations",
  "intrusion-set": "groups",
  malware: "software",
  tool: "software",
  "x-mitre-asset": "assets",
  "x-mitre-data-component": "datacomponents",
  "x-mitre-tactic": "tactics",
} as const satisfies Record<DemoObject["type"], string>;

function attackUrl({ type, attackId }: DemoObject): string {
  return `https://attack.mitre.org/${urlFolders[type]}/${attackId.replace(".", "/")}`;
}

function toStixRelationship(relationship: DemoRelationship, ids: ReadonlyMap<string, string>) {
  const { uuid, source, type, target, created, modified } = relationship;
  return {
    type: "relationship",
    id: `relationship--${uuid}`,
    created,
    modified,
    relationship_type: type,
    description: `${source} ${type} ${target}.`,
    source_ref: ids.get(source),
    target_ref: ids.get(target),
    revoked: false,
    x_mitre_deprecated: false,
  };
}
