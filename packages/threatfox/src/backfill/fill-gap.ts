import { hideUrlSecrets } from "@cti-connectors/core";
import { fullExportUrl } from "../config/full-export-url.js";
import type { ThreatfoxConfig } from "../config/threatfox-config.js";
import type { OpenGap } from "./iocs-checkpoint.js";
import { type ExportRange, isStale } from "./is-filled.js";
import type { IocsContext, IocsPage, LoadProgress } from "./load-export.js";
import { loadFullExport, rangeError } from "./load-full-export.js";
import type { Gap } from "./plan-window.js";

/** What was public while nobody asked could not be loaded. Everything else is stored, and the next run tries again. */
export class GapError extends Error {
  override readonly name = "GapError";
  readonly gap: OpenGap;

  constructor(gap: OpenGap, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `${describe(gap)}, and the full export did not fill it: ${reason}. What ThreatFox tells now is stored; the next run tries again, and so does --backfill FILE with a full export from elsewhere`,
      { cause },
    );
    this.gap = gap;
  }
}

/** One gap that holds what an earlier run left open and what is found now. */
export function mergeGaps(open: OpenGap | undefined, found: Gap | undefined): OpenGap | undefined {
  return found === undefined
    ? open
    : { from: open?.from ?? found.from.toISOString(), to: found.to.toISOString() };
}

/** What became of a gap. */
export interface GapFilling {
  readonly gap: OpenGap;
  /** The full export could not be loaded to its end, or tells nothing of the gap. */
  readonly fault?: GapError;
  /** Of the export that was loaded. */
  readonly range?: ExportRange;
}

/** Loads the full export. */
export async function* fillGap(
  gap: OpenGap,
  progress: LoadProgress,
  context: IocsContext,
): AsyncGenerator<IocsPage, GapFilling> {
  const { config, log } = context;
  const source = hideUrlSecrets(fullExportUrl(config));
  log.warn({ ...gap, export: source }, `${describe(gap)}: loading the full export`);
  const { error, range } = yield* loadFullExport(progress, context, gap);
  if (range === undefined) {
    return { gap, fault: new GapError(gap, error) };
  }
  const { gap: _, ...state } = progress.state;
  progress.state = state;
  return { gap, range };
}

/**
 * Why a gap is still open; undefined where it is filled.
 *
 * @param told how many IOCs the API told of, asked as far back as it reaches
 */
export function findGapFault(
  { gap, fault, range }: GapFilling,
  told: number,
  config: ThreatfoxConfig,
): GapError | undefined {
  return range !== undefined && isStale(gap, range, told)
    ? new GapError(gap, rangeError(fullExportUrl(config), range))
    : fault;
}

function describe({ from, to }: OpenGap): string {
  return `IOCs first seen from ${from} to ${to} may be missing, because nobody asked in time and the API reaches back seven days`;
}
