import { createLogger } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import type { Fault, Sandbox } from "@cti-connectors/sandbox";
import { describe, expect, test, vi } from "vitest";
import { loadedInto } from "../../src/testing/database.js";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { useServers } from "../../src/testing/start-servers.js";
import { wordedRelease } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const servers = useServers();
const collectionId = "x-mitre-collection--1";
const releaseOf = (version: string, at: string, tools: Readonly<Record<string, string>>) =>
  wordedRelease({ collectionId, version, at, tools });
const [first, second, third] = [
  "2024-01-01T00:00:00.000Z",
  "2024-02-01T00:00:00.000Z",
  "2024-03-01T00:00:00.000Z",
];
const v1 = releaseOf("1.0", first, { a: first, b: first });
const v2 = releaseOf("2.0", second, { a: first, b: second });
const v3 = releaseOf("3.0", third, { a: third, b: second });

type Answer = Fault["answer"];
const json = (status: number): Answer => ({ kind: "status", status, body: '{"title":"Not Found"}' });
const empty = (body: string): Answer => ({ kind: "status", status: 200, body });
const refusals: readonly (readonly [string, Answer])[] = [
  ["403", json(403)],
  ["500", json(500)],
  ["503", json(503)],
  ["200 with HTML", { kind: "html", status: 200 }],
  ["404 with HTML", { kind: "html", status: 404 }],
  ["a list that is none", empty("[]")],
];
const gone: readonly (readonly [string, Answer])[] = [
  ["404", json(404)],
  ["410", json(410)],
  ["{}", empty("{}")],
  ["an empty list", empty('{"collections":[]}')],
];

describeOnEmbedded("a release whose API root is dead", (openDatabase) => {
  type Database = Awaited<ReturnType<typeof openDatabase>>;

  async function run(store: Database, { taxiiUrl }: Sandbox) {
    const lines: string[] = [];
    const log = createLogger({ level: "warn", destination: { write: (line) => lines.push(line) } });
    const env = { MITRE_TAXII_URL: taxiiUrl, MITRE_RELEASES: "all" };
    return { report: await runPipeline(store, env, { log }), log: lines.join("") };
  }

  /** Runs while one root answers something else, and then again. */
  async function runWith(path: string, answer: Answer) {
    const sandbox = await servers.start([v1, v2, v3]);
    const store = await openDatabase();
    sandbox.addFault({ upstream: "taxii", path, answer, times: 1 });
    const dead = await run(store, sandbox);
    const stored = await releasesIn(store);
    const sent = sandbox.requests.length;
    const next = await run(store, sandbox);
    const asked = sandbox.requests.slice(sent).map(({ url }) => url);
    expect(await releasesIn(store)).toEqual(["1.0", "2.0", "3.0"]);
    expect(await currentIn(store)).toEqual([
      `tool--a/${third}`,
      `tool--b/${second}`,
      `${collectionId}/${third}`,
    ]);
    const last = await run(store, sandbox);
    expect([last.report.status, last.report.requests, writtenIn(last.report)]).toEqual(["ok", 1, 0]);
    return { ...dead, stored, next: next.report, asked };
  }

  async function releasesIn({ database }: Database) {
    return (await database.collection("objects").distinct("enriched.releases")).sort();
  }

  async function currentIn({ database }: Database) {
    const current = await database
      .collection("objects")
      .find({ removed_at: null })
      .sort({ _id: 1 })
      .toArray();
    const ids = current.map(({ _id }) => String(_id).slice(collectionId.length + 1));
    return ids.sort((one, other) => Number(one.startsWith("x-")) - Number(other.startsWith("x-")));
  }

  test.each(gone)(
    "is a warning where it answers %s: the others are loaded, and only it is asked again",
    async (_, answer) => {
      const { report, log, stored, next, asked } = await runWith("attack-2.0/collections/", answer);
      expect(report.status).toBe("ok");
      expect(stepOf(report, "releases").missing).toEqual(["attack-2.0"]);
      expect(log).toContain("attack-2.0 is not loaded");
      expect(stored).toEqual(["1.0", "3.0"]);
      expect(next.status).toBe("ok");
      expect(stepOf(next, "releases").missing).toBeUndefined();
      expect(asked.filter((url) => !/^\/taxii2\/|attack-2\.0/.test(url))).toEqual([]);
    },
  );

  test.each(refusals)("fails the step at its end where it answers %s", async (_, answer) => {
    const { report, stored, next, asked } = await runWith("attack-2.0/collections/", answer);
    expect(report).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^releases: .*attack-2\.0/),
    });
    expect(stepOf(report, "releases").missing).toEqual(["attack-2.0"]);
    expect(stored).toEqual(["1.0", "3.0"]);
    expect(next.status).toBe("ok");
    expect(asked.filter((url) => !/^\/taxii2\/|attack-2\.0/.test(url))).toEqual([]);
  });

  test.each([
    ["2.0", json(500)],
    ["1.0", json(403)],
  ] as const)("fails the step at its end where the objects of %s do not come", async (version, answer) => {
    const sandbox = await servers.start([v1, v2, v3]);
    const store = await openDatabase();
    const path = `attack-${version}/collections/${collectionId}/objects/`;
    sandbox.addFault({ upstream: "taxii", path, answer, times: 1_000 });
    const { report } = await run(store, sandbox);
    expect(report).toMatchObject({ status: "failed", reason: expect.stringContaining(`attack-${version}`) });
    expect(stepOf(report, "releases").missing).toEqual([`attack-${version}/${collectionId}`]);
    expect(await releasesIn(store)).toEqual(["1.0", "2.0", "3.0"].filter((other) => other !== version));
    await sandbox.close();
    const well = await servers.start([v1, v2, v3], { taxiiPort: Number(new URL(sandbox.taxiiUrl).port) });
    expect((await run(store, well)).report).toMatchObject({ status: "ok", requests: 2 });
    expect(await releasesIn(store)).toEqual(["1.0", "2.0", "3.0"]);
  });

  test.each(gone)(
    "leaves the newest of the others current where it is the newest and answers %s",
    async (_, answer) => {
      const sandbox = await servers.start([v1, v2, v3]);
      const store = await openDatabase();
      sandbox.addFault({ upstream: "taxii", path: "attack-3.0/collections/", answer, times: 1 });
      const { report } = await run(store, sandbox);
      expect(report.status).toBe("ok");
      expect(stepOf(report, "collections").missing).toEqual(["attack-3.0"]);
      expect(await releasesIn(store)).toEqual(["1.0", "2.0"]);
      expect(await currentIn(store)).toEqual([
        `tool--a/${first}`,
        `tool--b/${second}`,
        `${collectionId}/${second}`,
      ]);
      expect((await run(store, sandbox)).report.status).toBe("ok");
      expect(await currentIn(store)).toEqual([
        `tool--a/${third}`,
        `tool--b/${second}`,
        `${collectionId}/${third}`,
      ]);
    },
  );

  test.each(refusals)(
    "makes no other one current where it is the newest and answers %s",
    async (_, answer) => {
      const { report, stored, next } = await runWith("attack-3.0/collections/", answer);
      expect(report).toMatchObject({
        status: "failed",
        reason: expect.stringMatching(/^releases: .*attack-3\.0/),
      });
      expect(stepOf(report, "collections").missing).toEqual(["attack-3.0"]);
      expect(stored).toEqual(["1.0", "2.0"]);
      expect(next.status).toBe("ok");
    },
  );

  test("takes nothing from a stored release that is gone for once", async () => {
    const sandbox = await servers.start([v1, v2, v3]);
    const store = await openDatabase();
    await run(store, sandbox);
    const before = await currentIn(store);
    await store.database.collection<{ _id: string }>("etl_state").deleteMany({ connector: "mitre-taxii" });
    sandbox.addFault({ upstream: "taxii", path: "attack-3.0/collections/", answer: json(404), times: 1 });
    const { report } = await run(store, sandbox);
    expect(report.status).toBe("ok");
    expect(stepOf(report, "collections").missing).toEqual(["attack-3.0"]);
    expect(await currentIn(store)).toEqual(before);
  });

  test("does not stop at roots that discovery lists and the server does not have", async () => {
    const deadRoots = ["2.5-beta", "0.9", "9.0"].map((version) => `/api/v21/attack-${version}/`);
    const sandbox = await servers.start([v1, v2, v3], { taxii: { deadRoots } });
    const store = await openDatabase();
    for (const requests of [11, 4]) {
      const { report } = await run(store, sandbox);
      expect(report).toMatchObject({ status: "ok", requests });
      expect(stepOf(report, "collections").missing).toEqual(["attack-9.0"]);
      expect(stepOf(report, "releases").missing).toEqual(["attack-2.5-beta", "attack-0.9"]);
    }
    expect(await releasesIn(store)).toEqual(["1.0", "2.0", "3.0"]);
  });

  test("fails where there is no other", async () => {
    const sandbox = await servers.start([v1]);
    const store = await openDatabase();
    sandbox.addFault({ upstream: "taxii", path: "attack-1.0/collections/", answer: json(404), times: 1 });
    expect((await run(store, sandbox)).report).toMatchObject({ status: "failed", requests: 2 });
  });

  test("asks once more for a list that lacks a collection of newer and older releases", async () => {
    const others = [v1, v2, v3].map((objects, index) =>
      wordedRelease({
        collectionId: "x-mitre-collection--2",
        version: `${index + 1}.0`,
        at: first,
        tools: { c: objects[0]?.modified === first ? first : second },
      }),
    );
    const sandbox = await servers.start([v1, v2, v3, ...others]);
    const store = await openDatabase();
    const body = JSON.stringify({ collections: [{ id: collectionId, title: "one" }] });
    sandbox.addFault({ upstream: "taxii", path: "attack-2.0/collections/", answer: empty(body), times: 1 });
    const { report } = await run(store, sandbox);
    expect(report.status).toBe("ok");
    expect(stepOf(report, "releases").missing).toEqual(["attack-2.0/x-mitre-collection--2"]);
    expect(stepOf((await run(store, sandbox)).report, "releases").missing).toBeUndefined();
    const held = { "data.collection_id": "x-mitre-collection--2", "enriched.releases": "2.0" };
    expect(await store.database.collection("objects").countDocuments(held)).toBe(2);
    expect((await run(store, sandbox)).report.requests).toBe(1);
  });

  describe("a list of collections that is too short", () => {
    const otherId = "x-mitre-collection--2";
    const otherOf = (version: string, at: string, tools: Readonly<Record<string, string>>) =>
      wordedRelease({ collectionId: otherId, version, at, tools });
    const o1 = otherOf("1.0", first, { c: first, d: first, e: first });
    const o2 = otherOf("2.0", second, { c: first, d: second, f: second });
    const o3 = otherOf("3.0", third, { c: third, d: second, e: first, f: second });
    const short = empty(JSON.stringify({ collections: [{ id: collectionId, title: "one" }] }));
    const newest = "attack-3.0/collections/";

    /** Everything but times and runs. */
    async function contentsIn({ database }: Database) {
      const fields = { data: 1, enriched: 1, removed_reason: 1 };
      const contents: Record<string, unknown> = {};
      for (const name of ["manifest", "objects", "versions"]) {
        const documents = database.collection(name).find({}, { projection: fields }).sort({ _id: 1 });
        contents[name] = await documents.toArray();
      }
      return contents;
    }

    async function undisturbed(...runs: readonly (readonly (readonly object[])[])[]) {
      const store = await openDatabase();
      let taxiiPort = 0;
      for (const bundles of runs) {
        const sandbox = await servers.start(bundles, { taxiiPort });
        await run(store, sandbox);
        await sandbox.close();
        taxiiPort = Number(new URL(sandbox.taxiiUrl).port);
      }
      return contentsIn(store);
    }

    const listedIn = ({ database }: Database, name: string) =>
      database.collection(name).countDocuments({ "data.collection_id": otherId, removed_at: null });

    test("is asked for once more where it is the newest's, and the next older release has more", async () => {
      const sandbox = await servers.start([v1, v2, v3, o1, o2, o3]);
      const store = await openDatabase();
      sandbox.addFault({ upstream: "taxii", path: newest, answer: short, times: 1 });
      const { report, log } = await run(store, sandbox);
      expect(report.status).toBe("ok");
      expect(stepOf(report, "releases").missing).toEqual([`attack-3.0/${otherId}`]);
      expect(log).toContain(`attack-3.0 does not list ${otherId}, which the release before it lists`);
      expect(await listedIn(store, "objects")).toBe(4);

      const next = await run(store, sandbox);
      expect(next.report.status).toBe("ok");
      expect(stepOf(next.report, "releases").missing).toBeUndefined();
      expect(await contentsIn(store)).toEqual(await undisturbed([v1, v2, v3, o1, o2, o3]));
      expect((await run(store, sandbox)).report.requests).toBe(1);
    });

    test("takes nothing from what is stored where it is a new release's", async () => {
      const before = await servers.start([v1, v2, o1, o2]);
      const store = await openDatabase();
      await run(store, before);
      const names = ["manifest", "objects", "versions"];
      const listed = await Promise.all(names.map((name) => listedIn(store, name)));
      expect(listed).toEqual([4, 4, 4]);
      await before.close();
      const taxiiPort = Number(new URL(before.taxiiUrl).port);
      const sandbox = await servers.start([v1, v2, v3, o1, o2, o3], { taxiiPort });
      sandbox.addFault({ upstream: "taxii", path: newest, answer: short, times: 1 });
      const { report } = await run(store, sandbox);
      expect(report.status).toBe("ok");
      expect(stepOf(report, "releases").missing).toEqual([`attack-3.0/${otherId}`]);
      expect(await Promise.all(names.map((name) => listedIn(store, name)))).toEqual(listed);

      expect(stepOf((await run(store, sandbox)).report, "releases").missing).toBeUndefined();
      expect((await run(store, sandbox)).report.requests).toBe(1);
      const contents = await contentsIn(store);
      await sandbox.close();
      expect(contents).toEqual(await undisturbed([v1, v2, o1, o2], [v1, v2, v3, o1, o2, o3]));
    });

    test("is trusted where the same comes again", async () => {
      const sandbox = await servers.start([v1, v2, v3, o1, o2]);
      const store = await openDatabase();
      for (const [requests, missing] of [
        [10, [`attack-3.0/${otherId}`]],
        [2, undefined],
        [1, undefined],
      ] as const) {
        const { report, log } = await run(store, sandbox);
        expect([report.status, report.requests]).toEqual(["ok", requests]);
        expect(stepOf(report, "releases").missing).toEqual(missing);
        expect(log === "").toBe(missing === undefined);
      }
    });

    test("stays in doubt where the root refuses to list them again", async () => {
      const sandbox = await servers.start([v1, v2, v3, o1, o2, o3]);
      const store = await openDatabase();
      sandbox.addFault({ upstream: "taxii", path: newest, answer: short, times: 1 });
      await run(store, sandbox);
      sandbox.addFault({ upstream: "taxii", path: newest, answer: json(500), times: 1 });
      const { report } = await run(store, sandbox);
      expect(report.status).toBe("ok");
      expect(stepOf(report, "releases").missing).toEqual([`attack-3.0/${otherId}`]);
      await run(store, sandbox);
      expect(await contentsIn(store)).toEqual(await undisturbed([v1, v2, v3, o1, o2, o3]));
    });

    test.each([
      ["shorter", short],
      ["{}", empty("{}")],
      ["without entries", empty('{"collections":[]}')],
    ] as const)("changes nothing with MITRE_RELEASES=latest where it is %s for once", async (_, answer) => {
      const sandbox = await servers.start([v3, o3]);
      const store = await openDatabase();
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
      expect(await runPipeline(store, env)).toMatchObject({ status: "ok" });
      const before = await loadedInto(store);
      const times = answer === short ? 1 : 2;
      sandbox.addFault({ upstream: "taxii", path: "/api/v21/collections/", answer, times });
      const lines: string[] = [];
      const log = createLogger({ level: "warn", destination: { write: (line) => lines.push(line) } });
      const once = await runPipeline(store, env, { log });
      expect(once.status).toBe("ok");
      expect(lines.join("")).toContain(
        answer === short ? `no longer lists ${otherId}` : "has no collection to load",
      );
      expect({ ...(await loadedInto(store)), collections: [] }).toEqual({ ...before, collections: [] });
      const next = await runPipeline(store, env);
      expect([next.status, next.requests, writtenIn(next)]).toEqual(["ok", 3, 1]);
      expect(await loadedInto(store)).toEqual(before);
    });
  });
});
