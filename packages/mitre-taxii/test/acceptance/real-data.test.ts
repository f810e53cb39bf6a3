import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { Store } from "@cti-connectors/core/host";
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

interface BundledObject {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly relationship_type?: string;
  readonly source_ref: string;
  readonly target_ref: string;
  readonly external_references?: readonly { readonly source_name: string; readonly external_id?: string }[];
  readonly x_mitre_analytic_refs?: readonly string[];
  readonly x_mitre_log_source_references?: readonly { readonly x_mitre_data_component_ref: string }[];
}

/** What each relationship of the bundles joins, one text each. */
async function endsIn(bundles: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const bundle of bundles) {
    const { objects }: { objects: BundledObject[] } = JSON.parse(
      gunzipSync(await readFile(bundle)).toString(),
    );
    const byId = new Map(objects.map((object) => [object.id, object]));
    const attackId = ({ external_references = [] }: BundledObject) =>
      external_references.find(({ source_name }) => /^mitre(-mobile|-ics)?-attack$/.test(source_name))
        ?.external_id;
    const label = (id: string) => {
      const object = byId.get(id);
      return object && [attackId(object), object.name, object.type].join();
    };
    const componentsOf = (strategy: BundledObject | undefined) =>
      strategy?.type === "x-mitre-data-component"
        ? [strategy.id]
        : (strategy?.x_mitre_analytic_refs ?? [])
            .flatMap((id) => byId.get(id)?.x_mitre_log_source_references ?? [])
            .map((source) => source.x_mitre_data_component_ref);
    for (const { type, id, relationship_type, source_ref, target_ref } of objects) {
      if (type === "relationship") {
        const components = relationship_type === "detects" ? componentsOf(byId.get(source_ref)) : [];
        const labels = [...new Set(components)].map((component) => label(component)?.replace(/,[^,]*$/, ""));
        lines.push([id, label(source_ref), label(target_ref), ...labels].join(" "));
      }
    }
  }
  return lines.sort();
}

/** The same of what is stored. */
async function storedEnds({ database }: Store): Promise<readonly string[]> {
  const found = await database.collection("objects").find({ "enriched.type": "relationship" }).toArray();
  return found
    .map(({ data, enriched }) => {
      const { source, target, data_components = [] } = enriched;
      const [from, to] = [source, target].map((end) => end && [end.attack_id, end.name, end.type].join());
      const components = data_components.map((one: BundledObject & { attack_id?: string }) =>
        [one.attack_id, one.name].join(),
      );
      return [data.objects[0].id, from, to, ...components].join(" ");
    })
    .sort();
}

/** Compares every byte but the times of the runs: as BSON, because decoding takes longer than finding them. */
async function expectSameDocuments(one: Store, other: Store): Promise<void> {
  for (const name of ["collections", "manifest", "objects", "versions"]) {
    const [documents = [], others = []] = await Promise.all(
      [one, other].map(({ database }) =>
        database
          .collection<Buffer>(name)
          .find({}, { projection: { ingested_at: 0, first_ingested_at: 0, run_id: 0 }, raw: true })
          .sort({ _id: 1 })
          .toArray(),
      ),
    );
    const different = documents.filter((document, index) => !others[index]?.equals(document));
    expect(different.slice(0, 3).map(String), name).toEqual([]);
    expect(others, name).toHaveLength(documents.length);
    expect(documents.length, name).toBeGreaterThan(0);
  }
}

describe.skipIf(!hasRealData(...files))(`with ${nameRealData("the real ATT&CK releases", ...files)}`, () => {
  describeOnEmbedded("the connector", (openDatabase) => {
    test("loads all three domains in at most 18 requests, writes nothing the second time, and stores the same from bundles with LOAD_OVERLAP off", async () => {
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
        expect(await storedEnds(store)).toEqual(await endsIn([enterprise, ics, mobile]));
        const second = await runPipeline(store, env);
        expect(second).toMatchObject({ status: "ok", throttled: 0, requests: 4 });
        expect(writtenIn(second)).toBe(0);
        const asked = sandbox.requests.length;
        const bundles = await openDatabase();
        const MITRE_BUNDLES = [enterprise, ics, mobile].join();
        expect(await runPipeline(bundles, { ...env, MITRE_BUNDLES }, { overlap: false })).toMatchObject({
          status: "ok",
          requests: 0,
        });
        expect(sandbox.requests.length).toBe(asked);
        await expectSameDocuments(bundles, store);
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
