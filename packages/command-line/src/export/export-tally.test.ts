import { enrichIoc, iocRecord, type StoredIoc, storedIoc } from "@cti-connectors/threatfox";
import { expect, test } from "vitest";
import { createExportTally } from "./export-tally.js";

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

test("a type that the upstream named is told on one line, without control characters, and cut", () => {
  const tally = createExportTally();
  tally.leaveOutOfStix(iocOfType("\u001b[31mEVIL\u001b]0;title\u0007"));
  tally.leaveOutOfStix(iocOfType("long".repeat(10_000)));
  expect([...tally.leftOut.keys()]).toEqual([
    "of type  [31mEVIL ]0;title , for which STIX has no pattern",
    expect.stringMatching(/^of type (?:long){14}lon…, for which/),
  ]);
});
