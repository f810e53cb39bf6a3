import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test, vi } from "vitest";
import { loadedInto } from "../../src/testing/database.js";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { requestsOf, useServers } from "../../src/testing/start-servers.js";
import { attackRelease, tool } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const servers = useServers();
const id = "x-mitre-collection--1";
const early = "2024-01-01T00:00:00.000Z";
const late = "2025-01-01T00:00:00.000Z";
const names = Array.from({ length: 12 }, (_, index) => String(index).padStart(2, "0"));
const old = [attackRelease(id, "1.0", early), ...names.map((name) => tool(name, early))];
const next = [
  attackRelease(id, "2.0", late),
  ...names.slice(2, 5).map((name) => tool(name, late)),
  ...names.slice(5).map((name) => tool(name, early)),
  tool("99", late),
];

describeOnServers("the connector in core's pipeline", (openDatabase) => {
  test("loads every object, its manifest record and its versions, and writes nothing the second time", async () => {
    const sandbox = await servers.start([old]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
    const store = await openDatabase();
    const first = await runPipeline(store, env);
    expect(first).toMatchObject({
      status: "ok",
      requests: 6,
      throttled: 0,
      steps: [
        { name: "collections", extracted: 1, inserted: 1, rejected: 0 },
        { name: "manifest", extracted: 13, inserted: 13, rejected: 0 },
        { name: "objects", extracted: 13, inserted: 13, rejected: 0 },
        { name: "versions", extracted: 13, inserted: 13, rejected: 0 },
        { name: "releases", extracted: 0 },
        { name: "relationships", extracted: 0 },
      ],
    });
    const { database } = store;
    expect(await database.collection("objects").findOne({ "data.objects.id": "tool--03" })).toMatchObject({
      _id: `${id}/tool--03/${early}`,
      data: { collection_id: id, objects: [{ id: "tool--03", name: "tool 03" }] },
      enriched: { type: "tool", modified: new Date(early), revoked: false, deprecated: false },
    });
    const [collections] = await database.collection("collections").find().toArray();
    expect(collections).toMatchObject({ _id: new URL("/api/v21/", sandbox.taxiiUrl).href, data: [{ id }] });

    const before = await loadedInto(store);
    const second = await runPipeline(store, env);
    expect(second.status).toBe("ok");
    expect(writtenIn(second)).toBe(0);
    expect(second.requests).toBe(2);
    expect(await loadedInto(store)).toEqual(before);
  });

  test("counts the requests to each server apart: a sandbox's are not the public server's", async () => {
    const [one, other] = [await servers.start([old]), await servers.start([old])];
    const store = await openDatabase();
    const first = await runPipeline(store, { MITRE_TAXII_URL: one.taxiiUrl });
    await runPipeline(store, { MITRE_TAXII_URL: one.taxiiUrl });
    const interruption = new AbortController();
    const apart = await runPipeline(
      store,
      { MITRE_TAXII_URL: other.taxiiUrl, MITRE_REQUEST_BUDGET: `${first.requests}/600` },
      {
        signal: interruption.signal,
        onEvent: ({ type }) => {
          if (type === "waiting") {
            interruption.abort();
          }
        },
      },
    );
    expect(apart.status).toBe("ok");
    const budgets = await store.database
      .collection<{ _id: string; value: { sentAt: number[] } }>("etl_state")
      .find({ _id: /^budget\// })
      .toArray();
    expect(Object.fromEntries(budgets.map(({ _id, value }) => [_id, value.sentAt.length]))).toEqual({
      [`budget/${new URL(one.taxiiUrl).host}`]: one.requests.length,
      [`budget/${new URL(other.taxiiUrl).host}`]: other.requests.length,
    });
  });

  test.each([
    { kind: "disconnect" } as const,
    { kind: "truncate" } as const,
    { kind: "malformed-json" } as const,
    { kind: "html", status: 502 } as const,
    { kind: "status", status: 429, headers: { "retry-after": "86400" } } as const,
  ])("fails in the open on a fault ($kind), and goes on at that page next time", async (answer) => {
    const sandbox = await servers.start([old]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "4", MITRE_REQUEST_BUDGET: "off" };
    const store = await openDatabase();
    sandbox.addFault({ upstream: "taxii", path: "objects/?limit=4&next=2", answer });
    const broken = await runPipeline(store, env);
    expect(broken).toMatchObject({ status: "failed", reason: expect.stringContaining("objects: ") });
    expect(stepOf(broken, "objects").inserted).toBe(8);
    const asked = requestsOf(sandbox).length;
    expect((await runPipeline(store, env)).status).toBe("ok");
    expect(objectPagesOf(requestsOf(sandbox).slice(asked))).toEqual(
      [2, 3].map((page) => `${id}/objects/?limit=4&next=${page}`),
    );
    expect(await store.database.collection("objects").countDocuments({ removed_at: null })).toBe(13);
  });

  test("marks what a new release no longer lists, and clears the marks when it comes back", async () => {
    const before = await servers.start([old]);
    const store = await openDatabase();
    await runPipeline(store, { MITRE_TAXII_URL: before.taxiiUrl });
    const after = await servers.start([next]);
    const changed = await runPipeline(store, { MITRE_TAXII_URL: after.taxiiUrl });
    for (const step of ["manifest", "objects"]) {
      expect(stepOf(changed, step)).toMatchObject({ inserted: 5, updated: 0, superseded: 4, withdrawn: 2 });
    }
    expect(stepOf(changed, "versions")).toMatchObject({ inserted: 1, updated: 4, withdrawn: 2 });
    const objects = store.database.collection("objects");
    expect(await objects.countDocuments({ removed_at: null })).toBe(12);
    expect(await objects.countDocuments({ removed_reason: "withdrawn" })).toBe(2);

    const again = await servers.start([old]);
    await runPipeline(store, { MITRE_TAXII_URL: again.taxiiUrl });
    expect(await objects.countDocuments({ removed_at: null })).toBe(13);
    expect(await objects.findOne({ "data.objects.id": "tool--00" })).toMatchObject({ removed_at: null });
  });

  test("says which setting to check where nobody answers, and records nothing as done", async () => {
    const sandbox = await servers.start([old]);
    await sandbox.close();
    const store = await openDatabase();
    const report = await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl });
    expect(report.status).toBe("failed");
    expect(report.reason).toContain("MITRE_TAXII_URL");
    expect(writtenIn(report)).toBe(0);
    expect(Object.values(await loadedInto(store)).flat()).toEqual([]);
  });

  test("keeps what is no STIX object in etl_rejected, and loads the others", async () => {
    const sandbox = await servers.start([old]);
    const body = JSON.stringify({ objects: [...old, { type: "tool", note: "no id" }] });
    sandbox.addFault({ upstream: "taxii", path: "/objects/", answer: { kind: "status", status: 200, body } });
    const store = await openDatabase();
    const report = await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl });
    expect(stepOf(report, "objects")).toMatchObject({ inserted: 13, rejected: 1 });
    const [rejected] = await store.database.collection("etl_rejected").find().toArray();
    expect(JSON.stringify(rejected)).toContain("expected a STIX object with id and type");
    expect(JSON.stringify(rejected)).toContain("no id");
  });

  test("has an index for every question that people ask", async () => {
    const sandbox = await servers.start([old]);
    const store = await openDatabase();
    await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl });
    const indexes = await store.database.collection("objects").listIndexes().toArray();
    expect(indexes.map(({ key }) => Object.keys(key).join())).toEqual(
      expect.arrayContaining([
        "data.collection_id,ingested_at,_id",
        "data.objects.id",
        "data.objects.x_mitre_analytic_refs",
        "data.objects.x_mitre_data_source_ref",
        "enriched.attack_id",
        "enriched.type",
        "enriched.name",
        "enriched.modified",
        "enriched.source_ref,enriched.relationship_type",
        "enriched.target_ref,enriched.relationship_type",
        "enriched.source.attack_id,enriched.relationship_type",
        "enriched.target.attack_id,enriched.relationship_type",
        "enriched.data_components.attack_id",
        "enriched.folded_names",
        "enriched.tactics",
        "enriched.platforms",
        "ingested_at,_id",
      ]),
    );
  });
});

function objectPagesOf(requests: readonly string[]): readonly string[] {
  return requests.filter((request) => request.includes("/objects/?"));
}
