import { describe, expect, test } from "vitest";
import { isFilled, isFilledByFull, isStale } from "./is-filled.js";

const now = new Date("2026-03-21T00:00:00.000Z");
const gap = { from: "2026-03-01T00:00:00.000Z", to: "2026-03-14T00:00:00.000Z" };
const range = (oldest: string, newest: string) => ({
  oldest: `${oldest}T00:00:00.000Z`,
  newest: `${newest}T00:00:00.000Z`,
});

describe("a gap is filled", () => {
  test.each<[string, ReturnType<typeof range>, { any: boolean; full: boolean }]>([
    ["reaches around it", range("2026-02-01", "2026-03-20"), { any: true, full: true }],
    ["reaches from its beginning to its end", range("2026-03-01", "2026-03-14"), { any: true, full: true }],
    ["tells nothing of its beginning", range("2026-03-05", "2026-03-20"), { any: false, full: true }],
    ["tells nothing of its end", range("2026-02-01", "2026-03-10"), { any: false, full: true }],
    ["ends before it", range("2025-11-01", "2026-02-28"), { any: false, full: false }],
    ["begins behind it", range("2026-03-19", "2026-03-20"), { any: false, full: false }],
  ])("by an export that %s", (_name, loaded, { any, full }) => {
    expect(isFilled(gap, loaded, now)).toBe(any);
    expect(isFilledByFull(gap, loaded)).toBe(full);
  });

  test("by no export without dates", () => {
    expect(isFilled(gap, {}, now)).toBe(false);
    expect(isFilledByFull(gap, {})).toBe(false);
  });

  test("by an export that reaches as far back as ThreatFox remembers", () => {
    const old = { ...gap, from: "2025-01-01T00:00:00.000Z" };
    expect(isFilled(old, range("2025-09-21", "2026-03-20"), now)).toBe(true);
    expect(isFilled(old, range("2025-10-01", "2026-03-20"), now)).toBe(false);
  });
});

test.each<[string, string, number, boolean]>([
  ["from before the gap's end, where the API tells of IOCs", "2026-03-13", 1, true],
  ["from before the gap's end, where there are none since", "2026-03-13", 0, false],
  ["from the gap's end", "2026-03-14", 1, false],
])("an export %s: last IOC %s, %i told: stale %s", (_name, newest, told, stale) => {
  expect(isStale(gap, range("2026-02-01", newest), told)).toBe(stale);
});
