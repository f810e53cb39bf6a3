import type { Check } from "./check.js";

const largestSkewMs = 5 * 60_000;

/**
 * Compares the clock of this machine with another.
 *
 * @param whose the other one, for people
 */
export function checkClock(other: Date, whose: string, now: Date = new Date()): Check {
  const aheadMs = now.getTime() - other.getTime();
  const skew = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs < 0 ? "behind" : "ahead of"} ${whose}`;
  return Math.abs(aheadMs) > largestSkewMs
    ? {
        name: "clock",
        state: "warning",
        text: `${skew}: synchronise the clocks (NTP): request budgets and the age of data depend on them`,
      }
    : { name: "clock", state: "ok", text: skew };
}
