import { deriveStixId } from "../record/derive-stix-id.js";
import type { StixIdentity } from "./stix-object.js";
import { tlpClear } from "./tlp-clear.js";

/**
 * `created` of what has no time of its own in ThreatFox: before its first IOC, and the same in every export, because STIX
 * does not let it change (section 3.6).
 */
export const beforeFirstIoc = "2021-01-01T00:00:00.000Z";

/** Who says so: abuse.ch ThreatFox, `created_by_ref` of everything else. */
export const threatfoxIdentity: StixIdentity = {
  type: "identity",
  spec_version: "2.1",
  id: deriveStixId("identity", "abuse.ch ThreatFox"),
  created: beforeFirstIoc,
  modified: beforeFirstIoc,
  name: "abuse.ch ThreatFox",
  description: "Shares indicators of compromise associated with malware, under CC0.",
  identity_class: "organization",
  external_references: [{ source_name: "ThreatFox", url: "https://threatfox.abuse.ch/" }],
  object_marking_refs: [tlpClear.id],
};
