import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { createLogger, type RunEvent } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import type { Sandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { loadedInto } from "../testing/database.js";
import { runPipeline, writtenIn } from "../testing/pipeline.js";
import { useServers } from "../testing/start-servers.js";
import { wordedRelease } from "../testing/write-bundle.js";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const servers = useServers();
const realFiles = ["ics-attack-17.1", "ics-attack-18.1"].map((name) => realData(`attack/${name}.json.gz`));
const bothReleases = nameRealData("both real ICS releases as their bundles say", ...realFiles);

const bundle = z.object({
  objects: z.array(
    z.looseObject({
      id: z.string(),
      type: z.string(),
      modified: z.string().optional(),
      created: z.string().optional(),
      x_mitre_version: z.string().optional(),
    }),
  ),
});
type BundleObject = z.output<typeof bundle>["objects"][number];

async function readBundle(file: string): Promise<readonly BundleObject[]> {
  const text = await promisify(gunzip)(await readFile(file));
  return bundle.parse(JSON.parse(text.toString())).objects;
}

const collection = "x-mitre-collection--1";
const early = "2024-01-01T00:00:00.000Z";
const middle = "2024-02-01T00:00:00.000Z";
const late = "2024-03-01T00:00:00.000Z";
const latest = "2024-04-01T00:00:00.000Z";

const releaseOf = (version: string, at: string, tools: Readonly<Record<string, string>>) =>
  wordedRelease({ collectionId: collection, version, at, tools });
const v16 = releaseOf("16.1", early, { a: early, b: early, c: early });
/** `a` goes. */
const v17 = releaseOf("17.1", middle, { b: early, c: early, d: middle });
/** `b` changes, `c` does in its words only, `d` goes, and `a` is back. */
const v18 = releaseOf("18.1", late, { a: early, b: late, c: early, e: late });
const v19 = releaseOf("19.0", latest, { b: latest, c: early, e: late });
const all = [v16, v17, v18, v19];
const v15 = releaseOf("15.1", "2023-12-01T00:00:00.000Z", { a: "2023-12-01T00:00:00.000Z" });
/** Holds `b` in two versions, of which it names the newer one first. */
const twice = [
  ...releaseOf("16.1", early, { a: early, b: early, c: early }),
  ...releaseOf("16.1", early, { b: "2023-12-01T00:00:00.000Z" }).slice(1),
];

/** What is known of each object version: its releases, and how it was removed. */
interface Known {
  readonly releases: readonly string[];
  readonly removed: string | null;
}

/** What the database must hold of releases, oldest first, while the last one is current. */
function expectedOf(collectionId: string, ...releases: readonly (readonly BundleObject[])[]) {
  const objects = new Map<string, Known>();
  const versions = new Map<string, Known & { readonly versions: readonly string[] }>();
  const current = releases.at(-1) ?? [];
  const currentIds = new Set(current.map(({ id }) => id));
  const currentVersions = new Set(current.map(documentIdOf));
  function documentIdOf({ id, modified, created }: BundleObject): string {
    return `${collectionId}/${id}/${new Date(modified ?? created ?? "").toISOString()}`;
  }
  for (const held of releases) {
    const release = held.find(({ id }) => id === collectionId)?.x_mitre_version ?? "";
    for (const object of held) {
      const documentId = documentIdOf(object);
      const isCurrent = currentIds.has(object.id);
      const removed = currentVersions.has(documentId) ? null : isCurrent ? "superseded" : "withdrawn";
      objects.set(documentId, {
        releases: [...new Set([...(objects.get(documentId)?.releases ?? []), release])],
        removed,
      });
      const id = `${collectionId}/${object.id}`;
      const known = versions.get(id);
      versions.set(id, {
        releases: [...new Set([...(known?.releases ?? []), release])],
        removed: isCurrent ? null : "withdrawn",
        versions: [...new Set([...(known?.versions ?? []), documentId.slice(id.length + 1)])].sort(),
      });
    }
  }
  return { objects: Object.fromEntries(objects), versions: Object.fromEntries(versions) };
}

/** The same objects where another release than the last one is current. */
function withCurrent(objects: Readonly<Record<string, Known>>, current: readonly BundleObject[]) {
  const listed = expectedOf(collection, current);
  return Object.fromEntries(
    Object.entries(objects).map(([documentId, { releases }]) => {
      const objectId = documentId.split("/").slice(0, 2).join("/");
      const isSuperseded = objectId in listed.versions;
      const removed = documentId in listed.objects ? null : isSuperseded ? "superseded" : "withdrawn";
      return [documentId, { releases, removed }];
    }),
  );
}

function listedIn(known: Readonly<Record<string, Known>>): readonly string[] {
  return Object.keys(known)
    .filter((id) => known[id]?.removed === null)
    .sort();
}

describeOnEmbedded("MITRE_RELEASES", (openDatabase) => {
  type Database = Awaited<ReturnType<typeof openDatabase>>;
  const stored = z.object({
    _id: z.string(),
    enriched: z.object({ releases: z.array(z.string()) }),
    removed_at: z.date().nullable(),
    removed_reason: z.string().optional(),
    data: z.object({ versions: z.object({ versions: z.array(z.string()) }).optional() }),
  });

  /** The same of the database. */
  async function knownIn(store: Database) {
    return { objects: await knownOf(store, "objects"), versions: await knownOf(store, "versions") };
  }

  async function knownOf({ database }: Database, name: string): Promise<Record<string, Known>> {
    const found = await database.collection(name).find().toArray();
    return Object.fromEntries(
      found.map((document) => {
        const { _id, enriched, removed_at, removed_reason, data } = stored.parse(document);
        expect(removed_at === null).toBe(removed_reason === undefined);
        const { versions } = data.versions ?? {};
        const known = { releases: enriched.releases, removed: removed_reason ?? null };
        return [_id, versions === undefined ? known : { ...known, versions: [...versions].sort() }];
      }),
    );
  }

  /** What the documents say, whatever is current. */
  async function contentsIn({ database }: Database) {
    const projection = { data: 1, enriched: 1 };
    return [
      await database.collection("objects").find({}, { projection }).sort({ _id: 1 }).toArray(),
      await database.collection("versions").find({}, { projection }).sort({ _id: 1 }).toArray(),
    ];
  }

  async function listedManifestOf({ database }: Database) {
    const listed = database.collection("manifest").find({ removed_at: null }, { projection: { _id: 1 } });
    return (await listed.toArray()).map(({ _id }) => String(_id)).sort();
  }

  const envOf = ({ taxiiUrl }: Sandbox, releases = "all") => ({
    MITRE_TAXII_URL: taxiiUrl,
    MITRE_RELEASES: releases,
  });

  function expectNothingTwice({ requests }: Sandbox): void {
    const urls = requests.map(({ url }) => url);
    expect(urls).toEqual([...new Set(urls)]);
  }

  test.skipIf(!hasRealData(...realFiles))(`holds ${bothReleases}`, async () => {
    const sandbox = await servers.start([], { attackFiles: realFiles });
    const store = await openDatabase();
    const run = await runPipeline(store, envOf(sandbox));
    expect(run).toMatchObject({ status: "ok", requests: 6, throttled: 0 });
    expectNothingTwice(sandbox);

    const [before = [], now = []] = await Promise.all(realFiles.map(readBundle));
    const id = now.find(({ type }) => type === "x-mitre-collection")?.id ?? "";
    const expected = expectedOf(id, before, now);
    const known = await knownIn(store);
    expect(known).toEqual(expected);
    expect(Object.keys(expected.versions)).toHaveLength(1651 + 413);
    const several = Object.values(expected.versions).filter(({ versions }) => versions.length === 2);
    expect(several).toHaveLength(77);
    const reasons = Object.values(expected.objects).map(({ removed }) => removed);
    expect(reasons.filter((reason) => reason === "superseded")).toHaveLength(77);
    expect(reasons.filter((reason) => reason === "withdrawn")).toHaveLength(238);

    // What 18.1 changed without a new version is as it says.
    const texts = new Map(now.map((object) => [object.id, object.description]));
    const current = store.database.collection("objects").find({ removed_at: null });
    for await (const { data } of current) {
      const [object] = data.objects;
      expect(object.description).toEqual(texts.get(object.id));
    }
    expect(await store.database.collection("manifest").countDocuments()).toBe(1826);

    const stays = await loadedInto(store);
    const again = await runPipeline(store, envOf(sandbox));
    expect(again).toMatchObject({ status: "ok", requests: 1 });
    expect(writtenIn(again)).toBe(0);
    expect(await loadedInto(store)).toEqual(stays);
  });

  test.each([
    ["all", all],
    ["17.1", [v17]],
    ["16.1,18.1", [v16, v18]],
    ["16.1..18.1", [v16, v17, v18]],
    ["16.0..17.9,19.0", [v16, v17, v19]],
  ])("%s loads these releases and no others, each once", async (setting, selected) => {
    const sandbox = await servers.start(all);
    const store = await openDatabase();
    const run = await runPipeline(store, envOf(sandbox, setting));
    expect(run).toMatchObject({ status: "ok", requests: 2 + 2 * selected.length });
    expectNothingTwice(sandbox);
    expect(await knownIn(store)).toEqual(expectedOf(collection, ...selected));
    expect(writtenIn(await runPipeline(store, envOf(sandbox, setting)))).toBe(0);
    expect(sandbox.requests).toHaveLength(3 + 2 * selected.length);
  });

  test("says what there is where it names a release that the server has not, and stores nothing", async () => {
    const sandbox = await servers.start(all);
    const store = await openDatabase();
    const run = await runPipeline(store, envOf(sandbox, "18.1,17.5,20.0..21.0"));
    expect(run).toMatchObject({ status: "failed", requests: 1 });
    expect(run.reason).toContain(
      "MITRE_RELEASES names releases that the server does not have: 17.5, 20.0..21.0",
    );
    expect(run.reason).toContain("it has 16.1, 17.1, 18.1, 19.0");
    expect(await loadedInto(store)).toEqual({ collections: [], manifest: [], objects: [], versions: [] });
  });

  test("says what to do on a server that has no releases, and at an API root", async () => {
    const store = await openDatabase();
    const standard = await servers.start([v18], { flavor: "standard" });
    const none = await runPipeline(store, envOf(standard));
    expect(none).toMatchObject({ status: "failed" });
    expect(none.reason).toContain("the server has no API root of a single ATT&CK release");
    expect(none.reason).toContain("set MITRE_RELEASES to latest");

    const sandbox = await servers.start([v17, v18]);
    const apiRoot = new URL("/api/v21/attack-17.1/", sandbox.taxiiUrl).href;
    const pinned = await runPipeline(store, { MITRE_TAXII_URL: apiRoot, MITRE_RELEASES: "all" });
    expect(pinned).toMatchObject({ status: "failed" });
    expect(pinned.reason).toContain("MITRE_TAXII_URL is an API root");
    expect(pinned.reason).toContain("set MITRE_TAXII_URL to the server's discovery URL");
  });

  test("says which release has not the collections that are asked for", async () => {
    const behind = wordedRelease({
      collectionId: "x-mitre-collection--2",
      version: "17.1",
      at: early,
      tools: { a: early },
    });
    const sandbox = await servers.start([v17, v18, behind]);
    const store = await openDatabase();
    const env = { ...envOf(sandbox), MITRE_COLLECTIONS: "*--2" };
    const run = await runPipeline(store, env);
    expect(run).toMatchObject({ status: "failed" });
    expect(run.reason).toContain("MITRE_COLLECTIONS matches no collection: *--2");
    expect(run.reason).toContain("ATT&CK 18.1, the newest release of MITRE_RELEASES, has");
    expect(await runPipeline(store, { ...env, MITRE_RELEASES: "17.1" })).toMatchObject({ status: "ok" });
    expect(Object.keys((await knownIn(store)).versions).sort()).toEqual([
      "x-mitre-collection--2/tool--a",
      "x-mitre-collection--2/x-mitre-collection--2",
    ]);
  });

  test("can be changed forth and back, and nothing is lost", async () => {
    const sandbox = await servers.start([v16, v17, v18]);
    const store = await openDatabase();
    const asked = async (setting: string) => {
      const before = sandbox.requests.length;
      expect(await runPipeline(store, envOf(sandbox, setting))).toMatchObject({ status: "ok" });
      return sandbox.requests.slice(before).map(({ url }) => decodeURIComponent(url));
    };
    await asked("latest");
    await asked("all");
    const whole = expectedOf(collection, v16, v17, v18);
    expect(await knownIn(store)).toEqual(whole);
    const contents = await contentsIn(store);

    await asked("latest");
    expect(await knownIn(store)).toEqual(whole);
    expect(await contentsIn(store)).toEqual(contents);

    await asked("17.1");
    const at17 = await knownIn(store);
    expect(at17.objects).toEqual(withCurrent(whole.objects, v17));
    expect(listedIn(at17.versions)).toEqual(listedIn(expectedOf(collection, v17).versions));
    expect(await contentsIn(store)).toEqual(contents);

    const again = await asked("all");
    expect(await knownIn(store)).toEqual(whole);
    expect(await contentsIn(store)).toEqual(contents);
    // 17.1 and 16.1 are finished.
    expect(again.filter((url) => /attack-1[67]/.test(url))).toEqual([]);
    expect(await asked("all")).toEqual(["/taxii2/"]);
  });

  test("a collection that the newest one has not is current as its own newest has it, whatever was before", async () => {
    const other = (version: string, at: string, tools: Readonly<Record<string, string>>) =>
      wordedRelease({ collectionId: "x-mitre-collection--2", version, at, tools });
    const sandbox = await servers.start([
      v18,
      other("16.1", early, { a: early, b: early, c: early }),
      other("17.1", middle, { b: middle, c: early, d: middle }),
    ]);
    const [store, fresh] = [await openDatabase(), await openDatabase()];
    expect(await runPipeline(fresh, envOf(sandbox))).toMatchObject({ status: "ok" });
    const expected = { ...(await knownIn(fresh)), manifest: await listedManifestOf(fresh) };
    for (const setting of ["all", "16.1", "all", "17.1", "all"]) {
      expect(await runPipeline(store, envOf(sandbox, setting))).toMatchObject({ status: "ok" });
      if (setting === "all") {
        expect({ ...(await knownIn(store)), manifest: await listedManifestOf(store) }).toEqual(expected);
      }
    }
    const again = await runPipeline(store, envOf(sandbox));
    expect(again).toMatchObject({ status: "ok", requests: 1 });
    expect(writtenIn(again)).toBe(0);
  });

  test.each([
    { where: "an earlier release", bundles: [twice, v17, v18] },
    { where: "the current release", bundles: [v15, twice] },
  ])("stores both versions of an object that $where holds in two", async ({ bundles }) => {
    const sandbox = await servers.start(bundles);
    const store = await openDatabase();
    for (const env of [envOf(sandbox), { ...envOf(sandbox), MITRE_PAGE_SIZE: "2" }]) {
      expect(await runPipeline(store, env)).toMatchObject({ status: "ok" });
      expect(await knownIn(store)).toEqual(expectedOf(collection, ...bundles));
    }
    const again = await runPipeline(store, envOf(sandbox));
    expect([again.requests, writtenIn(again)]).toEqual([1, 0]);
    expect(await runPipeline(store, envOf(sandbox), { full: true })).toMatchObject({ status: "ok" });
    expect(await knownIn(store)).toEqual(expectedOf(collection, ...bundles));
  });

  test("says once how many versions a table of contents names that the server never sends", async () => {
    const named = (release: readonly BundleObject[], absent: Readonly<Record<string, string>>) =>
      release.map((object) => ({
        ...object,
        ...(object.type === "x-mitre-collection" && {
          x_mitre_contents: [
            ...z.array(z.unknown()).parse(object.x_mitre_contents),
            ...Object.entries(absent).map(([id, at]) => ({ object_ref: id, object_modified: at })),
          ],
        }),
      }));
    const gaps = { "tool--b": "2023-06-01T00:00:00.000Z", "tool--gone": early };
    const sandbox = await servers.start([v16, named(v17, gaps), named(v18, { "tool--gone": early })]);
    const lines: string[] = [];
    const log = createLogger({ level: "warn", destination: { write: (line) => lines.push(line) } });
    const store = await openDatabase();
    for (const pageSize of ["5000", "2"]) {
      lines.length = 0;
      const env = { ...envOf(sandbox), MITRE_PAGE_SIZE: pageSize };
      const run = await runPipeline(store, env, { log, full: true });
      expect(run).toMatchObject({ status: "ok" });
      expect(lines).toEqual([
        expect.stringContaining(`of ${collection} in attack-18.1 names 1 object version that`),
        expect.stringContaining(`of ${collection} in attack-17.1 names 2 object versions that`),
      ]);
      expect(await knownIn(store)).toEqual(expectedOf(collection, v16, v17, v18));
      expect(await runPipeline(store, env, { log })).toMatchObject({ status: "ok", requests: 1 });
      expect(lines).toHaveLength(2);
    }
  });

  test("makes a new release the current one, and asks for no other", async () => {
    const sandbox = await servers.start([v16, v17, v18]);
    const store = await openDatabase();
    await runPipeline(store, envOf(sandbox));
    await sandbox.close();
    const taxiiPort = Number(new URL(sandbox.taxiiUrl).port);
    const next = await servers.start(all, { taxiiPort });
    // One of them asks for the table of contents: whether it confirms what the manifest no longer lists.
    expect(await runPipeline(store, envOf(next))).toMatchObject({ status: "ok", requests: 5 });
    expect(next.requests.filter(({ url }) => !/^\/taxii2\/|attack-19\.0/.test(url))).toEqual([]);
    expect(await knownIn(store)).toEqual(expectedOf(collection, ...all));
    const again = await runPipeline(store, envOf(next));
    expect(again).toMatchObject({ status: "ok", requests: 1 });
    expect(writtenIn(again)).toBe(0);
  });

  test("holds the same from a server that moved elsewhere", async () => {
    const sandbox = await servers.start([v16, v17, v18]);
    const store = await openDatabase();
    await runPipeline(store, envOf(sandbox));
    await sandbox.close();
    const moved = await servers.start(all);
    expect(await runPipeline(store, envOf(moved))).toMatchObject({ status: "ok" });
    expectNothingTwice(moved);
    expect(await knownIn(store)).toEqual(expectedOf(collection, ...all));
  });

  test("is worked through in several windows of a small quota, without a 429", async () => {
    const sandbox = await servers.start(all, { quota: { requests: 4, windowMs: 500 } });
    const store = await openDatabase();
    const waits: RunEvent[] = [];
    const run = await runPipeline(
      store,
      // Longer than the quota: a request may be on its way for as long as a busy machine needs.
      { ...envOf(sandbox), MITRE_REQUEST_BUDGET: "4/0.8" },
      { onEvent: (event) => event.type === "waiting" && waits.push(event) },
    );
    expect(run).toMatchObject({ status: "ok", requests: 10, throttled: 0 });
    expect(sandbox.requests.map(({ status }) => status)).not.toContain(429);
    expect(waits.length).toBeGreaterThanOrEqual(2);
    expectNothingTwice(sandbox);
    expect(await knownIn(store)).toEqual(expectedOf(collection, ...all));
  });

  test("holds the same where it is stopped in the middle, again and again", async () => {
    const sandbox = await servers.start(all);
    const store = await openDatabase();
    const env = { ...envOf(sandbox), MITRE_PAGE_SIZE: "2" };
    let runs = 0;
    for (let status = ""; status !== "ok"; runs += 1) {
      expect(runs).toBeLessThan(20);
      const stop = new AbortController();
      let pages = 0;
      const onEvent = (event: RunEvent) => {
        if (event.type !== "page-loaded") {
          return;
        }
        pages += 1;
        if (pages === 7) {
          stop.abort(new Error("stopped"));
        }
      };
      ({ status } = await runPipeline(store, env, { signal: stop.signal, onEvent }));
      expect(["interrupted", "ok"]).toContain(status);
    }
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(await knownIn(store)).toEqual(expectedOf(collection, ...all));
    const asked = sandbox.requests.map(({ url }) => url).filter((url) => /attack-1[678].*objects/.test(url));
    // One page may come twice for each stop.
    expect(asked.length).toBeLessThanOrEqual(new Set(asked).size + runs - 1);
    expect(await runPipeline(store, env)).toMatchObject({ status: "ok", requests: 1 });
  });

  test("says which documents were deleted, and loads them again", async () => {
    const sandbox = await servers.start(all);
    const store = await openDatabase();
    await runPipeline(store, envOf(sandbox));
    const before = await contentsIn(store);
    await store.database.collection("objects").deleteOne({ "enriched.releases": ["17.1"] });
    const lines: string[] = [];
    const log = createLogger({ destination: { write: (line) => lines.push(line) } });
    const from = sandbox.requests.length;
    expect(await runPipeline(store, envOf(sandbox), { log })).toMatchObject({ status: "ok" });
    expect(lines.join("")).toContain("documents of ATT&CK 17.1 were deleted from the database");
    expect(await contentsIn(store)).toEqual(before);
    const asked = sandbox.requests.slice(from).map(({ url }) => url);
    expect(asked.filter((url) => !/^\/taxii2\/|attack-17\.1/.test(url))).toEqual([]);
  });
});
