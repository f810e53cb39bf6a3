/** STIX objects of ATT&CK, as small as the connector takes them. */

const created = "2020-01-01T00:00:00.000Z";

/** @param type of STIX. The ids come from the ATT&CK id: `attack-pattern--T1059` */
export function attackObject(type: string, attackId: string, more: object = {}) {
  return {
    type,
    id: `${type}--${attackId}`,
    spec_version: "2.1",
    name: `name of ${attackId}`,
    created,
    modified: created,
    external_references: [{ source_name: "mitre-attack", external_id: attackId }],
    x_mitre_domains: ["enterprise-attack"],
    ...more,
  };
}

export function relationship(type: string, source: string, target: string, more: object = {}) {
  return {
    type: "relationship",
    id: `relationship--${type}-${source}-${target}`,
    spec_version: "2.1",
    relationship_type: type,
    source_ref: source,
    target_ref: target,
    created,
    modified: created,
    ...more,
  };
}
