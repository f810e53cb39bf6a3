import { hideExportKey, recentExportUrl } from "../config/export-urls.js";
import { removeDownload } from "../export-file/obtain-export.js";
import type { IocsCheckpoint } from "./iocs-checkpoint.js";
import {
  type IocsContext,
  type IocsPage,
  isFaultOfExport,
  type LoadProgress,
  loadExport,
} from "./load-export.js";

/**
 * Loads the export of what was seen in the last 48 hours, where it is not the one that was loaded last: the API does not report IOCs that
 * were seen again. Where it cannot be had, a warning says so, and the next run tries again.
 *
 * @throws what the file system and the HTTP client throw, where neither the upstream nor the export is at fault
 */
export async function* loadRecentExport(
  progress: LoadProgress,
  context: IocsContext,
): AsyncGenerator<IocsPage> {
  const { config, log, now } = context;
  const source = recentExportUrl(config);
  const place = hideExportKey(source);
  const readAt = now().toISOString();
  const known = progress.state.recent?.place === place ? progress.state.recent.version : undefined;
  let version = known;
  try {
    if (yield* loadExport(source, progress, context, known)) {
      version = progress.state.backfill?.version;
    } else {
      log.info({ export: place }, "the recent export has not changed");
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isFaultOfExport(error)) {
      throw error;
    }
    log.warn(
      { export: place, err: error },
      "the recent export cannot be loaded, so last_seen and expires_at of IOCs seen again are not updated; the next run tries again (to turn this off: THREATFOX_RECENT_HOURS=0)",
    );
    return;
  }
  progress.state = {
    ...withoutProgress(progress.state, place),
    recent: { place, read_at: readAt, ...(version !== undefined && { version }) },
  };
  yield { checkpointOnly: progress.state };
  await removeDownload(source, context);
}

/** What is remembered of another export that was interrupted stays. */
function withoutProgress({ backfill, ...state }: IocsCheckpoint, place: string): IocsCheckpoint {
  return backfill === undefined || backfill.place === place ? state : { ...state, backfill };
}
