import { expect, test } from "vitest";
import { day } from "../testing/sandbox.js";
import { compareReleases } from "./stix-release.js";

test("orders releases by number, not by text, betas before what they became, and bundles without one first", () => {
  const release = (version?: string, modified = day("2025-01-01")) => ({
    source: "",
    collectionId: "",
    title: "",
    modified,
    objects: [],
    ...(version !== undefined && { version }),
  });
  const sorted = [
    release("18.1"),
    release("18.1-beta", day("2025-01-03")),
    release("9.0"),
    release(),
    release("10.1", day("2025-01-02")),
    release("10.1"),
    release("10"),
  ].sort(compareReleases);
  expect(sorted.map(({ version, modified }) => `${version} ${modified.slice(8, 10)}`)).toEqual([
    "undefined 01",
    "9.0 01",
    "10 01",
    "10.1 01",
    "10.1 02",
    "18.1-beta 03",
    "18.1 01",
  ]);
});
