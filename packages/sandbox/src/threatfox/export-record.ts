import { z } from "zod";
import type { ThreatfoxRecord } from "./threatfox-record.js";

/** @see toExportRecord */
export type ExportRecord = ReturnType<typeof toExportRecord>;

/**
 * A record with the names and forms of ThreatFox's JSON export, in its order of fields. As
 * https://threatfox.abuse.ch/export/json/recent/ sent them in May 2026, kept in a test of AndroDR
 * (ThreatFoxDomainFeedTest.kt). The exports have neither descriptions nor a link to Malpedia, and no field that the API alone has.
 */
export function toExportRecord(record: ThreatfoxRecord) {
  return {
    ioc_value: record.ioc,
    ioc_type: record.ioc_type,
    threat_type: record.threat_type ?? null,
    malware: record.malware ?? null,
    malware_alias: record.malware_alias ?? null,
    malware_printable: record.malware_printable ?? null,
    first_seen_utc: withoutZone(record.first_seen),
    last_seen_utc: record.last_seen == null ? null : withoutZone(record.last_seen),
    confidence_level: record.confidence_level ?? null,
    is_compromised: record.is_compromised === true,
    reference: record.reference ?? null,
    tags: record.tags == null ? null : record.tags.join(","),
    anonymous: record.reporter === "anonymous" ? "1" : "0",
    reporter: record.reporter ?? null,
  };
}

function withoutZone(date: string): string {
  return date.replace(/ UTC$/, "");
}

export const exportRecordSchema = z.looseObject({
  ioc_value: z.string(),
  ioc_type: z.string(),
  threat_type: z.string().nullish(),
  malware: z.string().nullish(),
  malware_alias: z.string().nullish(),
  malware_printable: z.string().nullish(),
  first_seen_utc: z.string(),
  last_seen_utc: z.string().nullish(),
  tags: z.string().nullish(),
  anonymous: z.unknown().optional(),
});

/** The record as the API has it, without what the exports leave out. */
export function fromExportRecord(id: string, record: z.output<typeof exportRecordSchema>): ThreatfoxRecord {
  const { ioc_value, first_seen_utc, last_seen_utc, tags, anonymous: _, ...rest } = record;
  return {
    id,
    ioc: ioc_value,
    ...rest,
    first_seen: `${first_seen_utc} UTC`,
    last_seen: last_seen_utc == null ? null : `${last_seen_utc} UTC`,
    tags: tags == null ? null : tags.split(",").filter((tag) => tag !== ""),
  };
}
