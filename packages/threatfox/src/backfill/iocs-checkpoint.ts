import { z } from "zod";
import { exportIdentity, exportProgress } from "../export-file/export-file.js";

/** From when to when IOCs were first seen that may be missing, in ISO 8601. */
const openGap = z.object({ from: z.string(), to: z.string() });
/** @see openGap */
export type OpenGap = z.output<typeof openGap>;

/** What the step `iocs` remembers. Times are in ISO 8601. */
export const iocsCheckpoint = z.object({
  /** The collection that it describes. Earlier versions left this out: they meant the one that is loaded into. */
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
