import { expect, test } from "vitest";
import { createExportTally } from "./export-tally.js";

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

test("nothing read has no newest change", () => {
  expect(createExportTally()).toMatchObject({ exported: 0, lines: 0, newestAt: undefined });
});
