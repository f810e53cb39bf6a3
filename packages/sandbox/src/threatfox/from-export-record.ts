import { z } from "zod";
import type { ThreatfoxRecord } from "./threatfox-record.js";

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

/** As the API tells it, without what the exports leave out. */
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
