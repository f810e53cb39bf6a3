/** One collection of the built-in data set, in short form. */
export interface DemoDomain {
  readonly attackDomain: "enterprise-attack" | "ics-attack" | "mobile-attack";
  /** The ATT&CK release, such as `18.1`. */
  readonly release: string;
  readonly collection: DemoIdentifiedObject;
  readonly matrix: DemoIdentifiedObject;
  readonly identityModified: string;
  readonly objects: readonly DemoObject[];
  readonly relationships: readonly DemoRelationship[];
}

interface DemoIdentifiedObject {
  readonly uuid: string;
  readonly name: string;
  readonly created: string;
  readonly modified: string;
}

export interface DemoObject extends DemoIdentifiedObject {
  readonly type:
    | "attack-pattern"
    | "campaign"
    | "course-of-action"
    | "intrusion-set"
    | "malware"
    | "tool"
    | "x-mitre-asset"
    | "x-mitre-data-component"
    | "x-mitre-tactic";
  /** Such as `T1059.001`. */
  readonly attackId: string;
  readonly version: string;
  readonly text: string;
  readonly shortname?: string;
  /** Short names. */
  readonly tactics?: readonly string[];
  readonly platforms?: readonly string[];
  /** Beside the name. */
  readonly aliases?: readonly string[];
  /** Absent: that of the collection. */
  readonly domains?: readonly string[];
  readonly revoked?: boolean;
  readonly deprecated?: boolean;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
}

export interface DemoRelationship {
  readonly uuid: string;
  /** ATT&CK ids. */
  readonly source: string;
  readonly type:
    | "attributed-to"
    | "detects"
    | "mitigates"
    | "revoked-by"
    | "subtechnique-of"
    | "targets"
    | "uses";
  readonly target: string;
  readonly created: string;
  readonly modified: string;
}
