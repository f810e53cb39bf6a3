import { z } from "zod";
import { time } from "./attack-json.js";
import { iocJson } from "./lookup-json.js";

export const iocsJson = z
  .object({
    iocs: z.array(iocJson).readonly().meta({ description: "newest first, by `first_seen`" }),
    next: z.string().optional().meta({
      description: "`before` of the next page. Absent: this is the last one",
    }),
  })
  .meta({ id: "Iocs" });
export type IocsJson = z.output<typeof iocsJson>;

const counts = z.array(z.number()).readonly();

export const dailyIocsJson = z
  .object({
    days: z.array(z.iso.date()).readonly().meta({ description: "in UTC, oldest first" }),
    series: z
      .array(
        z.object({
          key: z.string().meta({ description: "Malpedia key, or the type of IOC" }),
          name: z.string(),
          counts: counts.meta({ description: "one for each day" }),
        }),
      )
      .readonly()
      .meta({ description: "the ten largest, the largest first" }),
    other: counts.meta({ description: "all others, and IOCs without a family or type" }),
  })
  .meta({ id: "DailyIocs" });
export type DailyIocsJson = z.output<typeof dailyIocsJson>;

export const newFamiliesJson = z
  .object({
    families: z
      .array(
        z.object({
          malware: z.string().meta({ description: "Malpedia key" }),
          name: z.string(),
          first_seen: time,
          iocs: z.number(),
        }),
      )
      .readonly()
      .meta({ description: "those seen last first" }),
  })
  .meta({ id: "NewFamilies" });
export type NewFamiliesJson = z.output<typeof newFamiliesJson>;
