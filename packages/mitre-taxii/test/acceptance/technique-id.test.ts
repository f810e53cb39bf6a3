import type { Store } from "@cti-connectors/core/host";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test, vi } from "vitest";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { useServers } from "../../src/testing/start-servers.js";
import documentedFilters from "../../src/testing/technique-filters.json" with { type: "json" };
import { attackRelease } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const servers = useServers();
const collection = "x-mitre-collection--1";
const modified = "2024-01-01T00:00:00.000Z";
const object = (type: string, id: string, attackId: string) => ({
  type,
  id: `${type}--${id}`,
  spec_version: "2.1",
  name: `${type} ${id}`,
  created: modified,
  modified,
  external_references: [{ source_name: "mitre-attack", external_id: attackId }],
});
const bundle = [
  attackRelease(collection, "1.0", modified),
  { ...object("course-of-action", "0", "T1059"), x_mitre_deprecated: true },
  object("attack-pattern", "1", "T1059"),
  object("attack-pattern", "2", "T1059.001"),
];

const namesOf = async ({ database }: Store, filter: Record<string, unknown>) =>
  (await database.collection("objects").find(filter).toArray()).map(({ enriched }) => enriched.name);

describeOnServers("ids of techniques", (openDatabase) => {
  test("are found by the README's queries, although a mitigation that was stored first has one of them", async () => {
    const sandbox = await servers.start([bundle]);
    const store = await openDatabase();
    await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl });
    const objects = store.database.collection("objects");
    const techniques = await objects.find({ "enriched.type": "attack-pattern" }).toArray();
    await objects.deleteMany({ "enriched.type": "attack-pattern" });
    await objects.insertMany(techniques);

    for (const filter of documentedFilters) {
      const names = await namesOf(store, filter);
      expect(names[0], JSON.stringify(filter)).toBe("attack-pattern 1");
      expect(names.every((name) => name.startsWith("attack-pattern"))).toBe(true);
    }
  });

  test("are added to what an earlier version stored, once, without a request and as it is listed, although the server does not answer", async () => {
    const sandbox = await servers.start([bundle]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
    const store = await openDatabase();
    await runPipeline(store, env);
    const objects = store.database.collection<{ _id: string }>("objects");
    const removal = { removed_at: new Date(0), removed_reason: "superseded" };
    const current = await objects.findOne({ "enriched.technique_id": "T1059" });
    const older: typeof current = JSON.parse(JSON.stringify(current).replaceAll("2024-", "2023-"));
    await objects.insertOne({ ...(older ?? expect.fail()), ...removal });
    await objects.updateMany(
      {},
      { $unset: { "enriched.technique_id": "" }, $set: { content_hash: "earlier" } },
    );

    await store.database.collection<{ _id: string }>("etl_state").deleteOne({ _id: "shape/objects" });

    const next = await runPipeline(store, { MITRE_TAXII_URL: "http://127.0.0.1:1/taxii2/" });
    expect(next).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^collections: No answer/),
    });
    expect(stepOf(next, "objects")).toMatchObject({ extracted: 0, updated: 5, superseded: 0, withdrawn: 0 });
    expect(await objects.countDocuments({ "enriched.technique_id": "T1059" })).toBe(2);
    expect(await objects.findOne({ _id: older?._id ?? "" })).toMatchObject(removal);
    expect(await objects.findOne({ _id: current?._id ?? "" })).toMatchObject({ removed_at: null });
    expect(writtenIn(await runPipeline(store, env))).toBe(0);
  });
});
