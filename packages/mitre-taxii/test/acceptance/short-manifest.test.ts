import { createLogger } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import type { Sandbox } from "@cti-connectors/sandbox";
import { expect, test, vi } from "vitest";
import type { StixObject } from "../../src/taxii/stix-object.js";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { useServers } from "../../src/testing/start-servers.js";
import { wordedRelease } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const servers = useServers();
const early = "2024-01-01T00:00:00.000Z";
const late = "2025-01-01T00:00:00.000Z";

function release(collectionId: string, version: string, at: string, tools: number, from = 0) {
  const ids = Array.from({ length: tools }, (_, index) => `${collectionId}-${from + index}`);
  const versions = Object.fromEntries(ids.map((id) => [id, early]));
  return wordedRelease({ collectionId, version, at, tools: versions });
}

const one = "x-mitre-collection--1";
const two = "x-mitre-collection--2";
const first = release(one, "1.0", early, 40);
/** Without a table of contents. */
const bare = first.map((object) => ({
  ...object,
  ...("x_mitre_contents" in object && { x_mitre_contents: [] }),
}));
const other = release(two, "1.0", early, 5);
/** The first five are gone. */
const second = release(one, "2.0", late, 35, 5);

/** A manifest that lists these objects alone. */
function manifestOf(objects: readonly StixObject[]) {
  const records = objects.map(({ id, modified }) => ({ id, date_added: early, version: modified }));
  return { kind: "status", status: 200, body: JSON.stringify({ objects: records }) } as const;
}

describeOnEmbedded("a manifest that is too short", (openDatabase) => {
  type Database = Awaited<ReturnType<typeof openDatabase>>;

  async function run(store: Database, { taxiiUrl }: Sandbox, options: { acceptRemovals?: boolean } = {}) {
    const lines: string[] = [];
    const log = createLogger({ destination: { write: (line) => lines.push(line) } });
    const env = { MITRE_TAXII_URL: taxiiUrl, MITRE_CHECK_HOURS: "0" };
    return { report: await runPipeline(store, env, { log, ...options }), log: lines.join("") };
  }

  async function loaded(bundles: readonly (readonly StixObject[])[]) {
    const sandbox = await servers.start(bundles);
    const store = await openDatabase();
    expect((await run(store, sandbox)).report.status).toBe("ok");
    return { sandbox, store };
  }

  async function replace(sandbox: Sandbox, bundles: readonly (readonly StixObject[])[]) {
    await sandbox.close();
    return servers.start(bundles, { taxiiPort: Number(new URL(sandbox.taxiiUrl).port) });
  }

  async function listedIn({ database }: Database) {
    const counts: Record<string, number> = {};
    for (const name of ["manifest", "objects", "versions"]) {
      const listed = { "data.collection_id": one, removed_at: null };
      counts[name] = await database.collection(name).countDocuments(listed);
    }
    return counts;
  }

  test.each([
    { what: "is empty", answer: { kind: "status", status: 200, body: "{}" } as const },
    { what: "is 404", answer: { kind: "status", status: 404, body: "" } as const },
    { what: "lists 21 of 41 objects", answer: manifestOf(bare.slice(0, 21)) },
  ])(
    "fails the step where it $what: nothing is withdrawn, and other collections are loaded",
    async ({ answer }) => {
      const { sandbox, store } = await loaded([bare]);
      const next = await replace(sandbox, [bare, other]);
      next.addFault({ upstream: "taxii", path: `${one}/manifest/`, answer, times: 1 });
      const { report } = await run(store, next);
      expect(report).toMatchObject({
        status: "failed",
        reason: expect.stringMatching(
          /^manifest: the upstream .* of 41 current documents .*--accept-removals$/,
        ),
      });
      for (const step of ["manifest", "objects", "versions"]) {
        expect(stepOf(report, step)).toMatchObject({ withdrawn: 0, missing: [one] });
      }
      expect(await listedIn(store)).toEqual({ manifest: 41, objects: 41, versions: 41 });
      expect(await store.database.collection("objects").countDocuments({ "data.collection_id": two })).toBe(
        6,
      );
      expect((await run(store, next)).report).toMatchObject({ status: "ok" });
      expect(await listedIn(store)).toEqual({ manifest: 41, objects: 41, versions: 41 });
    },
  );

  test("is applied where it is accepted", async () => {
    const { sandbox, store } = await loaded([first]);
    const next = await replace(sandbox, [release(one, "2.0", late, 10)]);
    const refused = await run(store, next);
    expect(refused.report.reason).toContain("manifest: the upstream no longer lists 30 of 41");
    const { report } = await run(store, next, { acceptRemovals: true });
    expect(report).toMatchObject({ status: "ok" });
    expect(await listedIn(store)).toEqual({ manifest: 11, objects: 11, versions: 11 });
  });

  test("is not believed in the first run: all objects are stored, and it is read again", async () => {
    const sandbox = await servers.start([first]);
    sandbox.addFault({
      upstream: "taxii",
      path: "/manifest/",
      answer: manifestOf(first.slice(0, 31)),
      times: 1,
    });
    const store = await openDatabase();
    const { report, log } = await run(store, sandbox);
    expect(report.status).toBe("ok");
    expect(log).toContain(`the manifest of ${one} lacks 10 objects that the release's own table of contents`);
    expect(await listedIn(store)).toMatchObject({ manifest: 31, objects: 41 });

    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
    expect((await runPipeline(store, env)).status).toBe("ok");
    expect(await listedIn(store)).toEqual({ manifest: 41, objects: 41, versions: 41 });
    const third = await runPipeline(store, env);
    expect([third.requests, writtenIn(third)]).toEqual([2, 0]);
  });

  test.each([
    { what: "of the same release", next: first, left: first.slice(0, 36), objects: 41 },
    { what: "of the same release, without its object", next: first, left: first.slice(5), objects: 41 },
    { what: "of a new release", next: second, left: second.slice(0, 31), objects: 36 },
  ])("withdraws nothing that the table of contents lists: $what", async ({ next, left, objects }) => {
    const { sandbox, store } = await loaded([first]);
    const changed = await replace(sandbox, [next]);
    changed.addFault({ upstream: "taxii", path: "/manifest/", answer: manifestOf(left), times: 1 });
    const { report, log } = await run(store, changed);
    expect(report.status).toBe("ok");
    expect(log).toMatch(/lacks [45] objects that the release's own table of contents lists/);
    expect(await store.database.collection("objects").countDocuments({ removed_reason: "withdrawn" })).toBe(
      0,
    );
    expect(await store.database.collection("versions").countDocuments({ removed_at: { $ne: null } })).toBe(0);

    expect((await run(store, changed)).report.status).toBe("ok");
    expect(await listedIn(store)).toEqual({ manifest: objects, objects, versions: objects });
  });
});
