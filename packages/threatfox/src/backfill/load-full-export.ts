import { hideUrlSecrets } from "@cti-connectors/core";
import { fullExportUrl } from "../config/full-export-url.js";
import { ExportFileError } from "../export-file/export-file-error.js";
import { removeDownload } from "../export-file/obtain-export.js";
import type { OpenGap } from "./iocs-checkpoint.js";
import { type ExportRange, isFilledByFull } from "./is-filled.js";
import {
  type IocsContext,
  type IocsPage,
  isFaultOfExport,
  type LoadProgress,
  loadExport,
} from "./load-export.js";

/** How the load of a full export ended. What came of it is stored. */
export interface LoadedExport {
  /** It could not be loaded to its end, or does not fill the gap. */
  readonly error?: unknown;
  /** It was loaded. */
  readonly range?: ExportRange;
}

/**
 * Loads the full export of today.
 *
 * @param gap what it is loaded for, if for a gap
 * @throws what the file system and the HTTP client throw, where neither the upstream nor the export is at fault
 */
export async function* loadFullExport(
  progress: LoadProgress,
  context: IocsContext,
  gap?: OpenGap,
): AsyncGenerator<IocsPage, LoadedExport> {
  const loadedAt = context.now().toISOString();
  let range: ExportRange;
  try {
    const source = fullExportUrl(context.config);
    yield* loadExport(source, progress, context);
    const { oldest, newest } = progress.state.backfill ?? {};
    range = { oldest, newest };
    if (gap !== undefined && !isFilledByFull(gap, range)) {
      await removeDownload(source, context.config);
      throw rangeError(source, range);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isFaultOfExport(error)) {
      throw error;
    }
    return { error };
  }
  const { backfill: _, refresh_tried_at: __, ...state } = progress.state;
  progress.state = { ...state, refreshed_at: loadedAt };
  return { range };
}

/** Tells what an export holds that does not fill a gap. */
export function rangeError(source: string, { oldest, newest }: ExportRange): ExportFileError {
  return new ExportFileError(
    `${hideUrlSecrets(source)} only holds IOCs first seen from ${oldest} to ${newest}`,
  );
}
