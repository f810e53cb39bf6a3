import { enrichIoc, iocRecord, type StoredIoc, storedIoc } from "@cti-connectors/threatfox";
import { expect, test } from "vitest";
import { createExportTally, renderExport } from "./export-tally.js";

function iocOfType(ioc_type: string): StoredIoc {
  const { id, ioc, data } = iocRecord.parse({ id: "1", ioc: "an IOC", ioc_type });
  const at = new Date("2026-11-01");
  const enriched = enrichIoc({ id, ioc, data });
  return storedIoc.parse({ _id: id, data, enriched, first_ingested_at: at, ingested_at: at });
}

async function* documents(...dates: readonly (Date | undefined)[]) {
  yield* dates.map((ingested_at) => (ingested_at === undefined ? {} : { ingested_at }));
}

test("what passes is counted, and when it changed last is remembered", async () => {
  const tally = createExportTally();
  const newest = new Date("2026-11-02");
  const passed = [];
  for await (const document of tally.count(documents(new Date("2026-11-01"), newest, undefined))) {
    passed.push(document);
  }
  expect(passed).toHaveLength(3);
  expect(tally).toMatchObject({ exported: 3, newestAt: newest });
});

test("a change while it is read does not move on where the next export begins", async () => {
  const [before, during] = [new Date("2026-11-01"), new Date("2026-11-02")];
  const tally = createExportTally(before);
  for await (const _ of tally.count(documents(before, during))) {
    // Reading is all there is to it.
  }
  expect(tally).toMatchObject({ exported: 2, newestAt: before });
});

test("where nothing is read, the next export begins with what had changed last before", () => {
  const before = new Date("2026-11-01");
  expect(createExportTally(before)).toMatchObject({ exported: 0, lines: 0, newestAt: before });
  expect(createExportTally()).toMatchObject({ exported: 0, lines: 0, newestAt: undefined });
});

test("a type that the upstream named is shown on one line, without control characters, and cut", () => {
  const tally = createExportTally();
  tally.leaveOutOfStix(iocOfType("\u001b[31mEVIL\u001b]0;title\u0007"));
  tally.leaveOutOfStix(iocOfType("long".repeat(10_000)));
  expect([...tally.leftOut.keys()]).toEqual([
    "STIX has no pattern for the type  [31mEVIL ]0;title ",
    expect.stringMatching(/for the type (?:long){14}lon…$/),
  ]);
});

const newestAt = new Date("2026-11-23T03:57:18.968Z");

const stdout = { written: [], removed: [] };

test("what was written and where to, what was left out and why, and where the next export begins", () => {
  const leftOut = new Map([
    ["malformed", 2],
    ["STIX has no pattern for the type yara", 1_200],
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
      "Skipped 2 IOCs: malformed.",
      "Skipped 1,200 IOCs: STIX has no pattern for the type yara.",
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
    "Exported 25 IOCs to 3 files, /tmp/a-0001.json to a-0003.json.\nRemoved files of an earlier, longer export: /tmp/a-0004.json.",
  );
});
