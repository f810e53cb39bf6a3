import { configureConnector, parseConfig, retryRejected, type Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test, vi } from "vitest";
import { mitreTaxii } from "../../src/mitre-taxii.js";
import type { StixObject } from "../../src/taxii/stix-object.js";
import { contentsOf, contentsWithoutRoots, copyInto, moveCheckpoints } from "../../src/testing/database.js";
import { load, runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { release, technique } from "../../src/testing/small-releases.js";
import { useServers } from "../../src/testing/start-servers.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const early = "2024-01-01T00:00:00.000Z";
const late = "2025-01-01T00:00:00.000Z";

function object(type: string, attackId: string, more: object = {}): StixObject {
  return { ...technique(attackId, `${type} ${attackId}`, early), type, id: `${type}--${attackId}`, ...more };
}

function relationship(kind: string, source: StixObject, target: StixObject): StixObject {
  return {
    ...{ type: "relationship", id: `relationship--${kind}-${source.id}-${target.id}`, spec_version: "2.1" },
    ...{ created: early, modified: early, relationship_type: kind },
    ...{ source_ref: source.id, target_ref: target.id },
  };
}

const group = object("intrusion-set", "G0034", { name: "Sandworm Team" });
const used = object("attack-pattern", "T1059", { name: "Command and Scripting Interpreter" });
const gone = object("attack-pattern", "T1064", { name: "Scripting" });
const component = object("x-mitre-data-component", "DC0032", { name: "Process Creation" });
const otherComponent = object("x-mitre-data-component", "DC0029", { name: "Script Execution" });
const analytics = [component, otherComponent].map(({ id }, index) =>
  object("x-mitre-analytic", `AN000${index}`, {
    x_mitre_log_source_references: [
      { x_mitre_data_component_ref: id, name: "a log" },
      { x_mitre_data_component_ref: component.id, name: "another log" },
    ],
  }),
);
const strategy = object("x-mitre-detection-strategy", "DET0001", {
  x_mitre_analytic_refs: analytics.map(({ id }) => id),
});
const uses = relationship("uses", group, used);
const usesGone = relationship("uses", group, gone);
const detects = relationship("detects", strategy, used);
const detectsByComponent = relationship("detects", component, used);
const usesUnknown = relationship("uses", group, object("attack-pattern", "T9999"));

/** Relationships first, so that all of their ends come later. */
const all = [uses, detects, detectsByComponent, usesUnknown, strategy, ...analytics, group, used];
const current = release("18.1", late, [...all, component, otherComponent]);

const source = { attack_id: "G0034", name: "Sandworm Team", type: "intrusion-set" };
const target = { attack_id: "T1059", name: "Command and Scripting Interpreter", type: "attack-pattern" };
const processCreation = { attack_id: "DC0032", name: "Process Creation" };
const scriptExecution = { attack_id: "DC0029", name: "Script Execution" };

/** What relationships say of their ends, by the type and the source's type. */
async function endsIn({ database }: Store) {
  const found = await database.collection("objects").find({ "enriched.type": "relationship" }).toArray();
  return Object.fromEntries(
    found.map(({ data, enriched }) => {
      const { source, target, data_components } = enriched;
      return [data.objects[0].id, { source, target, data_components }];
    }),
  );
}

const expected = {
  [uses.id]: { source, target },
  [detects.id]: {
    source: { attack_id: "DET0001", name: strategy.name, type: strategy.type },
    target,
    data_components: [processCreation, scriptExecution],
  },
  [detectsByComponent.id]: {
    source: { ...processCreation, type: component.type },
    target,
    data_components: [processCreation],
  },
  [usesUnknown.id]: { source },
};

describeOnEmbedded("relationships", (openDatabase) => {
  const servers = useServers();

  test.each(["1", "4", "1000"])(
    "say what they join, in pages of %s, though that comes later; and are written once",
    async (MITRE_PAGE_SIZE) => {
      const { taxiiUrl } = await servers.start([current]);
      const env = { MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE };
      const store = await openDatabase();
      const first = await runPipeline(store, env);
      expect(await endsIn(store)).toEqual(expected);
      expect(stepOf(first, "relationships")).toMatchObject({
        updated: { 1: 4, 4: 4, 1000: 0 }[MITRE_PAGE_SIZE],
        rejected: 0,
      });
      for (const full of [false, true]) {
        expect(writtenIn(await runPipeline(store, env, { full })), `full: ${full}`).toBe(0);
      }
    },
  );

  test("follow a name that changes, without being sent again", async () => {
    const before = await servers.start([current]);
    const store = await openDatabase();
    await runPipeline(store, { MITRE_TAXII_URL: before.taxiiUrl });
    const renamed = current.map((one) =>
      one.id === group.id || one.id === component.id
        ? { ...one, modified: late, name: `New ${one.name}` }
        : one,
    );
    const after = await servers.start([renamed]);
    await moveCheckpoints(store, before, after);
    const env = { MITRE_TAXII_URL: after.taxiiUrl, MITRE_PAGE_SIZE: "4" };
    const changed = await runPipeline(store, env, { now: () => new Date(Date.now() + 48 * 3_600_000) });
    expect(stepOf(changed, "objects")).toMatchObject({ extracted: 2, inserted: 2, superseded: 2 });
    expect(stepOf(changed, "relationships")).toMatchObject({ updated: 4 });
    const ends = await endsIn(store);
    expect(ends[uses.id]).toEqual({ source: { ...source, name: "New Sandworm Team" }, target });
    const newName = { ...processCreation, name: "New Process Creation" };
    expect(ends[detects.id]?.data_components).toEqual([newName, scriptExecution]);
    const again = await runPipeline(store, env, { now: () => new Date(Date.now() + 49 * 3_600_000) });
    expect(writtenIn(again)).toBe(0);
  });

  test("take names of the current release, and of an earlier one what only that has, in whatever order they are loaded", async () => {
    const older = release("17.1", early, [
      ...[uses, usesGone, group, gone],
      { ...used, name: "An earlier name", modified: "2023-01-01T00:00:00.000Z" },
    ]);
    const { taxiiUrl } = await servers.start([older, current]);
    const env = (MITRE_RELEASES: string) => ({
      MITRE_TAXII_URL: taxiiUrl,
      MITRE_RELEASES,
      MITRE_PAGE_SIZE: "2",
    });
    const stores = [await openDatabase(), await openDatabase(), await openDatabase()] as const;
    await load(stores[0], { env: env("all") });
    await load(stores[1], { env: env("17.1") });
    expect((await endsIn(stores[1]))[uses.id]?.target).toEqual({ ...target, name: "An earlier name" });
    await load(stores[1], { env: env("all") });
    await load(stores[2], { env: env("18.1") });
    await load(stores[2], { env: env("all") });
    const whole = {
      ...expected,
      [usesGone.id]: { source, target: { attack_id: "T1064", name: "Scripting", type: "attack-pattern" } },
    };
    for (const store of stores) {
      expect(await endsIn(store)).toEqual(whole);
      expect((await contentsOf(store)).objects).toEqual((await contentsOf(stores[0])).objects);
      for (const full of [false, true]) {
        expect((await load(store, { env: env("all"), full })).written, `full: ${full}`).toBe(0);
      }
    }
    await load(stores[0], { env: env("17.1") });
    expect((await endsIn(stores[0]))[uses.id]?.target).toEqual({ ...target, name: "An earlier name" });
  });

  test("are the same after a run that was broken off at any page", async () => {
    const { taxiiUrl } = await servers.start([current]);
    const env = { MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE: "4" };
    const undisturbed = await openDatabase();
    const { pages } = await load(undisturbed, { env });
    for (let stopAfterPages = 1; stopAfterPages < pages; stopAfterPages += 1) {
      const store = await openDatabase();
      await load(store, { env, stopAfterPages, stop: "crash" });
      await load(store, { env });
      expect(await contentsWithoutRoots(store)).toEqual(await contentsWithoutRoots(undisturbed));
    }
  });

  test("that an earlier version stored get their ends in one run, without being sent again", async () => {
    const { taxiiUrl } = await servers.start([current]);
    const env = { MITRE_TAXII_URL: taxiiUrl };
    const store = await openDatabase();
    await runPipeline(store, env);
    const whole = await contentsOf(store);
    const { database } = store;
    const added = ["aliases", "folded_names", "source", "target", "data_components"];
    const $unset = Object.fromEntries(added.map((name) => [`enriched.${name}`, ""]));
    await database.collection("objects").updateMany({}, { $unset, $set: { content_hash: "earlier" } });
    const state = database.collection<{ _id: string }>("etl_state");
    const forgotten = ["shape/objects", "checkpoint/mitre-taxii/relationships"];
    expect((await state.deleteMany({ _id: { $in: forgotten } })).deletedCount).toBe(2);
    const next = await runPipeline(store, env);
    expect(next).toMatchObject({ status: "ok", requests: 2 });
    expect(await contentsOf(store)).toEqual(whole);
    expect(writtenIn(await runPipeline(store, env))).toBe(0);
  });

  test("get their ends in the next run where they leave the quarantine, or where an end does", async () => {
    const { taxiiUrl } = await servers.start([current]);
    const env = { MITRE_TAXII_URL: taxiiUrl };
    const whole = await openDatabase();
    await runPipeline(whole, env);
    for (const { id } of [uses, group]) {
      const store = await copyInto(await openDatabase(), whole);
      const objects = store.database.collection("objects");
      const { data } = (await objects.findOneAndDelete({ "data.objects.id": id })) ?? expect.fail(id);
      const raw = JSON.stringify({ collection_id: data.collection_id, object: data.objects[0] });
      await store.database.collection<{ _id: string }>("etl_rejected").insertOne({
        ...{ _id: "1", connector: "mitre-taxii", step: "objects", raw, raw_length: raw.length, times: 1 },
        ...{ reason: "unknown", first_seen_at: new Date(), last_seen_at: new Date() },
      });
      const connectors = [configureConnector(mitreTaxii, parseConfig(mitreTaxii.config, env))];
      expect(await retryRejected({ store, connectors })).toMatchObject([{ loaded: 1 }]);
      const next = await runPipeline(store, env);
      expect(next.requests).toBe(2);
      expect(await endsIn(store)).toEqual(expected);
      expect(writtenIn(await runPipeline(store, env))).toBe(0);
    }
  });
});
