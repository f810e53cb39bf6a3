import { expect, test } from "vitest";
import type { IocsCheckpoint } from "./iocs-checkpoint.js";
import { isRecentDue, planRun, type RunPlan } from "./plan-run.js";

const now = new Date("2026-03-10T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
const weekAgo = hoursAgo(7 * 24);

interface Given {
  readonly state?: IocsCheckpoint;
  /** `QUERY_DAYS`. Default 3. */
  readonly firstDays?: number;
  /** `THREATFOX_REFRESH_DAYS`. Default 7. */
  readonly everyDays?: number;
  readonly isForgotten?: boolean;
  readonly isGapFilled?: boolean;
}

function plan({ state = {}, firstDays = 3, everyDays = 7, isForgotten = false, isGapFilled }: Given) {
  return planRun({ state, isForgotten, ...(isGapFilled !== undefined && { isGapFilled }) }, now, {
    QUERY_DAYS: firstDays,
    THREATFOX_REFRESH_DAYS: everyDays,
  });
}

test("the first query reaches back as far as it is told to", () => {
  expect(plan({ firstDays: 5 })).toEqual({ days: 5, refreshes: false });
});

test.each([
  [0, 1],
  [0.1, 1],
  [23, 1],
  [23.1, 2],
  [24, 2],
  [3 * 24, 4],
  [3 * 24 - 1, 3],
  [6 * 24, 7],
  [7 * 24 - 0.5, 7],
  [7 * 24, 7],
])("%d hours after the last query it reaches back %d days, which overlaps it", (hours, days) => {
  expect(plan({ state: { queried_at: hoursAgo(hours) } })).toEqual({ days, refreshes: false });
});

test.each([7 * 24 + 0.001, 8 * 24, 40 * 24])("%d hours leave a gap that the API cannot fill", (hours) => {
  const state = { queried_at: hoursAgo(hours) };
  const gap = { from: hoursAgo(hours), to: weekAgo };
  expect(plan({ state })).toEqual({ days: 7, gap, refreshes: false });
  expect(plan({ state, isGapFilled: true })).toEqual({ days: 7, refreshes: false });
});

test.each<[string, IocsCheckpoint, RunPlan["gap"]]>([
  ["stays open", { queried_at: hoursAgo(5), gap: gapOf(30, 20) }, gapOf(30, 20)],
  ["grows", { queried_at: hoursAgo(9 * 24), gap: gapOf(30, 20) }, { from: hoursAgo(30 * 24), to: weekAgo }],
])("a gap that an earlier run left %s", (_what, state, gap) => {
  expect(plan({ state })).toMatchObject({ gap, refreshes: false });
  expect(plan({ state, isGapFilled: true })).not.toHaveProperty("gap");
});

test("a clock that went back by minutes is no matter", () => {
  expect(plan({ state: { queried_at: hoursAgo(-0.5) } })).toEqual({ days: 1, refreshes: false });
});

test.each([hoursAgo(-2), "soon"])("a last query at %s says nothing: as far back as can be", (queried_at) => {
  expect(plan({ state: { queried_at } })).toEqual({ days: 7, isClockWrong: true, refreshes: false });
});

test.each([
  [0, 3],
  [1, 3],
  [1.1, 4],
  [24, 4],
  [24.1, 5],
  [5 * 24, 7],
  [7 * 24, 7],
])("%d hours after a first query of 3 days that was interrupted it asks for %d days", (hours, days) => {
  const state = { first_query: { at: hoursAgo(hours), days: 3 } };
  expect(plan({ state, firstDays: 1 })).toEqual({ days, refreshes: false });
});

test("an interrupted first query is far back, or in the future, like any other", () => {
  const interrupted = (hours: number) => ({ state: { first_query: { at: hoursAgo(hours), days: 3 } } });
  expect(plan(interrupted(8 * 24))).toMatchObject({ days: 7, gap: { from: hoursAgo(8 * 24), to: weekAgo } });
  expect(plan(interrupted(-2))).toEqual({ days: 7, isClockWrong: true, refreshes: false });
});

test.each<[string, IocsCheckpoint, number, boolean]>([
  ["never asked", {}, 7, false],
  ["a day ago", { refreshed_at: hoursAgo(24) }, 7, false],
  ["seven days ago", { refreshed_at: weekAgo }, 7, false],
  ["more than seven days ago", { refreshed_at: hoursAgo(7 * 24 + 0.001) }, 7, true],
  ["long ago, and never wanted", { refreshed_at: hoursAgo(9_000) }, 0, false],
  ["long ago, and tried an hour ago", triedAgo(1), 7, false],
  ["long ago, and tried a day ago", triedAgo(24), 7, true],
  ["long ago, and tried in the future", triedAgo(-90_000), 7, true],
  ["in the future, by a wrong clock", { refreshed_at: hoursAgo(-90_000) }, 7, true],
  ["a minute ahead, by another clock", { refreshed_at: hoursAgo(-1 / 60) }, 7, false],
])("a daily run loads the full export again: last loaded %s", (_when, state, everyDays, refreshes) => {
  const daily = { ...state, queried_at: hoursAgo(23.5) };
  expect(plan({ state: daily, everyDays })).toEqual({ days: 2, refreshes });
  expect(plan({ state: { ...daily, gap: gapOf(30, 20) }, everyDays })).toMatchObject({ refreshes: false });
});

test.each<[string, IocsCheckpoint, boolean, number, boolean]>([
  ["after an outage", { queried_at: hoursAgo(48), refreshed_at: hoursAgo(9_000) }, false, 7, false],
  ["with nothing remembered", {}, true, 7, true],
  ["with nothing remembered, but not wanted", {}, true, 0, false],
  ["with a full export since", { refreshed_at: now.toISOString() }, true, 7, false],
])("the full export: a run %s", (_kind, state, isForgotten, everyDays, refreshes) => {
  expect(plan({ state, isForgotten, everyDays })).toEqual({ days: 3, refreshes });
});

test.each<[string, Parameters<typeof isRecentDue>[0], number, boolean]>([
  ["never asked", {}, 24, false],
  ["first asked 22 hours ago", { refreshed_at: hoursAgo(22) }, 24, false],
  ["first asked a day ago, less some seconds", { refreshed_at: hoursAgo(24 - 1 / 120) }, 24, true],
  ["never wanted", { refreshed_at: hoursAgo(240) }, 0, false],
  ["the full export an hour ago", readAgo(48, 1), 24, false],
  ["the recent export an hour ago", readAgo(1, 120), 24, false],
  ["both long ago", readAgo(24, 120), 24, true],
  ["the recent export in the future", readAgo(-90_000, 120), 24, true],
])("the recent export: %s", (_when, state, everyHours, isDue) => {
  expect(isRecentDue(state, now, everyHours)).toBe(isDue);
});

function gapOf(fromDays: number, toDays: number) {
  return { from: hoursAgo(fromDays * 24), to: hoursAgo(toDays * 24) };
}

function triedAgo(hours: number) {
  return { refreshed_at: hoursAgo(9_000), refresh_tried_at: hoursAgo(hours) };
}

function readAgo(recentHours: number, fullHours: number) {
  const recent = { place: "https://threatfox.example/", read_at: hoursAgo(recentHours) };
  return { refreshed_at: hoursAgo(fullHours), recent };
}
