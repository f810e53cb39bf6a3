import { oneLine } from "@cti-connectors/core";
import type { LookupAnswer } from "@cti-connectors/pivot";

/** A term of a lookup, on a line of at most 200 characters. */
export function nameTerm({ term }: LookupAnswer): string {
  return oneLine(term, 200);
}

/** The ways in which a term was read, as people call them. */
export function nameReadings({ read_as }: LookupAnswer): string {
  return read_as.map((kind) => readingNames[kind] ?? kind).join(", ");
}

const readingNames: Readonly<Record<string, string>> = {
  address: "IP address",
  url: "URL",
  email: "e-mail address",
  cve: "CVE id",
  "attack-id": "ATT&CK id",
  "stix-id": "STIX id",
  "malpedia-key": "Malpedia key",
  "threatfox-id": "ThreatFox id",
};
