import type { IocsCheckpoint } from "./iocs-checkpoint.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Clocks differ. */
const marginMs = hourMs;

/** How far a run asks back that comes at its time, once a day or more often. After an outage there is enough to do: the next run will do. */
const regularDays = 2;

/** What decides about the full export where it has no gap to fill. */
export interface FullExportSituation {
  readonly state: Pick<IocsCheckpoint, "refreshed_at" | "refresh_tried_at">;
  /** How far back the API is asked. */
  readonly days: number;
  /** IOCs are stored, and nothing says how long ago ThreatFox was asked: longer than the API reaches back, perhaps. */
  readonly isForgotten: boolean;
}

/**
 * Pure. Whether a run loads the full export that has no gap to fill.
 *
 * @param everyDays 0: never
 */
export function isFullExportDue(
  { state, days, isForgotten }: FullExportSituation,
  now: Date,
  everyDays: number,
): boolean {
  return isForgotten
    ? everyDays > 0 && state.refreshed_at === undefined
    : days <= regularDays && isRefreshDue(state, now, everyDays);
}

/**
 * Pure. Whether the full export is to be loaded again, for what changed after the API stopped telling of it. One that could not be
 * loaded is tried again a day later.
 *
 * @param everyDays 0: never
 */
export function isRefreshDue(
  { refreshed_at, refresh_tried_at }: Pick<IocsCheckpoint, "refreshed_at" | "refresh_tried_at">,
  now: Date,
  everyDays: number,
): boolean {
  if (everyDays === 0 || refreshed_at === undefined) {
    return false;
  }
  const wasTried = refresh_tried_at !== undefined && ageMs(refresh_tried_at, now) < dayMs;
  return ageMs(refreshed_at, now) > everyDays * dayMs && !wasTried;
}

/** What runs once a day does not come at the same second. */
const earlyShare = 23 / 24;

/**
 * Pure. Whether the export of what was seen in the last 48 hours is to be loaded. The full export holds all of it.
 *
 * @param everyHours 0: never
 */
export function isRecentDue(
  { refreshed_at, recent }: Pick<IocsCheckpoint, "refreshed_at" | "recent">,
  now: Date,
  everyHours: number,
): boolean {
  if (everyHours === 0 || refreshed_at === undefined) {
    return false;
  }
  const ages = [refreshed_at, recent?.read_at ?? refreshed_at].map((time) => ageMs(time, now));
  return Math.min(...ages) >= everyHours * hourMs * earlyShare;
}

/** A time in the future is a wrong clock's, and counts as long ago. */
function ageMs(time: string, now: Date): number {
  const age = now.getTime() - Date.parse(time);
  return age < -marginMs ? Number.POSITIVE_INFINITY : age;
}
