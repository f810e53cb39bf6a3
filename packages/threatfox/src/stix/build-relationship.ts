import type { StoredIoc } from "../output/stored-ioc.js";
import { deriveStixId } from "../record/derive-stix-id.js";
import { malwareIdOf } from "./build-malware.js";
import type { StixIndicator, StixRelationship } from "./stix-object.js";
import { threatfoxIdentity } from "./threatfox-identity.js";
import { tlpClear } from "./tlp-clear.js";

/**
 * What the indicator of an IOC indicates: its malware family. Its id is the IOC's, so that an IOC which ThreatFox assigns
 * to another family gets a new version of the relationship and not a second one.
 *
 * @returns undefined where no family is known
 */
export function buildRelationship(ioc: StoredIoc, indicator: StixIndicator): StixRelationship | undefined {
  const target = malwareIdOf(ioc);
  if (target === undefined) {
    return undefined;
  }
  return {
    type: "relationship",
    spec_version: "2.1",
    id: deriveStixId("relationship", `indicates:${ioc._id}`),
    created_by_ref: threatfoxIdentity.id,
    created: indicator.created,
    modified: indicator.modified,
    relationship_type: "indicates",
    source_ref: indicator.id,
    target_ref: target,
    object_marking_refs: [tlpClear.id],
  };
}
