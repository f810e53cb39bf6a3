import { createLogger, type Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, type SandboxOptions, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { loadedInto } from "../../src/testing/database.js";
import { runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { type BundleFolder, createBundleFolder, tool } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const early = "2024-01-01T00:00:00.000Z";
const late = "2025-01-01T00:00:00.000Z";
const names = Array.from({ length: 8 }, (_, index) => String(index).padStart(2, "0"));
/** What a feed holds at first, and what comes later: one tool changed, one is new. */
const before = names.map((name) => tool(name, early));
const after = [...before, tool("07", late), tool("08", late)];

let folder: BundleFolder;
let feed: string;
let reports: string;
/** A file by this name is one collection, whatever it holds. */
const write = (objects: readonly object[]) => folder.write("feed", objects);
const open: Sandbox[] = [];
beforeAll(async () => {
  folder = await createBundleFolder();
  reports = await folder.write("reports", [tool("report", late)]);
});
afterEach(async () => {
  for (const sandbox of open.splice(0)) {
    await sandbox.close();
  }
});
afterAll(() => folder.remove());

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({
    flavor: "standard",
    attackFiles: [feed, reports],
    quota: null,
    ...options,
  });
  open.push(sandbox);
  return sandbox;
}

/** What was loaded, without the moment in which something was found to be gone. */
async function contentsOf(store: Store, collection: string): Promise<unknown[]> {
  const documents = (await loadedInto(store))[collection] ?? [];
  return documents.map((document) => ({ ...Object(document), removed_at: undefined }));
}

function portOf({ taxiiUrl }: Sandbox): number {
  return Number(new URL(taxiiUrl).port);
}

const quirks: readonly { name: string; taxii?: SandboxOptions["taxii"]; env?: Record<string, string> }[] = [
  { name: "keeps to the standard", taxii: {} },
  { name: "sends short pages", taxii: { maxPageSize: 2 } },
  { name: "sends short pages and no next", taxii: { maxPageSize: 2, omitNext: true } },
  { name: "sends no next", taxii: { omitNext: true }, env: { MITRE_PAGE_SIZE: "5" } },
  { name: "ignores limit", taxii: { ignore: ["limit"] } },
  { name: "ignores match[id]", taxii: { ignore: ["match[id]"] } },
  { name: "ignores match[version]", taxii: { ignore: ["match[version]"] } },
  { name: "ignores added_after", taxii: { ignore: ["added_after"] } },
  {
    name: "ignores every filter",
    taxii: { ignore: ["limit", "match[id]", "match[type]", "match[version]"] },
  },
  { name: "answers 404 where nothing matches", taxii: { emptyAnswer: "not-found" } },
  { name: "answers an empty list where nothing matches", taxii: { emptyAnswer: "empty-list" } },
  { name: "spells canRead", taxii: { collectionKeys: "camelCase" } },
  { name: "sends an ETag", taxii: { etag: true } },
  {
    name: "does all of that at once",
    taxii: {
      maxPageSize: 2,
      omitNext: true,
      ignore: ["match[id]", "match[version]", "match[type]"],
      emptyAnswer: "not-found",
      collectionKeys: "camelCase",
    },
  },
];

describeOnEmbedded("any TAXII 2.1 server", (openDatabase) => {
  /** Loads a feed, and then what became of it, in small pages. */
  async function loadTwice(store: Store, taxii: SandboxOptions["taxii"] = {}, env = {}) {
    feed = await write(before);
    const first = await start({ taxii });
    const settings = {
      MITRE_TAXII_URL: first.taxiiUrl,
      MITRE_REQUEST_BUDGET: "off",
      MITRE_PAGE_SIZE: "2",
      MITRE_CHECK_HOURS: "0",
      ...env,
    };
    const log: string[] = [];
    const options = { log: createLogger({ destination: { write: (line) => log.push(line) } }) };
    const full = await runPipeline(store, settings, options);
    await first.close();
    feed = await write(after);
    const later = await start({ taxii, taxiiPort: portOf(first) });
    const changed = await runPipeline(store, settings, options);
    const unchanged = await runPipeline(store, settings, options);
    return {
      full,
      changed,
      unchanged,
      log,
      requests: later.requests.map(({ url }) => decodeURIComponent(url)),
    };
  }

  async function loadedFrom(taxii: SandboxOptions["taxii"], env: Readonly<Record<string, string>> = {}) {
    const store = await openDatabase();
    const runs = await loadTwice(store, taxii, env);
    const [objects, versions, manifest] = await Promise.all(
      ["objects", "versions", "manifest"].map((collection) => contentsOf(store, collection)),
    );
    return { ...runs, loaded: { objects, versions, manifest } };
  }

  let standard: ReturnType<typeof loadedFrom> | undefined;

  test.each(quirks)(
    "that $name is loaded whole, kept current, and left alone where nothing changed",
    async ({ taxii, env }) => {
      standard ??= loadedFrom({});
      const { loaded: expected } = await standard;
      const { full, changed, unchanged, loaded } = await loadedFrom(taxii, env);
      expect([full, changed, unchanged].map(({ status, reason }) => [status, reason])).toEqual(
        Array(3).fill(["ok", undefined]),
      );
      expect(stepOf(full, "objects")).toMatchObject({ inserted: 9, rejected: 0 });
      expect(stepOf(changed, "objects")).toMatchObject({ inserted: 2, superseded: 1 });
      expect(writtenIn(unchanged)).toBe(0);
      expect(loaded).toEqual(expected);
    },
  );

  test("that ignores match[id] is noticed, and asked for pages from then on", async () => {
    const { requests, log } = await loadedFrom({ ignore: ["match[id]"] });
    expect(log.join()).toContain("the server does not select objects by id");
    expect(requests.filter((url) => url.includes("match[id]"))).toHaveLength(1);
    const honest = await loadedFrom({});
    expect(honest.log.join()).not.toContain("by id");
    expect(honest.requests.filter((url) => /objects\/\?limit/.test(url))).toEqual([]);
  });

  test("that ignores match[version] is noticed, and asked for the versions of each object", async () => {
    const asked = (requests: readonly string[]) =>
      requests.filter((url) => url.endsWith("/versions/")).length;
    expect(asked((await loadedFrom({ ignore: ["match[version]"] })).requests)).toBeGreaterThanOrEqual(2);
    expect(asked((await loadedFrom({})).requests)).toBeLessThan(2);
  });

  test("that answers 429 is waited for as long as Retry-After says, and loaded whole", async () => {
    feed = await write(before);
    const sandbox = await start();
    const answer = { kind: "status", status: 429, headers: { "retry-after": "1" } } as const;
    sandbox.addFault({ upstream: "taxii", path: "manifest", answer, times: 2 });
    const store = await openDatabase();
    const waits: string[] = [];
    const report = await runPipeline(
      store,
      { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_REQUEST_BUDGET: "off" },
      { onEvent: (event) => event.type === "waiting" && waits.push(event.reason) },
    );
    expect(report).toMatchObject({ status: "ok", retries: 0, throttled: 2 });
    expect(waits).toEqual(["throttled", "throttled"]);
    expect(await store.database.collection("objects").countDocuments()).toBe(9);
  });

  test.each(["/taxii2/", "/taxii2", "/api/v21/", "/api/v21"])("is found at %s", async (path) => {
    feed = await write(before);
    for (const flavor of ["standard", "attack"] as const) {
      const sandbox = await start({ flavor });
      const store = await openDatabase();
      const url = new URL(path, sandbox.taxiiUrl).href;
      expect(await runPipeline(store, { MITRE_TAXII_URL: url })).toMatchObject({ status: "ok" });
      expect(await store.database.collection("objects").countDocuments()).toBe(9);
      const roots = await store.database.collection("collections").find().toArray();
      expect(roots.map(({ _id }) => _id)).toEqual([new URL("/api/v21/", sandbox.taxiiUrl).href]);
    }
  });

  test("is asked for the collections named by id, title or pattern, and for no others", async () => {
    feed = await write(before);
    const sandbox = await start();
    const all = await openDatabase();
    await runPipeline(all, { MITRE_TAXII_URL: sandbox.taxiiUrl });
    const [root] = await all.database.collection("collections").find().toArray();
    const [feedId, reportsId] = root?.enriched.collection_ids ?? [];
    expect(root?.enriched.titles).toEqual(["feed", "reports"]);
    for (const [wanted, ids] of [
      [reportsId, [reportsId]],
      ["Reports", [reportsId]],
      ["f*", [feedId]],
      [`feed,${reportsId}`, [feedId, reportsId]],
      ["?eed, nothing", [feedId]],
    ]) {
      const store = await openDatabase();
      await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_COLLECTIONS: wanted });
      for (const name of ["objects", "manifest", "versions"]) {
        const loaded = await store.database.collection(name).distinct("data.collection_id");
        expect(loaded.sort(), `${name} of ${wanted}`).toEqual([...ids].sort());
      }
    }
  });

  test("that lists a collection that may not be read is loaded without it, and the log says so", async () => {
    feed = await write(before);
    const open = await start();
    const store = await openDatabase();
    await runPipeline(store, { MITRE_TAXII_URL: open.taxiiUrl });
    const [root] = await store.database.collection("collections").find().toArray();
    const [feedId, reportsId] = root?.enriched.collection_ids ?? [];

    const closed = await start({ taxii: { unreadable: [feedId] } });
    const lines: string[] = [];
    const other = await openDatabase();
    const report = await runPipeline(
      other,
      { MITRE_TAXII_URL: closed.taxiiUrl },
      { log: createLogger({ destination: { write: (line) => lines.push(line) } }) },
    );
    expect(report.status).toBe("ok");
    expect(lines.join("")).toContain(`no read access to feed (${feedId}) (can_read: false): skipped`);
    expect(await other.database.collection("objects").distinct("data.collection_id")).toEqual([reportsId]);
    expect(closed.requests.filter(({ url }) => url.includes(`${feedId}`))).toEqual([]);
  });
});
