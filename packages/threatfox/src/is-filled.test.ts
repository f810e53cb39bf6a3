import { describe, expect, test } from "vitest";
import { isFilled, isFilledByFull } from "./is-filled.js";

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
    ["tells nothing of its end", range("2026-02-01", "2026-03-13"), { any: false, full: false }],
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
