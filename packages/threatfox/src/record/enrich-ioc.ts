import { foldNames } from "@cti-connectors/core";
import { parse, v5 } from "uuid";
import { z } from "zod";
import { buildStixPattern, defang, type Indicator } from "../indicator/indicator.js";
import { parseIndicator } from "../indicator/parse-indicator.js";
import type { IocRecord } from "./ioc-record.js";
import { parseConfidence, parseDate, parseFlag, parseList, parseText } from "./read-field.js";

const text = z.string().nullable();
const date = z.date().nullable();

/** What exports need of the fields in `enriched`. */
export const exportedFields = z.object({
  indicator: z.object({
    type: text,
    value: z.string(),
    host: text,
    port: z.number().nullable(),
    problem: z.string().exactOptional(),
  }),
  threat_type: text,
  /** Malpedia key, such as `win.cobalt_strike`. */
  malware: text,
  /** Name for people, such as `Cobalt Strike`. */
  malware_name: text,
  aliases: z.array(z.string()).readonly(),
  tags: z.array(z.string()).readonly(),
  first_seen: date,
  last_seen: date,
  /** When ThreatFox drops the IOC; the document stays. */
  expires_at: date,
  /** 0 to 100. */
  confidence: z.number().nullable(),
  reference: text,
  reporter: text,
  is_compromised: z.boolean().exactOptional(),
  stix_id: z.string(),
  stix_pattern: text,
});

/** The `enriched` of a ThreatFox document. A type and not an interface, so that core accepts it. */
export type EnrichedIoc = Readonly<Omit<z.output<typeof exportedFields>, "indicator">> & {
  readonly indicator: { readonly [Field in keyof Indicator]: Indicator[Field] };
  readonly defanged: string;
  /** The tags as `foldName` spells them. */
  readonly folded_tags: readonly string[];
  readonly tlp: "TLP:CLEAR";
  /** SPDX identifier. */
  readonly license: "CC0-1.0";
};

/** Reads the fields to query from a record. Pure, and never throws: an odd field reads as null or empty. */
export function enrichIoc({ id, ioc, data }: Pick<IocRecord, "id" | "ioc" | "data">): EnrichedIoc {
  const indicator = parseIndicator(parseText(data.ioc_type), ioc);
  const firstSeen = parseDate(data.first_seen);
  const lastSeen = parseDate(data.last_seen);
  const isCompromised = parseFlag(data.is_compromised);
  const tags = parseList(data.tags);
  return {
    indicator,
    defanged: defang(indicator),
    threat_type: parseText(data.threat_type),
    malware: parseText(data.malware),
    malware_name: parseText(data.malware_printable),
    aliases: parseList(data.malware_alias),
    tags,
    folded_tags: foldNames(tags),
    first_seen: firstSeen,
    last_seen: lastSeen,
    expires_at: expireIoc(firstSeen, lastSeen),
    confidence: parseConfidence(data.confidence_level),
    reference: parseText(data.reference),
    reporter: parseText(data.reporter),
    ...(isCompromised === undefined ? {} : { is_compromised: isCompromised }),
    stix_id: deriveStixId("indicator", id),
    stix_pattern: buildStixPattern(indicator),
    tlp: "TLP:CLEAR",
    license: "CC0-1.0",
  };
}

const lifetimeMonths = 6;
/** Not every reader of a database knows later dates: Python ends here. */
const lastYear = 9999;

/**
 * When ThreatFox drops an IOC: six calendar months after it was seen last, at the same time of day in UTC, or on the
 * last day of a shorter month. "Since 2025-05-01, we are expiring IOCs that are older than 6 months"
 * (https://threatfox.abuse.ch/export/).
 *
 * @returns null if it is not known when the IOC was seen, and after the year 9999
 */
export function expireIoc(firstSeen: Date | null, lastSeen: Date | null): Date | null {
  const seen =
    firstSeen !== null && lastSeen !== null && firstSeen > lastSeen ? firstSeen : (lastSeen ?? firstSeen);
  if (seen === null) {
    return null;
  }
  const expiry = new Date(seen);
  expiry.setUTCMonth(seen.getUTCMonth() + lifetimeMonths);
  if (expiry.getUTCDate() !== seen.getUTCDate()) {
    expiry.setUTCDate(0);
  }
  return expiry.getUTCFullYear() > lastYear ? null : expiry;
}

/**
 * Namespace of our STIX ids: the UUIDv5 of `https://threatfox.abuse.ch/` in RFC 9562's URL namespace. STIX 2.1
 * (section 2.9) reserves its own namespace, 00abedb4-…, for observables.
 */
export const threatfoxNamespace = "50f4547e-3cf4-599f-b5b1-dfdeab483221";
const namespaceBytes = parse(threatfoxNamespace);

/** What ThreatFox's records become in STIX. */
type StixType = "bundle" | "identity" | "indicator" | "malware" | "relationship";

/**
 * The same STIX id for the same thing in every database.
 *
 * @param type a STIX object type
 * @param key what ThreatFox knows the thing by: the id of an IOC, the Malpedia key of a malware family
 */
export function deriveStixId<Type extends StixType>(type: Type, key: string): `${Type}--${string}` {
  return `${type}--${v5(Buffer.from(`${type}:${key}`), namespaceBytes)}`;
}
