import { fullExportUrl } from "../config/export-urls.js";
import { removeDownload } from "../export-file/obtain-export.js";
import type { OpenGap } from "./iocs-checkpoint.js";
import { isFilled, isFilledByFull } from "./is-filled.js";
import { type IocsContext, type IocsPage, type LoadProgress, loadExport } from "./load-export.js";

/**
 * Loads the export that the person asked for. Returns whether it fills the gap, where there is one.
 *
 * @param source path or URL
 */
export async function* loadAskedExport(
  source: string,
  gap: OpenGap | undefined,
  now: Date,
  progress: LoadProgress,
  context: IocsContext,
): AsyncGenerator<IocsPage, boolean> {
  const { config, log } = context;
  yield* loadExport(source, progress, context);
  const isFull = source === fullExportUrl(config);
  const { backfill, gap: _, ...before } = progress.state;
  const range = { oldest: backfill?.oldest, newest: backfill?.newest };
  const fills = gap === undefined || (isFull ? isFilledByFull(gap, range) : isFilled(gap, range, now));
  if (fills) {
    progress.state = isFull ? { ...before, refreshed_at: now.toISOString() } : before;
  } else {
    log.warn({ ...gap, ...range }, "the export does not cover everything that may be missing");
    progress.state = { ...before, gap };
  }
  yield { checkpointOnly: progress.state };
  await removeDownload(source, context);
  return fills;
}
