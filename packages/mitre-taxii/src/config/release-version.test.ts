import { expect, test } from "vitest";
import { compareReleaseVersions, isReleaseVersion } from "./release-version.js";

test("orders releases by number, and a beta before the release that it became", () => {
  const versions = ["10.1", "19.0", "9.0", "19.0-beta", "1.0", "18.1", "19.0-alpha", "4.0"];
  expect(versions.sort(compareReleaseVersions)).toEqual([
    "1.0",
    "4.0",
    "9.0",
    "10.1",
    "18.1",
    "19.0-alpha",
    "19.0-beta",
    "19.0",
  ]);
  expect(compareReleaseVersions("18.1", "18.1")).toBe(0);
});

test("takes numbers that are not written for 0", () => {
  expect(compareReleaseVersions("18.1", "18.1.0")).toBe(0);
  expect(compareReleaseVersions("18.1.1", "18.1")).toBe(1);
});

test("orders names that are no versions, too, whatever the order before", () => {
  const names = ["", "enterprise", "mobile", "9.0", "10.1"];
  expect(names.toReversed().sort(compareReleaseVersions)).toEqual(names);
  expect([...names.slice(2), ...names.slice(0, 2)].sort(compareReleaseVersions)).toEqual(names);
});

test.each(["18.1", "1.0", "19.0-beta"])("%s is a release", (text) => {
  expect(isReleaseVersion(text)).toBe(true);
});

test.each(["18", "v18.1", "18.1-", "18.x", "", "18.1 "])('"%s" is none', (text) => {
  expect(isReleaseVersion(text)).toBe(false);
});
