import { expect, test } from "vitest";
import { describeUnchanged } from "./describe-unchanged.js";

const collections = [
  { id: "x-mitre-collection--1", title: "Mobile ATT&CK" },
  { id: "untitled", title: undefined },
];

test("names a collection by its title, with the release that is stored", () => {
  const describe = (id: string, release: string | null | undefined) =>
    describeUnchanged({ collections }, id, release);
  expect(describe("x-mitre-collection--1", "14.1")).toBe("Mobile ATT&CK: still at release 14.1, skipped");
  expect(describe("x-mitre-collection--1", null)).toBe("Mobile ATT&CK: unchanged, skipped");
  expect(describe("untitled", "2")).toBe("untitled: still at release 2, skipped");
});
