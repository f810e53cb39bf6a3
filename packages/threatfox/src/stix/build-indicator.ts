import { buildSimpleAddressPattern, type PatternStyle } from "../indicator/build-stix-pattern.js";
import type { StoredIoc } from "../output/stored-ioc.js";
import { deriveStixId } from "../record/derive-stix-id.js";
import { describeThreatType } from "../record/describe-ioc-type.js";
import { formatStixTime, laterStixTime } from "./format-stix-time.js";
import { isWebAddress } from "./is-web-address.js";
import { isMalwareFamily } from "./malware-family.js";
import type { StixExternalReference, StixIndicator } from "./stix-object.js";
import { threatfoxIdentity } from "./threatfox-identity.js";
import { tlpClear } from "./tlp-clear.js";

/**
 * An IOC as a STIX 2.1 indicator. The same document always gives the same indicator.
 *
 * `created` is when the database first got the IOC. ThreatFox's `first_seen` can change, and `created` must not (section 3.6).
 * `modified` is when the document last changed, so that whoever has an older version takes this one.
 *
 * @returns undefined where the IOC has no pattern
 */
export function buildIndicator(ioc: StoredIoc, style: PatternStyle): StixIndicator | undefined {
  const { _id, enriched } = ioc;
  const pattern = patternOf(ioc, style);
  if (pattern === null) {
    return undefined;
  }
  const { confidence, expires_at } = enriched;
  const created = ioc.first_ingested_at.toISOString();
  const validFrom = formatStixTime(enriched.first_seen) ?? created;
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
    pattern,
    pattern_type: "stix",
    pattern_version: "2.1",
    valid_from: validFrom,
    ...(validUntil !== undefined && validUntil > validFrom && { valid_until: validUntil }),
    ...(labels.length > 0 && { labels }),
    ...(confidence !== null && { confidence: Math.round(confidence) }),
    external_references: referencesOf(ioc),
    object_marking_refs: [tlpClear.id],
  };
}

function patternOf({ enriched }: StoredIoc, style: PatternStyle): string | null {
  const { stix_pattern, indicator } = enriched;
  const address = indicator.type === "ip:port" ? indicator.host : null;
  return style === "simple" && stix_pattern !== null && address !== null
    ? buildSimpleAddressPattern(address)
    : stix_pattern;
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

/** What ThreatFox calls malware of no known family ("Unknown RAT") is a label, because it is no `malware` object. */
function labelsOf({ enriched }: StoredIoc): readonly string[] {
  const { threat_type, malware, malware_name, tags } = enriched;
  const kind = malware === null || isMalwareFamily(malware) ? null : (malware_name ?? malware);
  return [...new Set([threat_type, kind, ...tags])].filter((label) => label !== null);
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
