import { type IocsContext, type IocsPage, type LoadProgress, loadExport } from "./load-export.js";

/** Loads the full export of today. Returns the error, where it cannot be loaded to its end: what came of it is stored. */
export async function* loadFullExport(
  progress: LoadProgress,
  context: IocsContext,
): AsyncGenerator<IocsPage, { readonly error?: unknown }> {
  const loadedAt = context.now().toISOString();
  try {
    yield* loadExport(context.config.THREATFOX_EXPORT_URL, progress, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return { error };
  }
  const { backfill: _, refresh_tried_at: __, ...state } = progress.state;
  progress.state = { ...state, refreshed_at: loadedAt };
  return {};
}
