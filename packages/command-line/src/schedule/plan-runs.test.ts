import { expect, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { countDue, planCron, planEvery, type SchedulePlan } from "./plan-runs.js";

const hour = 3_600_000;
const start = new Date("2026-11-28T10:07:00Z");
const berlin = (expression: string, now = start) => planCron(expression, { timeZone: "Europe/Berlin", now });

/** The first times of a plan. */
function times(plan: SchedulePlan, after: string, count: number): string[] {
  const found: string[] = [];
  for (let at = new Date(after); found.length < count; ) {
    at = plan.next(at);
    found.push(at.toISOString());
  }
  return found;
}

test("an interval counts from the start, however long runs take", () => {
  const plan = planEvery(hour, start);
  expect(plan.next(start)).toEqual(new Date("2026-11-28T11:07:00Z"));
  expect(plan.next(new Date("2026-11-28T12:59:00Z"))).toEqual(new Date("2026-11-28T13:07:00Z"));
  expect(plan.next(new Date("2026-11-28T08:00:00Z"))).toEqual(new Date("2026-11-28T08:07:00Z"));
  expect([plan.shortestGapMs, plan.longestGapMs]).toEqual([hour, hour]);
});

test("the runs that were due between two times are counted", () => {
  const plan = planEvery(hour, start);
  const later = (ms: number) => new Date(start.getTime() + ms);
  expect(countDue(plan, start, later(hour - 1))).toBe(0);
  expect(countDue(plan, start, later(hour))).toBe(1);
  expect(countDue(plan, start, later(3.5 * hour))).toBe(3);
});

test("a cron expression counts in its time zone", () => {
  const plan = berlin("0 6 * * 1-5");
  expect(times(plan, "2026-11-27T12:00:00Z", 2)).toEqual([
    "2026-11-30T05:00:00.000Z",
    "2026-12-01T05:00:00.000Z",
  ]);
  expect(plan.longestGapMs).toBe(73 * hour);
  expect(plan.shortestGapMs).toBe(24 * hour);
  expect(plan.text).toBe('cron "0 6 * * 1-5" in Europe/Berlin');
});

test("the longest gap of a cron expression is its weekend, however often runs are due in between", () => {
  const mondayMorning = new Date("2026-11-30T08:00:00Z");
  const plan = planCron("* 8-18 * * 1-5", { timeZone: "UTC", now: mondayMorning });
  expect(plan.longestGapMs).toBe(61 * hour + 60_000);
  expect(plan.shortestGapMs).toBe(60_000);
});

test("where clocks go forward, a run at a time that is left out starts right after the change", () => {
  expect(times(berlin("30 2 * * *"), "2027-03-26T12:00:00Z", 3)).toEqual([
    "2027-03-27T01:30:00.000Z",
    "2027-03-28T01:00:00.000Z", // 3:00, which follows 1:59
    "2027-03-29T00:30:00.000Z",
  ]);
});

test("where clocks go back, a run at a fixed time starts once, and an hourly one each hour", () => {
  expect(times(berlin("30 2 * * *"), "2027-10-30T12:00:00Z", 2)).toEqual([
    "2027-10-31T00:30:00.000Z",
    "2027-11-01T01:30:00.000Z",
  ]);
  expect(times(berlin("15 * * * *"), "2027-10-31T00:00:00Z", 3)).toEqual([
    "2027-10-31T00:15:00.000Z",
    "2027-10-31T01:15:00.000Z",
    "2027-10-31T02:15:00.000Z",
  ]);
});

test("without a time zone, that of the process counts", () => {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(planCron("@daily", { now: start }).text).toBe(`cron "@daily" in ${local}`);
});

test.each([
  ["61 * * * *", undefined, '--cron "61 * * * *" cannot be used: '],
  ["* * *", undefined, '--cron "* * *" has 3 fields, but needs five: minute, hour,'],
  ["* * * * * *", undefined, "has 6 fields, but needs five"],
  ["", undefined, "has 0 fields, but needs five"],
  ["@never", undefined, "has 1 field, but needs five"],
  ["0 0 30 2 *", undefined, "has no time in the future"],
  ["0 * * * *", "Berlin", "--timezone Berlin is not a time zone"],
])("%j in %s is refused", (expression, timeZone, message) => {
  const plan = () => planCron(expression, { timeZone, now: start });
  expect(plan).toThrow(UsageError);
  expect(plan).toThrow(message);
});
