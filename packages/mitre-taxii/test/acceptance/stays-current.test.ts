import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, type SandboxOptions, startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { loadedInto } from "../../src/testing/database.js";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const enterprise = realData("attack/enterprise-attack-18.1.json.gz");
const ics = realData("attack/ics-attack-18.1.json.gz");
const olderIcs = realData("attack/ics-attack-17.1.json.gz");
const mobile = realData("attack/mobile-attack-14.1.json.gz");
const files = [enterprise, ics, olderIcs, mobile];

async function open(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** Ends a sandbox and starts another one at its address. */
async function replace(sandbox: Sandbox, options: SandboxOptions): Promise<Sandbox> {
  await sandbox.close();
  return open({ ...options, taxiiPort: Number(new URL(sandbox.taxiiUrl).port) });
}

/** Names of the collections of documents that the driver writes to from now on. */
function watchWrites({ database }: Store): readonly string[] {
  const written: string[] = [];
  const writing = ["insert", "update", "delete", "findAndModify"];
  database.client.on("commandStarted", ({ commandName, command }) => {
    const collection = String(command[commandName]);
    if (writing.includes(commandName) && !collection.startsWith("etl_")) {
      written.push(collection);
    }
  });
  return written;
}

describeOnServers("a second run", (openDatabase) => {
  test("asks for little and writes no document where nothing changed, with the built-in data", async () => {
    const sandbox = await open({});
    const store = await openDatabase();
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
    const first = await runPipeline(store, env);
    expect(first.requests).toBeLessThanOrEqual(18);
    const before = await loadedInto(store);
    const written = watchWrites(store);
    const second = await runPipeline(store, env);
    expect(second).toMatchObject({ status: "ok", requests: 4, throttled: 0 });
    expect(writtenIn(second)).toBe(0);
    expect(written).toEqual([]);
    expect(await loadedInto(store)).toEqual(before);

    await runPipeline(store, env, { full: true });
    const changed = await store.database.collection("objects").deleteOne({});
    expect(changed.deletedCount).toBe(1);
    await runPipeline(store, env);
    expect(written).toEqual(["objects", "objects"]);
    expect(await store.database.collection("objects").countDocuments()).toBe(before.objects?.length);
  });
});

describe.skipIf(!hasRealData(...files))(`with ${nameRealData("the real ATT&CK releases", ...files)}`, () => {
  describeOnEmbedded("the connector", (openDatabase) => {
    test("takes over ICS 18.1 from 17.1 in at most 8 requests, and then asks for little", async () => {
      const older = await open({ attackFiles: [olderIcs] });
      const env = { MITRE_TAXII_URL: older.taxiiUrl };
      const store = await openDatabase();
      await runPipeline(store, env);
      const newer = await replace(older, { attackFiles: [ics] });
      const change = await runPipeline(store, env);
      expect(change).toMatchObject({ status: "ok", throttled: 0 });
      expect(newer.requests.length).toBeLessThanOrEqual(8);
      for (const [step, updated] of [
        ["manifest", 0],
        // 18.1 changes these without a new version: they come with the whole page.
        ["objects", 70],
      ] as const) {
        const counts = { inserted: 413 + 77, updated, superseded: 77, withdrawn: 238, rejected: 0 };
        expect(stepOf(change, step)).toMatchObject(counts);
      }
      // As the bundle has them.
      expect(stepOf(change, "objects")).toMatchObject({ facts: { revoked: 2, deprecated: 37 } });
      expect(stepOf(change, "versions")).toMatchObject({ inserted: 413, updated: 77, withdrawn: 238 });

      const written = watchWrites(store);
      const third = await runPipeline(store, env);
      expect(third).toMatchObject({ status: "ok", requests: 2 });
      expect(writtenIn(third)).toBe(0);
      expect(written).toEqual([]);
      for (const name of ["manifest", "objects", "versions"]) {
        expect(await store.database.collection(name).countDocuments({ removed_at: null })).toBe(1826);
      }

      await replace(newer, { attackFiles: [olderIcs] });
      const back = await runPipeline(store, env);
      expect(stepOf(back, "objects")).toMatchObject({
        inserted: 0,
        updated: 238 + 77 + 70,
        superseded: 77,
        withdrawn: 413,
      });
    });
  });
});
