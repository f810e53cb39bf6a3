import { z } from "zod";

/** What the API's queries look at; every other field is passed on as it is. */
export const threatfoxRecordSchema = z.looseObject({
  id: z.string(),
  ioc: z.string(),
  ioc_type: z.string(),
  threat_type: z.string().nullish(),
  threat_type_desc: z.string().nullish(),
  ioc_type_desc: z.string().nullish(),
  malware: z.string().nullish(),
  malware_printable: z.string().nullish(),
  malware_alias: z.string().nullish(),
  first_seen: z.string(),
  last_seen: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
});

export type ThreatfoxRecord = z.output<typeof threatfoxRecordSchema>;

/** Milliseconds since 1970 of `2022-08-05 11:40:15 UTC`; NaN for anything else. */
export function parseThreatfoxDate(text: string): number {
  return Date.parse(text.replace(" UTC", "Z").replace(" ", "T"));
}

/** When an IOC was seen last, first or again, in milliseconds since 1970; NaN where `first_seen` is no date. */
export function lastSeenAt({ first_seen, last_seen }: ThreatfoxRecord): number {
  const again = parseThreatfoxDate(last_seen ?? "");
  return Math.max(parseThreatfoxDate(first_seen), Number.isNaN(again) ? Number.NEGATIVE_INFINITY : again);
}

/** A date as ThreatFox writes it: `2022-08-05 11:40:15 UTC`. */
export function formatThreatfoxDate(millis: number): string {
  return new Date(millis)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}
