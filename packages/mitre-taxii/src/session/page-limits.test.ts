import { describe, expect, test } from "vitest";
import { createPageLimits } from "./page-limits.js";

const settings = { MITRE_PAGE_SIZE: 5000, MITRE_MAX_OBJECTS: undefined };

describe("a page", () => {
  test("has as many objects as MITRE_PAGE_SIZE says, and ten times as many manifest records", () => {
    const limits = createPageLimits(settings);
    expect(limits.of("objects", "a").limit).toBe(5000);
    expect(limits.of("manifest", "a").limit).toBe(50_000);
    expect(limits.of("versions", "a").limit).toBe(50_000);
  });

  test("has no more than MITRE_MAX_OBJECTS, except of all versions", () => {
    const limits = createPageLimits({ ...settings, MITRE_MAX_OBJECTS: 3 });
    expect(limits.of("objects", "a")).toEqual({ limit: 3 });
    expect(limits.of("manifest", "a")).toEqual({ limit: 3 });
    expect(limits.of("versions", "a").limit).toBe(50_000);
  });

  test("is halved down to 100, each collection's on its own, and tried again only there", () => {
    const limits = createPageLimits(settings);
    const sizes: number[] = [];
    do {
      const { limit, retryTimeouts } = limits.of("objects", "a");
      sizes.push(limit);
      expect(retryTimeouts).toBe(limit > 100 ? false : undefined);
    } while (limits.halve("objects", "a"));
    expect(sizes).toEqual([5000, 2500, 1250, 625, 312, 156, 100]);
    expect(limits.of("objects", "b").limit).toBe(5000);
    expect(limits.of("manifest", "a").limit).toBe(50_000);
  });
});

describe("what was learnt", () => {
  test("is remembered, also where another step learnt more", () => {
    const limits = createPageLimits(settings);
    expect(limits.save()).toBeNull();
    limits.halve("objects", "a");
    limits.halve("objects", "a");
    const next = createPageLimits(settings);
    next.recall(limits.save());
    expect(next.of("objects", "a").limit).toBe(1250);
    next.recall({ page_size: 5000, limits: { "objects a": 2500, "manifest a": 25_000 } });
    expect(next.of("objects", "a").limit).toBe(1250);
    expect(next.of("manifest", "a").limit).toBe(25_000);
  });

  test("of the manifest holds for the manifest with all versions, too", () => {
    const limits = createPageLimits(settings);
    limits.halve("manifest", "a");
    expect(limits.of("versions", "a").limit).toBe(25_000);
    limits.halve("versions", "a");
    expect(limits.of("versions", "a").limit).toBe(12_500);
    expect(limits.of("manifest", "a").limit).toBe(25_000);
    expect(limits.of("versions", "b").limit).toBe(50_000);
  });

  test("is forgotten where MITRE_PAGE_SIZE is another", () => {
    const limits = createPageLimits({ ...settings, MITRE_PAGE_SIZE: 4000 });
    limits.recall({ page_size: 5000, limits: { "objects a": 1250 } });
    limits.recall(undefined);
    expect(limits.of("objects", "a").limit).toBe(4000);
    expect(limits.save()).toBeNull();
  });
});
