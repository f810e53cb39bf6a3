/** The STIX types of what ATT&CK calls techniques, groups, software, … */
export const objectTypes = {
  technique: new Set(["attack-pattern"]),
  group: new Set(["intrusion-set"]),
  campaign: new Set(["campaign"]),
  software: new Set(["malware", "tool"]),
  mitigation: new Set(["course-of-action"]),
  detectionStrategy: new Set(["x-mitre-detection-strategy"]),
  dataComponent: new Set(["x-mitre-data-component"]),
  asset: new Set(["x-mitre-asset"]),
  tactic: new Set(["x-mitre-tactic"]),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>;

/** Who uses techniques and software. */
export const userTypes: ReadonlySet<string> = new Set([
  ...objectTypes.group,
  ...objectTypes.campaign,
  ...objectTypes.software,
]);
