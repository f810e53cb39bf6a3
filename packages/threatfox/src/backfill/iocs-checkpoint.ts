import { z } from "zod";

/** Which file an export is: where both say the same, so many records at its start are stored. */
export const exportIdentity = z.object({
  /** Path or URL, without secrets. */
  place: z.string(),
  /** Its length. */
  bytes: z.number(),
  /** Of a file the time of its last change, of a download its entity tag or date. */
  version: z.string(),
});
/** @see exportIdentity */
export type ExportIdentity = z.output<typeof exportIdentity>;

/** An export that is being loaded. */
export const exportProgress = z.object({
  ...exportIdentity.shape,
  /** Of a download, in ISO 8601. */
  downloaded_at: z.string().exactOptional(),
  /** How many of its records are stored, or in quarantine. */
  records: z.number(),
  /** Whether any of these names an IOC. */
  holds_ioc: z.literal(true).exactOptional(),
  /** When the oldest and the newest of these were first seen, in ISO 8601. */
  oldest: z.string().exactOptional(),
  newest: z.string().exactOptional(),
});
/** @see exportProgress */
export type ExportProgress = z.output<typeof exportProgress>;

/** From when to when IOCs were first seen that may be missing, in ISO 8601. */
export const openGap = z.object({ from: z.string(), to: z.string() });
/** @see openGap */
export type OpenGap = z.output<typeof openGap>;

/** What the step `iocs` remembers. Times are in ISO 8601. */
export const iocsCheckpoint = z.object({
  /** Which collection it tells of. Earlier versions did not say: then of the one that is loaded into. */
  collection: z.string().exactOptional(),
  /** When ThreatFox was asked last and everything that it answered was stored. */
  queried_at: z.string().exactOptional(),
  /** How many days that answer reached back. */
  days: z.number().exactOptional(),
  /** The first query, as long as not all that it answered is stored. */
  first_query: z.object({ at: z.string(), days: z.number() }).exactOptional(),
  /** What was first seen between these times may be missing, because neither the API nor an export could tell. */
  gap: openGap.exactOptional(),
  /** When the full export was loaded last; before that, when ThreatFox was asked first. */
  refreshed_at: z.string().exactOptional(),
  /** When it was to be loaded again, and could not be. */
  refresh_tried_at: z.string().exactOptional(),
  /** The export of what was seen in the last 48 hours, as it was loaded last. */
  recent: z
    .object({
      ...exportIdentity.pick({ place: true }).shape,
      read_at: z.string(),
      version: z.string().exactOptional(),
    })
    .exactOptional(),
  backfill: exportProgress.exactOptional(),
});
/** @see iocsCheckpoint */
export type IocsCheckpoint = z.output<typeof iocsCheckpoint>;

/** Pure. What is remembered of a collection: of what another one holds, nothing follows for it. */
export function checkpointOf(
  collection: string,
  checkpoint: IocsCheckpoint | undefined,
): IocsCheckpoint & { readonly collection: string } {
  const { collection: described = collection } = checkpoint ?? {};
  return described === collection ? { ...checkpoint, collection } : { collection };
}
