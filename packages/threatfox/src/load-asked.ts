import { removeDownload } from "./export-file/obtain-export.js";
import type { OpenGap } from "./fill-gap.js";
import { fullExportUrl } from "./full-export-url.js";
import type { ExportProgress } from "./iocs-checkpoint.js";
import { holdsIocs, type IocsContext, type IocsPage, type LoadProgress, loadExport } from "./load-export.js";

/** ThreatFox forgets after six months: no export reaches further back. */
const longestMemoryMs = 180 * 24 * 3_600_000;

/**
 * Loads the export that the person asked for. Returns the gap, where the export does not fill it.
 *
 * @param source path or URL
 */
export async function* loadAsked(
  source: string,
  gap: OpenGap | undefined,
  now: Date,
  progress: LoadProgress,
  context: IocsContext,
): AsyncGenerator<IocsPage, OpenGap | undefined> {
  const { config, log } = context;
  yield* loadExport(source, progress, context);
  const isFull = source === fullExportUrl(config) && holdsIocs(progress);
  const { backfill, gap: _, ...before } = progress.state;
  const rest = isFull ? { ...before, refreshed_at: now.toISOString() } : before;
  const left = isFull || isFilled(gap, backfill, now) ? undefined : gap;
  if (left !== undefined) {
    log.warn(
      { ...left, oldest: backfill?.oldest, newest: backfill?.newest },
      "the export does not hold all that may be missing",
    );
  }
  progress.state = left === undefined ? rest : { ...rest, gap: left };
  yield { records: [], checkpoint: progress.state };
  await removeDownload(source, config);
  return left;
}

/** Whether the export reaches from before the gap to behind it. */
function isFilled(gap: OpenGap | undefined, loaded: ExportProgress | undefined, now: Date): boolean {
  if (gap === undefined) {
    return true;
  }
  const from = Math.max(Date.parse(gap.from), now.getTime() - longestMemoryMs);
  const { oldest = "", newest = "" } = loaded ?? {};
  return Date.parse(oldest) <= from && Date.parse(newest) >= Date.parse(gap.to);
}
