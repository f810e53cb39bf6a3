interface TypeName {
  readonly one: string;
  /** Whether it uses techniques, so that the matrix can show which. */
  readonly isUser?: boolean;
}

/** What ATT&CK calls the types of STIX. */
export const typeNames: Readonly<Record<string, TypeName>> = {
  "attack-pattern": { one: "Technique" },
  "intrusion-set": { one: "Group", isUser: true },
  campaign: { one: "Campaign", isUser: true },
  malware: { one: "Malware", isUser: true },
  tool: { one: "Tool", isUser: true },
  "course-of-action": { one: "Mitigation" },
  "x-mitre-detection-strategy": { one: "Detection strategy" },
  "x-mitre-analytic": { one: "Analytic" },
  "x-mitre-data-component": { one: "Data component" },
  "x-mitre-data-source": { one: "Data source" },
  "x-mitre-asset": { one: "Asset" },
  "x-mitre-tactic": { one: "Tactic" },
  "x-mitre-matrix": { one: "Matrix" },
  // Of Malpedia, in suggestions.
  "malware-family": { one: "Malware family" },
};
