import { expect, test } from "vitest";
import { planWindow, planWindowAgain } from "./plan-window.js";

const now = new Date("2026-03-10T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

test("the first query reaches back as far as it is told to", () => {
  expect(planWindow(undefined, now, 5)).toEqual({ days: 5 });
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
  expect(planWindow(hoursAgo(hours), now, 3)).toEqual({ days });
});

test.each([7 * 24 + 0.001, 8 * 24, 40 * 24])("%d hours leave a gap that the API cannot fill", (hours) => {
  expect(planWindow(hoursAgo(hours), now, 3)).toEqual({
    days: 7,
    gap: { from: hoursAgo(hours), to: hoursAgo(7 * 24) },
  });
});

test("a clock that went back by minutes is no matter", () => {
  expect(planWindow(hoursAgo(-0.5), now, 3)).toEqual({ days: 1 });
});

test.each([hoursAgo(-2), new Date("soon")])(
  "a last query at %s says nothing: as far back as can be",
  (at) => {
    expect(planWindow(at, now, 3)).toEqual({ days: 7, isClockWrong: true });
  },
);

test.each([
  [0, 3],
  [1, 3],
  [1.1, 4],
  [24, 4],
  [24.1, 5],
  [5 * 24, 7],
  [7 * 24, 7],
])("%d hours after a first query of 3 days that was interrupted it asks for %d days", (hours, days) => {
  expect(planWindowAgain({ at: hoursAgo(hours), days: 3 }, now)).toEqual({ days });
});

test("an interrupted first query is far back, or in the future, like any other", () => {
  expect(planWindowAgain({ at: hoursAgo(8 * 24), days: 3 }, now)).toEqual({
    days: 7,
    gap: { from: hoursAgo(8 * 24), to: hoursAgo(7 * 24) },
  });
  expect(planWindowAgain({ at: hoursAgo(-2), days: 3 }, now)).toEqual({ days: 7, isClockWrong: true });
});
