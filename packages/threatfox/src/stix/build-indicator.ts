import type { StoredIoc } from "../output/stored-ioc.js";
import { deriveStixId } from "../transform/derive-stix-id.js";
import { describeThreatType } from "../transform/describe-ioc-type.js";
import { formatStixTime, laterStixTime } from "./format-stix-time.js";
import { isWebAddress } from "./is-web-address.js";
import type { StixExternalReference, StixIndicator } from "./stix-object.js";
import { threatfoxIdentity } from "./threatfox-identity.js";
import { tlpClear } from "./tlp-clear.js";

/**
 * An IOC as a STIX 2.1 indicator. The same document always gives the same indicator.
 *
 * `modified` is when the document last changed, so that whoever has an older version takes this one.
 *
 * @returns undefined where the IOC has no pattern
 */
export function buildIndicator(ioc: StoredIoc): StixIndicator | undefined {
  const { _id, enriched } = ioc;
  if (enriched.stix_pattern === null) {
    return undefined;
  }
  const { confidence, expires_at } = enriched;
  const created = formatStixTime(enriched.first_seen) ?? ioc.first_ingested_at.toISOString();
  const validUntil = formatStixTime(expires_at);
  const labels = labelsOf(ioc);
  return {
    type: "indicator",
    spec_version: "2.1",
    id: deriveStixId("indicator", _id),
    created_by_ref: threatfoxIdentity.id,
    created,
    modified: laterStixTime(created, ioc.ingested_at.toISOString()),
    name: enriched.indicator.value,
    description: describe(ioc),
    indicator_types: indicatorTypesOf(ioc),
    pattern: enriched.stix_pattern,
    pattern_type: "stix",
    pattern_version: "2.1",
    valid_from: created,
    ...(validUntil !== undefined && validUntil > created && { valid_until: validUntil }),
    ...(labels.length > 0 && { labels }),
    ...(confidence !== null && { confidence: Math.round(confidence) }),
    external_references: referencesOf(ioc),
    object_marking_refs: [tlpClear.id],
  };
}

function describe({ enriched }: StoredIoc): string {
  const { threat_type, malware_name, malware, reporter } = enriched;
  const family = malware_name ?? malware;
  return [
    threat_type === null ? "Indicator of compromise" : (describeThreatType(threat_type) ?? threat_type),
    ...(family === null ? [] : [`Malware: ${family}`]),
    ...(reporter === null ? [] : [`Reported to ThreatFox by ${reporter}`]),
  ].join(". ");
}

/** Values of `indicator-type-ov` (section 10.8). ThreatFox takes in what is associated with malware, and nothing else. */
function indicatorTypesOf({ enriched }: StoredIoc): readonly string[] {
  const { threat_type, is_compromised } = enriched;
  const isKnown = threat_type !== null && describeThreatType(threat_type) !== null;
  return [isKnown ? "malicious-activity" : "unknown", ...(is_compromised === true ? ["compromised"] : [])];
}

function labelsOf({ enriched }: StoredIoc): readonly string[] {
  const { threat_type, tags } = enriched;
  return [...new Set([...(threat_type === null ? [] : [threat_type]), ...tags])];
}

function referencesOf({ _id, enriched }: StoredIoc): readonly StixExternalReference[] {
  const { reference } = enriched;
  // Only ThreatFox's own ids have a page; one like `CVE-2020-1` would mean something else (section 2.5).
  const page = /^\d+$/u.test(_id)
    ? { external_id: _id, url: `https://threatfox.abuse.ch/ioc/${_id}/` }
    : { description: `ThreatFox knows this IOC as ${_id}` };
  return [{ source_name: "ThreatFox", ...page }, ...(reference === null ? [] : [referTo(reference)])];
}

function referTo(reference: string): StixExternalReference {
  return isWebAddress(reference)
    ? { source_name: "Reference", url: reference }
    : { source_name: "Reference", description: reference };
}
