import { fullExportUrl, hideExportKey } from "../config/export-urls.js";
import type { ThreatfoxConfig } from "../config/threatfox-config.js";
import { ExportFileError } from "../export-file/export-file.js";
import { removeDownload } from "../export-file/obtain-export.js";
import type { OpenGap } from "./iocs-checkpoint.js";
import { type ExportRange, isFilledByFull, isStale } from "./is-filled.js";
import {
  type IocsContext,
  type IocsPage,
  isFaultOfExport,
  type LoadProgress,
  loadExport,
} from "./load-export.js";

/** How the load of a full export ended. What came of it is stored. */
interface LoadedExport {
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
      await removeDownload(source, context);
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
function rangeError(source: string, { oldest, newest }: ExportRange): ExportFileError {
  return new ExportFileError(`${hideExportKey(source)} has only IOCs first seen from ${oldest} to ${newest}`);
}

/** What was public while nobody asked could not be loaded. Everything else is stored, and the next run tries again. */
export class GapError extends Error {
  override readonly name = "GapError";
  readonly gap: OpenGap;

  constructor(gap: OpenGap, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `${describe(gap)}, and the full export did not fill it: ${reason}. The IOCs that the API has are stored. The next run tries again; to fill the gap now, get a full export from elsewhere and run with --backfill FILE`,
      { cause },
    );
    this.gap = gap;
  }
}

/** Loads the full export for what the API cannot tell any more. */
export async function* fillGap(
  gap: OpenGap,
  progress: LoadProgress,
  context: IocsContext,
): AsyncGenerator<IocsPage, LoadedExport> {
  const { config, log } = context;
  const source = hideExportKey(fullExportUrl(config));
  log.warn({ ...gap, export: source }, `${describe(gap)}: loading the full export`);
  const loaded = yield* loadFullExport(progress, context, gap);
  if (loaded.range !== undefined) {
    const { gap: _, ...state } = progress.state;
    progress.state = state;
  }
  return loaded;
}

/**
 * Why a gap is still open; undefined where it is filled.
 *
 * @param loaded what `fillGap` came to
 * @param told how many IOCs the API returned for as far back as it reaches
 */
export function findGapFault(
  gap: OpenGap,
  { error, range }: LoadedExport,
  told: number,
  config: ThreatfoxConfig,
): GapError | undefined {
  if (range === undefined) {
    return new GapError(gap, error);
  }
  return isStale(gap, range, told) ? new GapError(gap, rangeError(fullExportUrl(config), range)) : undefined;
}

function describe({ from, to }: OpenGap): string {
  return `IOCs first seen from ${from} to ${to} may be missing, because the last run was too long ago and the API reaches back only seven days`;
}

const never = new Date(0).toISOString();

/**
 * Loads the full export for IOCs that changed after the API stopped returning them: the API selects by `first_seen`.
 * Where it cannot be had, a warning says so, and another day will do.
 */
export async function* refresh(progress: LoadProgress, context: IocsContext): AsyncGenerator<IocsPage> {
  const { config, log, now } = context;
  const source = hideExportKey(fullExportUrl(config));
  const { refreshed_at } = progress.state;
  log.info(
    { refreshed_at, export: source },
    "loading the full export, to pick up changes to IOCs too old for the API",
  );
  const { error } = yield* loadFullExport(progress, context);
  if (error !== undefined) {
    log.warn(
      { export: source, err: error },
      `the full export cannot be loaded, so older IOCs are not updated; trying again in a day (to turn this off: THREATFOX_REFRESH_DAYS=0)`,
    );
    progress.state = { refreshed_at: never, ...progress.state, refresh_tried_at: now().toISOString() };
  }
}
