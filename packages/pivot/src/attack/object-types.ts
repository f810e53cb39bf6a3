/** The STIX types of what ATT&CK calls techniques, groups, software, … */
export const objectTypes = {
  technique: new Set(["attack-pattern"]),
  group: new Set(["intrusion-set"]),
  campaign: new Set(["campaign"]),
  software: new Set(["malware", "tool"]),
  mitigation: new Set(["course-of-action"]),
  detectionStrategy: new Set(["x-mitre-detection-strategy"]),
  analytic: new Set(["x-mitre-analytic"]),
  dataSource: new Set(["x-mitre-data-source"]),
  dataComponent: new Set(["x-mitre-data-component"]),
  asset: new Set(["x-mitre-asset"]),
  tactic: new Set(["x-mitre-tactic"]),
  matrix: new Set(["x-mitre-matrix"]),
  /** The head of a domain in a release. */
  collection: new Set(["x-mitre-collection"]),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>;

/** What ATT&CK calls an object. */
export type AttackObjectType = keyof typeof objectTypes;

/** Who uses techniques and software. */
export const userTypes: ReadonlySet<string> = new Set([
  ...objectTypes.group,
  ...objectTypes.campaign,
  ...objectTypes.software,
]);
