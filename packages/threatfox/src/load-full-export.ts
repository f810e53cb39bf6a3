import { hideUrlSecrets } from "@cti-connectors/core";
import { ExportFileError } from "./export-file/export-file-error.js";
import { removeDownload } from "./export-file/obtain-export.js";
import { fullExportUrl } from "./full-export-url.js";
import type { OpenGap } from "./iocs-checkpoint.js";
import { isFilledByFull } from "./is-filled.js";
import { type IocsContext, type IocsPage, type LoadProgress, loadExport } from "./load-export.js";

/**
 * Loads the full export of today. Returns the error, where it cannot be loaded to its end, or does not fill the gap: what came of it is
 * stored.
 *
 * @param gap what it is loaded for, if for a gap
 */
export async function* loadFullExport(
  progress: LoadProgress,
  context: IocsContext,
  gap?: OpenGap,
): AsyncGenerator<IocsPage, { readonly error?: unknown }> {
  const loadedAt = context.now().toISOString();
  try {
    const source = fullExportUrl(context.config);
    yield* loadExport(source, progress, context);
    const { oldest, newest } = progress.state.backfill ?? {};
    if (gap !== undefined && !isFilledByFull(gap, { oldest, newest })) {
      await removeDownload(source, context.config);
      throw new ExportFileError(
        `${hideUrlSecrets(source)} only holds IOCs first seen from ${oldest} to ${newest}`,
      );
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return { error };
  }
  const { backfill: _, refresh_tried_at: __, ...state } = progress.state;
  progress.state = { ...state, refreshed_at: loadedAt };
  return {};
}
