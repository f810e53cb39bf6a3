import { expect, test } from "vitest";
import { judgeHealth } from "./judge-health.js";

const now = new Date("2026-11-28T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const judge = (lastOkAt: Date | undefined, maxAgeMs?: number, skipReason?: string) =>
  judgeHealth([{ name: "acme", ...(lastOkAt && { lastOkAt }) }], [{ name: "acme", skipReason }], {
    maxAgeMs,
    now,
  });

test.each([
  ["a load within the promised age is fresh", hoursAgo(1), 3_600_000, "fresh", true],
  ["an older one is stale", hoursAgo(1.001), 3_600_000, "stale", false],
  ["without a promise any age will do", hoursAgo(9000), undefined, "fresh", true],
  ["no load yet is not healthy", undefined, undefined, "never", false],
] as const)("%s", (_name, lastOkAt, maxAgeMs, state, isHealthy) => {
  const health = judge(lastOkAt, maxAgeMs);
  expect(health.connectors.map((connector) => connector.state)).toEqual([state]);
  expect(health.isHealthy).toBe(isHealthy);
});

test("nothing is expected of a connector that is not set up", () => {
  expect(judge(undefined, 1, "THREATFOX_API_KEY is not set")).toEqual({
    isHealthy: true,
    connectors: [{ name: "acme", state: "skipped" }],
  });
});

test("a clock that was set back gives no negative age", () => {
  expect(judge(hoursAgo(-1), 1).connectors).toEqual([
    { name: "acme", state: "fresh", lastOkAt: hoursAgo(-1), ageMs: 0 },
  ]);
});
