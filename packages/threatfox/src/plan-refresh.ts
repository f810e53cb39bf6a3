import type { IocsCheckpoint } from "./iocs-checkpoint.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Clocks differ. */
const marginMs = hourMs;

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

/** A time in the future is a wrong clock's, and counts as long ago. */
function ageMs(time: string, now: Date): number {
  const age = now.getTime() - Date.parse(time);
  return age < -marginMs ? Number.POSITIVE_INFINITY : age;
}
