import { expect, test } from "vitest";
import { chooseReleases } from "./choose-releases.js";

const stored = ["16.1", "17.0", "17.1"].map((name) => ({ name }));

test.each([
  [undefined, undefined, "17.0", "17.1"],
  ["16.1", undefined, "16.1", "17.1"],
  [undefined, "17.0", "16.1", "17.0"],
  ["16.1", "17.0", "16.1", "17.0"],
  ["17.1", "16.1", "17.1", "16.1"],
  ["17.0", "17.0", "17.0", "17.0"],
])("from %s to %s is %s and %s", (from, to, older, newer) => {
  expect(chooseReleases(stored, from, to)).toEqual({ from: { name: older }, to: { name: newer } });
});

test.each([
  [[], undefined, undefined, "no release of it is stored"],
  [["17.1"], undefined, undefined, "only release 17.1 is stored"],
  [["17.1"], undefined, "17.1", "only release 17.1 is stored"],
  [["17.0", "17.1"], "17.1", undefined, "no release after 17.1 is stored (stored: 17.0, 17.1)"],
  [["17.0", "17.1"], undefined, "17.0", "no release before 17.0 is stored (stored: 17.0, 17.1)"],
  [["17.0", "17.1"], "16.1", undefined, "its release 16.1 is not stored (stored: 17.0, 17.1)"],
  [["17.0", "17.1"], "17.0", "18.1", "its release 18.1 is not stored (stored: 17.0, 17.1)"],
])("of %j, from %s to %s cannot be compared", (names, from, to, reason) => {
  const releases = names.map((name) => ({ name }));
  expect(chooseReleases(releases, from, to)).toEqual({ reason });
});
