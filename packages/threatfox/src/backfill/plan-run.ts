import { queryDays } from "../client/query-threatfox.js";
import type { ThreatfoxConfig } from "../config/threatfox-config.js";
import type { IocsCheckpoint, OpenGap } from "./iocs-checkpoint.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Clocks differ, and an IOC can turn up in the API a little after it was first seen. */
const marginMs = hourMs;
/** What runs once a day does not come at the same second. */
const earlyShare = 23 / 24;
/** How far back a run asks that comes at its time, once a day or more often. After an outage there is enough to do: the next run will do. */
const regularDays = 2;

/** What a plan is made of. */
export interface RunSituation {
  readonly state: IocsCheckpoint;
  /** IOCs are stored, and nothing says how long ago ThreatFox was asked: longer than the API reaches back, perhaps. */
  readonly isForgotten: boolean;
  /** An export that the person asked for holds what the API cannot tell any more. */
  readonly isGapFilled?: boolean;
}

/** What a run of the step `iocs` asks ThreatFox for. */
export interface RunPlan {
  /** How far back to ask the API, in `queryDays`. */
  readonly days: number;
  /** What the API cannot tell any more: load the full export, and throw where that cannot tell either. */
  readonly gap?: OpenGap;
  /** Load the full export for IOCs that changed after the API stopped returning them. */
  readonly refreshes: boolean;
  /** The last query lies in the future: this machine's clock, or the one of back then, is wrong. */
  readonly isClockWrong?: true;
}

/** Pure. Decides what to ask ThreatFox for. */
export function planRun(
  { state, isForgotten, isGapFilled = false }: RunSituation,
  now: Date,
  config: Pick<ThreatfoxConfig, "QUERY_DAYS" | "THREATFOX_REFRESH_DAYS">,
): RunPlan {
  const { gap: found, ...query } = planQuery(state, now, config.QUERY_DAYS);
  const gap = isGapFilled ? undefined : mergeGaps(state.gap, found);
  const everyDays = config.THREATFOX_REFRESH_DAYS;
  const isDue = isForgotten
    ? everyDays > 0 && state.refreshed_at === undefined
    : query.days <= regularDays && isRefreshDue(state, now, everyDays);
  return { ...query, ...(gap !== undefined && { gap }), refreshes: gap === undefined && isDue };
}

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

type QueryPlan = Pick<RunPlan, "days" | "gap" | "isClockWrong">;

/**
 * The first query reaches back `firstDays`, a later one just far enough to overlap the last. One that was interrupted is asked again within
 * an hour, so that the database is that of a run that was not disturbed; later, it reaches back as far as the interrupted one did.
 */
function planQuery({ queried_at, first_query }: IocsCheckpoint, now: Date, firstDays: number): QueryPlan {
  const lastAt = queried_at ?? first_query?.at;
  if (lastAt === undefined) {
    return { days: firstDays };
  }
  const elapsedMs = now.getTime() - Date.parse(lastAt);
  if (!(elapsedMs >= -marginMs)) {
    return { days: queryDays.max, isClockWrong: true };
  }
  const reachMs = queryDays.max * dayMs;
  if (elapsedMs > reachMs) {
    return {
      days: queryDays.max,
      gap: { from: new Date(lastAt).toISOString(), to: new Date(now.getTime() - reachMs).toISOString() },
    };
  }
  const interruptedDays = queried_at === undefined ? first_query?.days : undefined;
  const days =
    interruptedDays === undefined
      ? Math.max(queryDays.min, Math.ceil((elapsedMs + marginMs) / dayMs))
      : interruptedDays + (elapsedMs <= marginMs ? 0 : Math.ceil(elapsedMs / dayMs));
  return { days: Math.min(queryDays.max, days) };
}

/** One gap that holds what an earlier run left open and what is found now. */
function mergeGaps(open: OpenGap | undefined, found: OpenGap | undefined): OpenGap | undefined {
  return found === undefined ? open : { from: open?.from ?? found.from, to: found.to };
}

/** A full export that could not be loaded is tried again a day later. */
function isRefreshDue(
  { refreshed_at, refresh_tried_at }: IocsCheckpoint,
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
