import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";

/** An object is about ten times as long as its manifest record (1.5 kB and 0.15 kB in ATT&CK 18.1). */
const recordsPerObject = 10;

/** The `limit` of a request for objects. */
export function objectsPageLimit({ MITRE_PAGE_SIZE, MITRE_MAX_OBJECTS }: MitreTaxiiConfig): number {
  return Math.min(MITRE_PAGE_SIZE, MITRE_MAX_OBJECTS ?? MITRE_PAGE_SIZE);
}

/** The `limit` of a request for a manifest: about as many bytes as a page of objects. */
export function manifestPageLimit({ MITRE_PAGE_SIZE, MITRE_MAX_OBJECTS }: MitreTaxiiConfig): number {
  const limit = MITRE_PAGE_SIZE * recordsPerObject;
  return Math.min(limit, MITRE_MAX_OBJECTS ?? limit);
}
