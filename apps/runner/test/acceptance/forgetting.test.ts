import { createLogger, type RunConnectorsOptions, runConnectors } from "@cti-connectors/core/host";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test, vi } from "vitest";
import { openUpstreams } from "../../src/testing/changing-upstreams.js";
import { configureAll } from "../../src/testing/configure-all.js";

vi.setConfig({ testTimeout: 120_000 });

const log = createLogger({ level: "silent", format: "json", destination: { write() {} } });
const withRemovals = ["kev", "manifest", "objects", "versions"];

// What a TTL index does, without waiting for MongoDB's monitor.
describeOnServers("documents that a TTL index deletes", (openDatabase) => {
  async function open(settings: Readonly<Record<string, string>> = {}) {
    const { environment, change } = await openUpstreams();
    const store = await openDatabase();
    const connectors = configureAll({ ...environment, ...settings });
    const run = async (options: Partial<RunConnectorsOptions> = {}) => {
      const report = await runConnectors({ store, log, connectors, ...options });
      expect(report.connectors.map(({ status, reason }) => reason ?? status)).toEqual([
        "ok",
        "ok",
        "ok",
        "ok",
      ]);
      return Object.fromEntries(
        report.connectors.flatMap(({ name, steps }) => steps.map((step) => [`${name} ${step.name}`, step])),
      );
    };
    const expire = async (name: string, filter: Record<string, unknown>) =>
      (await store.database.collection(name).deleteMany(filter)).deletedCount;
    return { run, change, expire };
  }

  test("do not come back if their upstream no longer lists them", async () => {
    const { run, change, expire } = await open();
    await run();
    await change();
    await run({ full: true });
    for (const name of withRemovals) {
      expect(await expire(name, { removed_at: { $lte: new Date() } }), name).toBeGreaterThan(0);
    }
    for (const full of [false, true]) {
      const writing = Object.entries(await run({ full })).filter(
        ([, { inserted, updated, withdrawn, superseded }]) => inserted + updated + withdrawn + superseded > 0,
      );
      expect(writing, full ? "everything again" : "the next run").toEqual([]);
    }
  });

  test("come back if their upstream still lists them", async () => {
    const { run, expire } = await open();
    await run();
    expect(await expire("threatfox_raw", { _id: "1950001" })).toBe(1);
    expect(await expire("kev", { _id: "CVE-2026-1001" })).toBe(1);
    const next = await run({ full: true });
    expect(next["threatfox iocs"]).toMatchObject({ inserted: 1 });
    expect(next["cisa-kev vulnerabilities"]).toMatchObject({ inserted: 1 });
  });
});
