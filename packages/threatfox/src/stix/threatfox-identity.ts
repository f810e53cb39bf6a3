import { deriveStixId } from "../record/enrich-ioc.js";
import type { StixIdentity, StixMarkingDefinition } from "./stix-object.js";

/**
 * TLP:CLEAR of TLP 2.0, as OASIS publishes it: id, time and extension are fixed. STIX 2.1 itself defines only TLP 1,
 * whose TLP:WHITE has another id and may not be renamed (section 7.2.1.4).
 *
 * @see https://github.com/oasis-open/cti-stix-common-objects/tree/main/extension-definition-specifications/tlp-2.0
 */
export const tlpClear: StixMarkingDefinition = {
  type: "marking-definition",
  spec_version: "2.1",
  id: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
  created: "2022-10-01T00:00:00.000Z",
  name: "TLP:CLEAR",
  extensions: {
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
      extension_type: "property-extension",
      tlp_2_0: "clear",
    },
  },
};

/**
 * `created` of what has no time of its own in ThreatFox: before its first IOC, and the same in every export, because STIX
 * does not let it change (section 3.6).
 */
export const beforeFirstIoc = "2021-01-01T00:00:00.000Z";

/** The source, abuse.ch ThreatFox: `created_by_ref` of all other objects. */
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
