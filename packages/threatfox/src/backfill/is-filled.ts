import type { OpenGap } from "./iocs-checkpoint.js";

/** ThreatFox forgets after six months: no export reaches further back. */
const longestMemoryMs = 180 * 24 * 3_600_000;

/** From when to when the IOCs of an export were first seen, in ISO 8601. */
export interface ExportRange {
  readonly oldest?: string | undefined;
  readonly newest?: string | undefined;
}

/**
 * Pure. Whether an export of any kind fills a gap: it reaches from before the gap, or from as far back as ThreatFox remembers, to behind it.
 */
export function isFilled(gap: OpenGap, { oldest = "", newest = "" }: ExportRange, now: Date): boolean {
  const from = Math.max(Date.parse(gap.from), now.getTime() - longestMemoryMs);
  return Date.parse(oldest) <= from && Date.parse(newest) >= Date.parse(gap.to);
}

/**
 * Pure. Whether an export that should be the full one fills a gap. It holds whatever ThreatFox remembers, so it need not reach from the
 * gap's beginning to its end: ThreatFox may have forgotten the one, and both may have been quiet. But it fills no gap
 *
 * - where all of it is older than the gap's beginning: it was made before, and served since;
 * - where all of it is newer than the gap's end: it is an export of the last days, whatever its address says.
 *
 * Whether it is stale, which leaves the gap open as well, shows once the API was asked: `isStale`.
 */
export function isFilledByFull(gap: OpenGap, { oldest = "", newest = "" }: ExportRange): boolean {
  return Date.parse(oldest) <= Date.parse(gap.to) && Date.parse(newest) >= Date.parse(gap.from);
}

/**
 * Pure. Whether an export was made before the gap ended: it holds nothing from there on, though the API, which reaches back to it, tells of
 * IOCs.
 *
 * @param told how many IOCs the API returned
 */
export function isStale({ to }: OpenGap, { newest = "" }: ExportRange, told: number): boolean {
  return told > 0 && Date.parse(newest) < Date.parse(to);
}
