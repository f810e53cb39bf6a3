/** How far back ThreatFox is to be asked, and what it cannot tell any more. */
export interface Window {
  /** For `get_iocs`, 1 to 7. */
  readonly days: number;
  /** What was first seen between these two times is out of reach of `get_iocs`. */
  readonly gap?: Gap;
  /** The last query lies in the future: this machine's clock, or the one of back then, is wrong. */
  readonly isClockWrong?: true;
}

export interface Gap {
  readonly from: Date;
  readonly to: Date;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mostDays = 7;
/** Clocks differ, and an IOC can turn up in the API a little after it was first seen. */
const marginMs = hourMs;

/** When ThreatFox was asked for the first time, and how many days back. Not all of the answer is stored. */
export interface FirstQuery {
  readonly at: Date;
  readonly days: number;
}

/**
 * Pure. Reaches back at least as far as a first query that was interrupted, as far as the API does. Within an hour it asks the same again, so that
 * the database is that of a run that was not disturbed.
 */
export function planWindowAgain({ at, days }: FirstQuery, now: Date): Window {
  const window = planWindow(at, now, days);
  const elapsedMs = now.getTime() - at.getTime();
  if (window.gap !== undefined || window.isClockWrong) {
    return window;
  }
  return { days: elapsedMs <= marginMs ? days : Math.min(mostDays, days + Math.ceil(elapsedMs / dayMs)) };
}

/**
 * Pure. The first query reaches back `firstDays`, a later one just far enough to overlap the last.
 *
 * @param queriedAt when ThreatFox was asked last, and all of its answer was stored; undefined: never
 */
export function planWindow(queriedAt: Date | undefined, now: Date, firstDays: number): Window {
  if (queriedAt === undefined) {
    return { days: firstDays };
  }
  const elapsedMs = now.getTime() - queriedAt.getTime();
  if (!(elapsedMs >= -marginMs)) {
    return { days: mostDays, isClockWrong: true };
  }
  if (elapsedMs > mostDays * dayMs) {
    return { days: mostDays, gap: { from: queriedAt, to: new Date(now.getTime() - mostDays * dayMs) } };
  }
  const days = Math.ceil((elapsedMs + marginMs) / dayMs);
  return { days: Math.min(mostDays, Math.max(1, days)) };
}
