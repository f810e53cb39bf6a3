import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@cti-connectors/core/host";
import { storedIn } from "@cti-connectors/core/testing";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { exportedRecord } from "../../src/testing/export-files.js";
import { mutateRecords } from "../../src/testing/mutate-record.js";
import { runThreatfox } from "../../src/testing/run-threatfox.js";

vi.setConfig({ testTimeout: 120_000 });

const realFile = realData("threatfox/export-recent-2026-07-24.json.gz");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "overlapped-load-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An export of records with faults: some again with other content, on the same page and on others. */
function writeExport(seeds: readonly number[]): string {
  const originals = Array.from({ length: 20 }, (_, index) => exportedRecord(index));
  const identity = { id: "ioc_id", ioc: "ioc_value" };
  const entries = seeds
    .flatMap((seed) => [600, 100].flatMap((count) => mutateRecords(originals, identity, { count, seed })))
    // A file that is nested more deeply is refused as a whole.
    .filter(({ json }) => !json.includes("[".repeat(1_000)))
    .map(({ json }, index) => `"${3_000_000 + (index % 650)}":[${json}]`);
  const file = join(folder, `${seeds.join("-")}.json`);
  writeFileSync(file, `{"2999999":[${JSON.stringify(exportedRecord(0))}],${entries.join(",")}}`);
  return file;
}

/** What runs of these exports say and leave, one after the other. */
async function outcomeOf(store: Store, exports: readonly string[], overlap: boolean) {
  const reports: unknown[] = [];
  for (const [index, file] of exports.entries()) {
    const now = () => new Date(Date.UTC(2026, 6, 24 + index));
    const options = { overlap, runId: `run-${index}`, now };
    const { connector, events } = await runThreatfox(store, { THREATFOX_BACKFILL: file }, options);
    const pages = events.flatMap((event) => (event.type === "page-loaded" ? [event.counts] : []));
    reports.push({ ...connector, seconds: 0, pages });
  }
  return {
    reports,
    iocs: await storedIn(store, "threatfox_raw"),
    rejected: await storedIn(store, "etl_rejected"),
    state: await storedIn(store, "etl_state"),
  };
}

describeOnEmbedded("exports that are loaded with LOAD_OVERLAP on", (openDatabase) => {
  test("of thousands of mutated records leave and tell the same as with off", async () => {
    const exports = [writeExport([1, 2]), writeExport([3, 4])];
    const off = await outcomeOf(await openDatabase(), exports, false);
    const on = await outcomeOf(await openDatabase(), exports, true);
    expect(on).toEqual(off);
    expect(off.iocs.length).toBeGreaterThan(500);
    expect(off.iocs.filter(({ history }) => history !== undefined).length).toBeGreaterThan(250);
    expect(off.rejected.length).toBeGreaterThan(25);
  });

  test.skipIf(!hasRealData(realFile))(
    `of ${nameRealData("4,488 real records", realFile)} leave and tell the same as with off`,
    async () => {
      const off = await outcomeOf(await openDatabase(), [realFile], false);
      const on = await outcomeOf(await openDatabase(), [realFile], true);
      expect(on).toEqual(off);
      expect(off.iocs).toHaveLength(4_488);
    },
  );
});
