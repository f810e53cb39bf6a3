import type { Store } from "@cti-connectors/core/host";
import { readDatabase } from "@cti-connectors/core/testing";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runPipeline } from "../../src/testing/pipeline.js";

vi.setConfig({ testTimeout: 300_000 });

const ics = realData("attack/ics-attack-18.1.json.gz");
const olderIcs = realData("attack/ics-attack-17.1.json.gz");

/** What loads of these upstreams say and leave, one after the other. */
async function outcomeOf(store: Store, upstreams: readonly Sandbox[], overlap: boolean) {
  const reports: unknown[] = [];
  for (const [index, { taxiiUrl }] of upstreams.entries()) {
    const report = await runPipeline(
      store,
      { MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE: "700", MITRE_REQUEST_BUDGET: "off" },
      { overlap, runId: `run-${index}`, now: () => new Date(Date.UTC(2026, 10, 1 + index)) },
    );
    reports.push({ ...report, seconds: 0 });
  }
  const { etl_runs: _, ...stored } = await readDatabase(store);
  return { reports, stored };
}

describe.skipIf(!hasRealData(ics, olderIcs))(
  `with ${nameRealData("two real releases of ICS", ics, olderIcs)}`,
  () => {
    describeOnEmbedded("a load with LOAD_OVERLAP on", (openDatabase) => {
      test("leaves and tells the same as with off, first and with a new release", async () => {
        const upstreams = [
          await startSandbox({ attackFiles: [olderIcs], quota: null }),
          await startSandbox({ attackFiles: [ics], quota: null }),
        ];
        onTestFinished(async () => {
          for (const upstream of upstreams) {
            await upstream.close();
          }
        });
        const off = await outcomeOf(await openDatabase(), upstreams, false);
        const on = await outcomeOf(await openDatabase(), upstreams, true);
        expect(on).toEqual(off);
        expect(off.stored.objects?.length).toBeGreaterThan(1_826);
      });
    });
  },
);
