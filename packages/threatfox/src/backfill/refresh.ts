import { hideUrlSecrets } from "@cti-connectors/core";
import { fullExportUrl } from "../config/full-export-url.js";
import type { IocsContext, IocsPage, LoadProgress } from "./load-export.js";
import { loadFullExport } from "./load-full-export.js";

const never = new Date(0).toISOString();

/**
 * Loads the full export for IOCs that changed after the API stopped telling of them: it goes by when they were first seen.
 * Where it cannot be had, a warning says so, and another day will do.
 */
export async function* refresh(progress: LoadProgress, context: IocsContext): AsyncGenerator<IocsPage> {
  const { config, log, now } = context;
  const source = hideUrlSecrets(fullExportUrl(config));
  const { refreshed_at } = progress.state;
  log.info(
    { refreshed_at, export: source },
    "loading the full export, for IOCs that changed after the API stopped telling of them",
  );
  const { error } = yield* loadFullExport(progress, context);
  if (error !== undefined) {
    log.warn(
      { export: source, err: error },
      `the full export cannot be loaded, so that older IOCs stay as they were: tried again in a day (THREATFOX_REFRESH_DAYS=0: never)`,
    );
    progress.state = { refreshed_at: never, ...progress.state, refresh_tried_at: now().toISOString() };
  }
}
