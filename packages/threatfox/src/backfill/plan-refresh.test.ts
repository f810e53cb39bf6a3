import { expect, test } from "vitest";
import { isFullExportDue, isRecentDue, isRefreshDue } from "./plan-refresh.js";

const now = new Date("2026-01-20T00:00:00Z");

test.each([
  ["never asked", {}, 7, false],
  ["a day ago", { refreshed_at: "2026-01-19T00:00:00Z" }, 7, false],
  ["seven days ago", { refreshed_at: "2026-01-13T00:00:00Z" }, 7, false],
  ["more than seven days ago", { refreshed_at: "2026-01-12T23:59:59Z" }, 7, true],
  ["long ago, and never wanted", { refreshed_at: "2025-01-12T00:00:00Z" }, 0, false],
  [
    "long ago, and tried an hour ago",
    { refreshed_at: "2025-01-12T00:00:00Z", refresh_tried_at: "2026-01-19T23:00:00Z" },
    7,
    false,
  ],
  [
    "long ago, and tried a day ago",
    { refreshed_at: "2025-01-12T00:00:00Z", refresh_tried_at: "2026-01-19T00:00:00Z" },
    7,
    true,
  ],
  ["in the future, by a wrong clock", { refreshed_at: "2036-01-19T00:00:00Z" }, 7, true],
  ["a minute ahead, by another clock", { refreshed_at: "2026-01-20T00:01:00Z" }, 7, false],
  [
    "long ago, and tried in the future",
    { refreshed_at: "2025-01-12T00:00:00Z", refresh_tried_at: "2036-01-19T00:00:00Z" },
    7,
    true,
  ],
])("%s", (_when, state, everyDays, isDue) => {
  expect(isRefreshDue(state, now, everyDays)).toBe(isDue);
});

test.each([
  ["never asked", {}, 24, false],
  ["first asked 22 hours ago", { refreshed_at: "2026-01-19T02:00:00Z" }, 24, false],
  ["first asked a day ago, less some seconds", { refreshed_at: "2026-01-19T00:00:30Z" }, 24, true],
  ["never wanted", { refreshed_at: "2026-01-10T00:00:00Z" }, 0, false],
  ["the full export an hour ago", readAt("2026-01-18T00:00:00Z", "2026-01-19T23:00:00Z"), 24, false],
  ["the recent export an hour ago", readAt("2026-01-19T23:00:00Z", "2026-01-15T00:00:00Z"), 24, false],
  ["both long ago", readAt("2026-01-19T00:00:00Z", "2026-01-15T00:00:00Z"), 24, true],
  ["the recent export in the future", readAt("2036-01-01T00:00:00Z", "2026-01-15T00:00:00Z"), 24, true],
])("the recent export: %s", (_when, state, everyHours, isDue) => {
  expect(isRecentDue(state, now, everyHours)).toBe(isDue);
});

function readAt(read_at: string, refreshed_at: string) {
  return { refreshed_at, recent: { place: "https://threatfox.example/", read_at } };
}

test.each([
  ["regular, and due", { refreshed_at: "2026-01-01T00:00:00Z" }, 2, false, 7, true],
  ["after an outage", { refreshed_at: "2026-01-01T00:00:00Z" }, 3, false, 7, false],
  ["with nothing remembered", {}, 3, true, 7, true],
  ["with nothing remembered, but not wanted", {}, 3, true, 0, false],
  ["with a full export since", { refreshed_at: "2026-01-20T00:00:00Z" }, 3, true, 7, false],
])("the full export: a run that is %s", (_kind, state, days, isForgotten, everyDays, isDue) => {
  expect(isFullExportDue({ state, days, isForgotten }, now, everyDays)).toBe(isDue);
});
