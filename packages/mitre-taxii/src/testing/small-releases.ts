import type { ChangeClass, ChangeCounts } from "../changes/changes.js";
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

const noClasses = {
  additions: 0,
  major_version_changes: 0,
  minor_version_changes: 0,
  other_version_changes: 0,
  patches: 0,
  revocations: 0,
  deprecations: 0,
  deletions: 0,
  retired: 0,
} satisfies Record<ChangeClass, number>;

/** Counts of changes; what is left out is 0. */
function counts(some: Partial<Omit<ChangeCounts, "classes">> & { readonly classes?: object }): ChangeCounts {
  const none = { added: 0, modified: 0, revoked: 0, deprecated: 0, withdrawn: 0 };
  return { ...none, ...some, classes: { ...noClasses, ...some.classes } };
}

/** What changed from the one to the other. T0005 was deprecated before, too. */
export const changes17To18 = {
  summary: counts({
    added: 2,
    modified: 4,
    revoked: 1,
    deprecated: 1,
    withdrawn: 2,
    classes: {
      additions: 2,
      other_version_changes: 1,
      patches: 1,
      revocations: 1,
      deprecations: 1,
      deletions: 2,
    },
  }),
  types: [
    {
      type: "attack-pattern",
      ...counts({
        added: 1,
        modified: 3,
        revoked: 1,
        deprecated: 1,
        withdrawn: 1,
        classes: { additions: 1, patches: 1, revocations: 1, deprecations: 1, deletions: 1 },
      }),
    },
    {
      type: "relationship",
      ...counts({ added: 1, withdrawn: 1, classes: { additions: 1, deletions: 1 } }),
    },
    {
      type: "x-mitre-collection",
      ...counts({ modified: 1, classes: { other_version_changes: 1 } }),
    },
  ],
  changes: [
    {
      change: "added",
      class: "additions",
      type: "attack-pattern",
      id: "attack-pattern--T0007",
      attack_id: "T0007",
      name: "Added",
      version: newer,
    },
    modified("T0002", "Changed its name", "patches"),
    { ...modified("T0003", "Deprecated", "deprecations"), deprecated: true },
    { ...modified("T0004", "Revoked", "revocations"), revoked: true },
    {
      change: "withdrawn",
      class: "deletions",
      type: "attack-pattern",
      id: "attack-pattern--T0006",
      attack_id: "T0006",
      name: "Withdrawn",
      version: older,
    },
    {
      change: "added",
      class: "additions",
      type: "relationship",
      id: "relationship--added",
      name: "Sandworm Team uses Added (T0007)",
      version: newer,
    },
    {
      change: "withdrawn",
      class: "deletions",
      type: "relationship",
      id: "relationship--withdrawn",
      name: "Sandworm Team uses Withdrawn (T0006)",
      version: older,
    },
    {
      change: "modified",
      class: "other_version_changes",
      type: "x-mitre-collection",
      id: ics,
      name: `Release of ${ics}`,
      version: newer,
      previous_version: older,
      attack_version: "18.1",
      previous_attack_version: "17.1",
    },
  ],
};

function modified(attackId: string, name: string, changeClass: ChangeClass) {
  return {
    change: "modified",
    class: changeClass,
    type: "attack-pattern",
    id: `attack-pattern--${attackId}`,
    attack_id: attackId,
    name,
    version: newer,
    previous_version: older,
  };
}
