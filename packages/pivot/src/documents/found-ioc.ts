import { z } from "zod";

/** What somebody has damaged reads as unknown: an analyst wants to see the rest. */
export const text = z.string().nullable().catch(null);
export const date = z.date().nullable().catch(null);
export const number = z.number().nullable().catch(null);

const document = z.object({
  _id: z.string(),
  enriched: z.object({
    indicator: z.object({ type: text, value: z.string().catch("") }),
    defanged: z.string().catch(""),
    threat_type: text,
    malware: text,
    malware_name: text,
    tags: z.array(z.string()).readonly().catch([]),
    first_seen: date,
    last_seen: date,
    expires_at: date,
    confidence: number,
    reference: text,
    reporter: text,
  }),
});

/** An IOC of ThreatFox as an answer shows it. */
export interface FoundIoc {
  /** ThreatFox's id. */
  readonly id: string;
  /** ThreatFox's `ioc_type`. */
  readonly type: string | null;
  readonly value: string;
  /** The value, written so that no program makes a link of it. */
  readonly defanged: string;
  readonly threat_type: string | null;
  /** Malpedia key. */
  readonly malware: string | null;
  readonly malware_name: string | null;
  /** 0 to 100. */
  readonly confidence: number | null;
  readonly first_seen: Date | null;
  readonly last_seen: Date | null;
  /** When ThreatFox drops it. */
  readonly expires_at: Date | null;
  readonly expired: boolean;
  readonly reporter: string | null;
  readonly reference: string | null;
  readonly tags: readonly string[];
}

/** What `readFoundIoc` needs of a document. */
export const foundIocProjection = { enriched: 1 } as const;

/**
 * Reads a document of the IOC collection.
 *
 * @param now an IOC whose `expires_at` is not later has expired
 */
export function readFoundIoc(stored: unknown, now: Date): FoundIoc {
  const { _id, enriched } = document.parse(stored);
  const { indicator, expires_at } = enriched;
  return {
    id: _id,
    type: indicator.type,
    value: indicator.value,
    defanged: enriched.defanged,
    threat_type: enriched.threat_type,
    malware: enriched.malware,
    malware_name: enriched.malware_name,
    confidence: enriched.confidence,
    first_seen: enriched.first_seen,
    last_seen: enriched.last_seen,
    expires_at,
    expired: expires_at !== null && expires_at <= now,
    reporter: enriched.reporter,
    reference: enriched.reference,
    tags: enriched.tags,
  };
}
