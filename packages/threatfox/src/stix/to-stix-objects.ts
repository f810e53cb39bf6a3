import { buildSimpleAddressPattern, type PatternStyle } from "../indicator/indicator.js";
import type { StoredIoc } from "../output/stored-ioc.js";
import { describeThreatType, linkMalpedia } from "../record/derived-texts.js";
import { deriveStixId } from "../record/enrich-ioc.js";
import type {
  StixExternalReference,
  StixId,
  StixIndicator,
  StixIocObject,
  StixMalware,
  StixRelationship,
} from "./stix-object.js";
import { beforeFirstIoc, threatfoxIdentity, tlpClear } from "./threatfox-identity.js";

export interface StixObjectOptions {
  /** Default `full`. */
  readonly pattern?: PatternStyle;
}

/**
 * An IOC in STIX 2.1: its indicator and, if its malware family is known, the family and the relationship between them.
 * They refer to `threatfoxIdentity` and to `tlpClear`, which a bundle of them should hold, too.
 *
 * @returns nothing if the IOC has no pattern: it is malformed, or STIX has no pattern for its type
 */
export function toStixObjects(
  ioc: StoredIoc,
  { pattern = "full" }: StixObjectOptions = {},
): readonly StixIocObject[] {
  const indicator = buildIndicator(ioc, pattern);
  if (indicator === undefined) {
    return [];
  }
  return [indicator, buildMalware(ioc), buildRelationship(ioc, indicator)].filter(
    (object) => object !== undefined,
  );
}

/**
 * An IOC as a STIX 2.1 indicator. The same document always gives the same indicator.
 *
 * `created` is when the database first got the IOC. ThreatFox's `first_seen` can change, and `created` must not (section 3.6).
 * `modified` is when the document last changed, so that consumers replace an older version.
 *
 * @returns undefined if the IOC has no pattern
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
    ...headOf("indicator", deriveStixId("indicator", _id), created, ioc.ingested_at.toISOString()),
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

/** What every object begins with. `modified` is never earlier than `created`. */
function headOf<Type extends string>(type: Type, id: StixId<Type>, created: string, modified: string) {
  return {
    type,
    spec_version: "2.1",
    id,
    created_by_ref: threatfoxIdentity.id,
    created,
    modified: laterStixTime(created, modified),
  } as const;
}

/** The STIX id of the malware family of an IOC; undefined if the family is unknown. */
function malwareIdOf({ enriched }: StoredIoc): StixId<"malware"> | undefined {
  const { malware } = enriched;
  return malware !== null && isMalwareFamily(malware) ? familyStixId(malware) : undefined;
}

/** The STIX id of a malware family by its key. */
export function familyStixId(malware: string): StixId<"malware"> {
  return deriveStixId("malware", malware);
}

/**
 * The malware family of an IOC, as that IOC describes it: the newest IOC of a family is right.
 *
 * @returns undefined if the family is unknown
 */
function buildMalware(ioc: StoredIoc): StixMalware | undefined {
  const { malware, malware_name, aliases } = ioc.enriched;
  const id = malwareIdOf(ioc);
  if (malware === null || id === undefined) {
    return undefined;
  }
  const name = malware_name ?? malware;
  const others = aliases.filter((alias) => alias !== name);
  return {
    ...headOf("malware", id, beforeFirstIoc, ioc.ingested_at.toISOString()),
    name,
    is_family: true,
    ...(others.length > 0 && { aliases: others }),
    external_references: [referToFamily(malware)],
    object_marking_refs: [tlpClear.id],
  };
}

/** Malpedia's keys are a platform and a name: `win.cobalt_strike`. */
function referToFamily(malware: string): StixExternalReference {
  const url = /^[a-z0-9]+\.[\w.-]+$/u.test(malware) ? linkMalpedia(malware) : null;
  return url === null
    ? { source_name: "ThreatFox", description: `ThreatFox knows this family as ${malware}` }
    : { source_name: "Malpedia", external_id: malware, url };
}

/** The UUID is the indicator's, so that the IOC of a relationship can be found. */
function relationshipIdOf({ id }: StixIndicator): StixId<"relationship"> {
  return `relationship--${id.slice("indicator--".length)}`;
}

/**
 * What the indicator of an IOC indicates: its malware family. Its id is the IOC's, so that an IOC which ThreatFox assigns
 * to another family gets a new version of the relationship and not a second one.
 *
 * @returns undefined if no family is known
 */
function buildRelationship(ioc: StoredIoc, indicator: StixIndicator): StixRelationship | undefined {
  const target = malwareIdOf(ioc);
  if (target === undefined) {
    return undefined;
  }
  return {
    ...headOf("relationship", relationshipIdOf(indicator), indicator.created, indicator.modified),
    relationship_type: "indicates",
    source_ref: indicator.id,
    target_ref: target,
    object_marking_refs: [tlpClear.id],
  };
}

/**
 * Tells whether a ThreatFox malware key stands for a family. `unknown`, `unknown_rat`, `unknown_stealer`, `apk.unknown` and the
 * like do not: IOCs that share one have nothing else in common.
 */
export function isMalwareFamily(malware: string): boolean {
  return !/^(?:[a-z0-9]+\.)?unknown(?:[_ -].*)?$/iu.test(malware);
}

/**
 * A STIX timestamp with milliseconds (STIX 2.1, section 2.16).
 *
 * @returns undefined for a year that RFC 3339 cannot write or that calendars do not have: before 1, after 9999
 */
export function formatStixTime(date: Date | null): string | undefined {
  const text = date?.toISOString();
  return text !== undefined && /^\d{4}-/u.test(text) && !text.startsWith("0000-") ? text : undefined;
}

/** The later one of two STIX timestamps with milliseconds. */
export function laterStixTime(one: string, other: string): string {
  const isEarlier = one < other;
  return isEarlier ? other : one;
}

const escaped = "%[0-9A-Fa-f]{2}";
const pathCharacter = `(?:[\\w.~!$&'()*+,;=:@/-]|${escaped})`;
const userInfo = `(?:(?:[\\w.~!$&'()*+,;=:-]|${escaped})*@)?`;
const host = `(?:\\[[0-9A-Fa-f:.]+\\]|(?:[\\w.~!$&'()*+,;=-]|${escaped})+)`;
const webAddress = new RegExp(
  `^https?://${userInfo}${host}(?::\\d*)?(?:/${pathCharacter}*)?(?:\\?(?:${pathCharacter}|\\?)*)?(?:#(?:${pathCharacter}|\\?)*)?$`,
  "iu",
);

/** Tells whether a text is an http or https URI to the letter of RFC 3986, which is stricter than the URL standard. */
export function isWebAddress(text: string): boolean {
  return webAddress.test(text) && URL.canParse(text);
}
