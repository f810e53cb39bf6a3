import { describe, expect, test } from "vitest";
import { findPinnedReleases, selectReleases } from "./select-releases.js";

const rootsOf = (...names: string[]) => names.map((name) => `https://taxii.example/api/v21/${name}`);
const pinned = findPinnedReleases(
  rootsOf("", "attack-9.0/", "attack-19.0/", "attack-10.1/", "attack-19.0-beta/", "attack-18.1/"),
);

test("finds the roots that are pinned to a release, newest first, and no others", () => {
  expect(pinned.map(({ version }) => version)).toEqual(["19.0", "19.0-beta", "18.1", "10.1", "9.0"]);
  expect(pinned[2]?.url).toBe("https://taxii.example/api/v21/attack-18.1/");
  expect(findPinnedReleases(rootsOf("attack-next/", "18.1/", "attack-18.1/more/"))).toEqual([]);
});

describe("of the pinned releases", () => {
  const versionsOf = (selection: Parameters<typeof selectReleases>[1]) =>
    selectReleases(pinned, selection).selected.map(({ version }) => version);

  test("all are selected, betas too", () => {
    expect(versionsOf("all")).toHaveLength(5);
  });

  test("versions and ranges are selected, each once, newest first", () => {
    expect(versionsOf(["9.0", { from: "18.1", to: "19.0" }, "18.1"])).toEqual([
      "19.0",
      "19.0-beta",
      "18.1",
      "9.0",
    ]);
    expect(versionsOf([{ from: "1.0", to: "18.0" }])).toEqual(["10.1", "9.0"]);
    expect(versionsOf([{ from: "19.0", to: "20.0" }])).toEqual(["19.0"]);
  });

  test("those that are not there are named", () => {
    const { missing } = selectReleases(pinned, ["18.0", "9.0", { from: "11.0", to: "12.0" }]);
    expect(missing).toEqual(["18.0", "11.0..12.0"]);
  });
});
