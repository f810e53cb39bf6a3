import { z } from "zod";
import { date, number, text } from "./found-ioc.js";

const document = z.object({
  _id: z.string(),
  enriched: z.object({
    indicator: z.object({
      value: z.string().catch(""),
      host: text,
      reversed_domain: z.string().optional().catch(undefined),
    }),
    malware: text,
    confidence: number,
    first_seen: date,
    last_seen: date,
    expires_at: date,
  }),
});

/** The least that an answer says of an IOC. */
export interface BriefIoc {
  readonly value: string;
  /** Malpedia key. */
  readonly malware: string | null;
  /** 0 to 100. */
  readonly confidence: number | null;
  readonly first_seen: Date | null;
  readonly last_seen: Date | null;
  readonly expired: boolean;
}

/** A short answer's IOC, and what it can be found by. */
export interface IndexedIoc {
  /** ThreatFox's. */
  readonly id: string;
  readonly ioc: BriefIoc;
  readonly host: string | null;
  /** Absent without a domain. */
  readonly reversed_domain?: string | undefined;
}

/** What `readIndexedIoc` needs of a document. */
export const indexedIocProjection = {
  _id: 1,
  "enriched.indicator.value": 1,
  "enriched.indicator.host": 1,
  "enriched.indicator.reversed_domain": 1,
  "enriched.malware": 1,
  "enriched.confidence": 1,
  "enriched.first_seen": 1,
  "enriched.last_seen": 1,
  "enriched.expires_at": 1,
} as const;

/**
 * Reads a document of the IOC collection.
 *
 * @param now an IOC whose `expires_at` is not later has expired
 */
export function readIndexedIoc(stored: unknown, now: Date): IndexedIoc {
  const { _id: id, enriched } = document.parse(stored);
  const { indicator, expires_at, ...fields } = enriched;
  const { value, host, reversed_domain } = indicator;
  return {
    id,
    ioc: { value, ...fields, expired: expires_at !== null && expires_at <= now },
    host,
    reversed_domain,
  };
}
