import { expect, test } from "vitest";
import { renderExport } from "./render-export.js";

const newestAt = new Date("2026-11-23T03:57:18.968Z");

const stdout = { written: [], removed: [] };

test("what was written and where to, what was left out and why, and where the next export begins", () => {
  const leftOut = new Map([
    ["malformed", 2],
    ["of type yara, for which STIX has no pattern", 1_200],
  ]);
  expect(
    renderExport(
      "stix",
      { exported: 1_500_000, lines: 0, leftOut, newestAt },
      { written: ["/tmp/iocs.json"], removed: [] },
    ),
  ).toBe(
    [
      "Exported 1,500,000 IOCs to /tmp/iocs.json.",
      "Left out: 2 malformed.",
      "Left out: 1,200 of type yara, for which STIX has no pattern.",
      "For the next incremental export: --since 2026-11-23T03:57:18.968Z",
    ].join("\n"),
  );
});

test("of a blocklist, the lines count, because several IOCs can share one", () => {
  expect(renderExport("blocklist", { exported: 3, lines: 1, leftOut: new Map(), newestAt }, stdout)).toMatch(
    /^Exported 1 line from 3 IOCs\.\n/,
  );
});

test("nothing selected, and no time of a change known", () => {
  expect(
    renderExport("csv", { exported: 0, lines: 0, leftOut: new Map(), newestAt: undefined }, stdout),
  ).toBe("Exported 0 IOCs.");
});

test("of a series of files, the first and the last one, and what was removed", () => {
  const written = ["/tmp/a-0001.json", "/tmp/a-0002.json", "/tmp/a-0003.json"];
  const removed = ["/tmp/a-0004.json"];
  const tally = { exported: 25, lines: 0, leftOut: new Map(), newestAt: undefined };
  expect(renderExport("stix", tally, { written, removed })).toBe(
    "Exported 25 IOCs to 3 files, /tmp/a-0001.json to a-0003.json.\nRemoved what an earlier, longer export left behind: /tmp/a-0004.json.",
  );
});
