import { z } from "zod";

const text = z.string().nullable();
const date = z.date().nullable();

/** A document of the IOC collection, as far as exports need it. */
export const storedIoc = z.object({
  _id: z.string(),
  first_ingested_at: z.date(),
  /** When it changed last. */
  ingested_at: z.date(),
  enriched: z.object({
    indicator: z.object({
      type: text,
      value: z.string(),
      host: text,
      port: z.number().nullable(),
      problem: z.string().exactOptional(),
    }),
    threat_type: text,
    malware: text,
    malware_name: text,
    aliases: z.array(z.string()).readonly(),
    tags: z.array(z.string()).readonly(),
    first_seen: date,
    last_seen: date,
    expires_at: date,
    confidence: z.number().nullable(),
    reference: text,
    reporter: text,
    is_compromised: z.boolean().exactOptional(),
    stix_id: z.string(),
    stix_pattern: text,
  }),
});

/** @see storedIoc */
export type StoredIoc = z.output<typeof storedIoc>;
