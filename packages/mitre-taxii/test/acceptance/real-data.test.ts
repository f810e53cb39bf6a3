import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { describe, expect, test, vi } from "vitest";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const enterprise = realData("attack/enterprise-attack-18.1.json.gz");
const ics = realData("attack/ics-attack-18.1.json.gz");
const olderIcs = realData("attack/ics-attack-17.1.json.gz");
const mobile = realData("attack/mobile-attack-14.1.json.gz");
const files = [enterprise, ics, olderIcs, mobile];

describe.skipIf(!hasRealData(...files))(`with ${nameRealData("the real ATT&CK releases", ...files)}`, () => {
  describeOnEmbedded("the connector", (openDatabase) => {
    test("loads all three domains in at most 18 requests, and writes nothing the second time", async () => {
      const sandbox = await startSandbox({ attackFiles: [enterprise, ics, mobile] });
      try {
        const store = await openDatabase();
        const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
        const report = await runPipeline(store, env);
        expect(report).toMatchObject({ status: "ok", throttled: 0 });
        expect(sandbox.requests.length).toBeLessThanOrEqual(18);
        for (const step of ["manifest", "objects", "versions"]) {
          expect(stepOf(report, step)).toMatchObject({ inserted: 28_785, rejected: 0 });
          const counts = await store.database
            .collection(step)
            .aggregate([{ $group: { _id: "$data.collection_id", count: { $sum: 1 } } }])
            .toArray();
          expect(counts.map(({ count }) => count).sort()).toEqual([1826, 2187, 24_772]);
        }
        const powershell = await store.database
          .collection("objects")
          .findOne({ "enriched.attack_id": "T1059.001", "enriched.type": "attack-pattern" });
        expect(powershell).toMatchObject({
          enriched: {
            name: "PowerShell",
            domains: ["enterprise-attack"],
            tactics: ["execution"],
            is_subtechnique: true,
            url: "https://attack.mitre.org/techniques/T1059/001",
          },
        });
        const second = await runPipeline(store, env);
        expect(second).toMatchObject({ status: "ok", throttled: 0, requests: 4 });
        expect(writtenIn(second)).toBe(0);
      } finally {
        await sandbox.close();
      }
    }, 300_000);
  });

  describeOnServers("the connector", (openDatabase) => {
    test("tells added, changed and gone between ICS 17.1 and 18.1", async () => {
      const store = await openDatabase();
      const older = await startSandbox({ attackFiles: [olderIcs] });
      await runPipeline(store, { MITRE_TAXII_URL: older.taxiiUrl });
      await older.close();
      const newer = await startSandbox({ attackFiles: [ics] });
      const changed = await runPipeline(store, { MITRE_TAXII_URL: newer.taxiiUrl }, { full: true });
      await newer.close();
      for (const step of ["manifest", "objects"]) {
        expect(stepOf(changed, step)).toMatchObject({
          inserted: 413 + 77,
          superseded: 77,
          withdrawn: 238,
          rejected: 0,
        });
      }
      expect(stepOf(changed, "versions")).toMatchObject({ inserted: 413, updated: 77, withdrawn: 238 });
      expect(await store.database.collection("objects").countDocuments({ removed_at: null })).toBe(1826);
    });
  });
});
