import { expect, test } from "vitest";
import { isRefreshDue } from "./plan-refresh.js";

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
