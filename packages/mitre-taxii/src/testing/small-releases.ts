import type { StixObject } from "../taxii/stix-object.js";
import { attackRelease } from "./write-bundle.js";

export const ics = "x-mitre-collection--00000000-0000-4000-8000-000000000001";
const older = "2025-01-01T00:00:00.000Z";
const newer = "2025-06-01T00:00:00.000Z";

export function technique(attackId: string, name: string, modified: string, more: object = {}): StixObject {
  return {
    type: "attack-pattern",
    id: `attack-pattern--${attackId}`,
    spec_version: "2.1",
    created: "2020-01-01T00:00:00.000Z",
    modified,
    name,
    external_references: [{ source_name: "mitre-attack", external_id: attackId }],
    ...more,
  };
}

function uses(id: string, modified: string, target: string): StixObject {
  return {
    type: "relationship",
    id: `relationship--${id}`,
    spec_version: "2.1",
    created: "2020-01-01T00:00:00.000Z",
    modified,
    relationship_type: "uses",
    source_ref: "intrusion-set--sandworm",
    target_ref: `attack-pattern--${target}`,
  };
}

const always: readonly StixObject[] = [
  {
    type: "marking-definition",
    id: "marking-definition--1",
    spec_version: "2.1",
    created: "2017-01-01T00:00:00.000Z",
    definition_type: "statement",
  },
  {
    type: "intrusion-set",
    id: "intrusion-set--sandworm",
    spec_version: "2.1",
    created: older,
    modified: older,
    name: "Sandworm Team",
  },
  technique("T0001", "Kept", older),
];

/** A bundle with the list of what it holds; the marking definition is not in it, as in ICS ATT&CK. */
export function release(
  version: string,
  modified: string,
  objects: readonly StixObject[],
  collectionId = ics,
): readonly StixObject[] {
  const contents = objects.filter(({ type }) => type !== "marking-definition");
  return [
    {
      ...attackRelease(collectionId, version, modified),
      x_mitre_contents: contents.map(({ id, modified }) => ({
        object_ref: id,
        object_modified: modified ?? null,
      })),
    },
    ...objects,
  ];
}

export const release17 = release("17.1", older, [
  ...always,
  technique("T0002", "Changed", older),
  technique("T0003", "Deprecated", older),
  technique("T0004", "Revoked", older),
  technique("T0005", "Deprecated before", older, { x_mitre_deprecated: true }),
  technique("T0006", "Withdrawn", older),
  uses("withdrawn", older, "T0006"),
]);

export const release18 = release("18.1", newer, [
  ...always,
  technique("T0002", "Changed its name", newer),
  technique("T0003", "Deprecated", newer, { x_mitre_deprecated: true }),
  technique("T0004", "Revoked", newer, { revoked: true }),
  technique("T0005", "Deprecated before", newer, { x_mitre_deprecated: true }),
  technique("T0007", "Added", newer),
  uses("added", newer, "T0007"),
]);

/** What changed from the one to the other. */
export const changes17To18 = {
  summary: { added: 2, modified: 5, revoked: 1, deprecated: 1, withdrawn: 2 },
  types: [
    { type: "attack-pattern", added: 1, modified: 4, revoked: 1, deprecated: 1, withdrawn: 1 },
    { type: "relationship", added: 1, modified: 0, revoked: 0, deprecated: 0, withdrawn: 1 },
    { type: "x-mitre-collection", added: 0, modified: 1, revoked: 0, deprecated: 0, withdrawn: 0 },
  ],
  changes: [
    {
      change: "added",
      type: "attack-pattern",
      id: "attack-pattern--T0007",
      attack_id: "T0007",
      name: "Added",
      version: newer,
    },
    modified("T0002", "Changed its name"),
    { ...modified("T0003", "Deprecated"), deprecated: true },
    { ...modified("T0004", "Revoked"), revoked: true },
    modified("T0005", "Deprecated before"),
    {
      change: "withdrawn",
      type: "attack-pattern",
      id: "attack-pattern--T0006",
      attack_id: "T0006",
      name: "Withdrawn",
      version: older,
    },
    {
      change: "added",
      type: "relationship",
      id: "relationship--added",
      name: "Sandworm Team uses Added (T0007)",
      version: newer,
    },
    {
      change: "withdrawn",
      type: "relationship",
      id: "relationship--withdrawn",
      name: "Sandworm Team uses Withdrawn (T0006)",
      version: older,
    },
    {
      change: "modified",
      type: "x-mitre-collection",
      id: ics,
      name: `Release of ${ics}`,
      version: newer,
      previous_version: older,
    },
  ],
};

function modified(attackId: string, name: string) {
  return {
    change: "modified",
    type: "attack-pattern",
    id: `attack-pattern--${attackId}`,
    attack_id: attackId,
    name,
    version: newer,
    previous_version: older,
  };
}
