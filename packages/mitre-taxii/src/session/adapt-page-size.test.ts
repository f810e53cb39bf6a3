import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import type { Sandbox, SandboxOptions } from "@cti-connectors/sandbox";
import { describe, expect, test, vi } from "vitest";
import { contentsWithoutRoots, deleteAllDocuments } from "../testing/database.js";
import { load, pagesToStopAfter, runPipeline, stepOf } from "../testing/pipeline.js";
import { useServers } from "../testing/start-servers.js";
import { wordedRelease } from "../testing/write-bundle.js";

// Dozens of runs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const servers = useServers();
const collectionId = "x-mitre-collection--1";
const early = "2024-01-01T00:00:00.000Z";
const late = "2024-02-01T00:00:00.000Z";
const tools = (modified: string) =>
  Object.fromEntries(Array.from({ length: 320 }, (_, index) => [String(index), modified]));
const older = wordedRelease({ collectionId, version: "17.1", at: early, tools: tools(early) });
const newer = wordedRelease({ collectionId, version: "18.1", at: late, tools: tools(late) });

const start = (options: SandboxOptions = {}) => servers.start([older, newer], options);
const envOf = ({ taxiiUrl }: Sandbox, more: Readonly<Record<string, string>> = {}) => ({
  MITRE_TAXII_URL: taxiiUrl,
  ...more,
});

/** The limits of all requests for pages of this resource, in order. */
function limitsOf({ requests }: Sandbox, path: "/objects/" | "/manifest/", from = 0): readonly number[] {
  return requests
    .slice(from)
    .map(({ url }) => new URL(url, "http://127.0.0.1"))
    .filter(({ pathname, searchParams }) => pathname.endsWith(path) && !searchParams.has("match[type]"))
    .map(({ searchParams }) => Number(searchParams.get("limit")));
}

const untilObjectsCome = [5000, 2500, 1250, 625, 312];
const whole = [156, 156, 156];
const untilManifestComes = [50_000, 25_000, 12_500, 6250, 3125, 1562, 781, 390];
const wholeManifest = [195, 195];

describeOnEmbedded("a page that is too large", (openDatabase) => {
  const undisturbed = new Map<string, Awaited<ReturnType<typeof contentsWithoutRoots>>>();

  /** Loads only once what several tests compare with. */
  async function loadUndisturbed(more: { readonly MITRE_RELEASES?: "all" } = {}) {
    const { MITRE_RELEASES = "latest" } = more;
    const loaded = undisturbed.get(MITRE_RELEASES);
    if (loaded !== undefined) {
      return loaded;
    }
    const database = await openDatabase();
    await load(database, { env: envOf(await start(), more) });
    const contents = await contentsWithoutRoots(database);
    undisturbed.set(MITRE_RELEASES, contents);
    return contents;
  }

  test("halves pages that are longer than an answer may be", async () => {
    const sandbox = await start();
    const database = await openDatabase();
    const { log } = await load(database, { env: envOf(sandbox), http: { maxBodyBytes: 50_000 } });
    expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed());
    expect(log.join("\n")).toMatch(
      /a page of 5000 objects is longer than HTTP_MAX_BODY_MB allows, so its objects/,
    );
  });

  describe.each([502, 504] as const)("where large pages get %d", (status) => {
    test("halves them until they come, and begins the next run with what worked", async () => {
      const sandbox = await start({ taxii: { largePage: { objects: 300, status } } });
      const database = await openDatabase();
      const { log } = await load(database, { env: envOf(sandbox) });
      expect(limitsOf(sandbox, "/objects/")).toEqual([...untilObjectsCome, ...whole]);
      expect(limitsOf(sandbox, "/manifest/")).toEqual([...untilManifestComes, ...wholeManifest]);
      expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed());
      expect(log.filter((line) => line.includes("took the server too long"))).toHaveLength(5 + 8);
      expect(log.join("\n")).toContain(
        `a page of 312 objects took the server too long, so its objects are read again with 156 per page`,
      );
      expect(log.join("\n")).toContain("so its manifest is read again with 195 per page");

      await deleteAllDocuments(database);
      const before = sandbox.requests.length;
      await load(database, { env: envOf(sandbox) });
      expect(limitsOf(sandbox, "/objects/", before)).toEqual(whole);
      expect(limitsOf(sandbox, "/manifest/", before)).toEqual(wholeManifest);
      expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed());
    });
  });

  describe("where large pages do not come in time", () => {
    test("halves them, without trying one of them twice", async () => {
      const sandbox = await start({ taxii: { largePage: { objects: 300, delayMs: 4000 } } });
      const database = await openDatabase();
      const env = envOf(sandbox, { MITRE_PAGE_SIZE: "400" });
      await load(database, { env, http: { timeoutMs: 1000, retries: 4 } });
      expect(limitsOf(sandbox, "/objects/")).toEqual([400, 200, 200]);
      expect(limitsOf(sandbox, "/manifest/")).toEqual([4000, 2000, 1000, 500, 250, 250]);
      expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed());
    });
  });

  describe("a page size that was learnt", () => {
    const largePage = { objects: 300, status: 504 as const };

    test("is that of earlier releases, too", async () => {
      const sandbox = await start({ taxii: { largePage } });
      const database = await openDatabase();
      await load(database, { env: envOf(sandbox, { MITRE_RELEASES: "all" }) });
      expect(limitsOf(sandbox, "/objects/")).toEqual([...untilObjectsCome, ...whole, ...whole]);
      expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed({ MITRE_RELEASES: "all" }));
    });

    test("is learnt from an earlier release, too, which is then begun again", async () => {
      const env = (sandbox: Sandbox) => envOf(sandbox, { MITRE_RELEASES: "all", MITRE_PAGE_SIZE: "200" });
      const sandbox = await start();
      const path = `attack-17.1/collections/${collectionId}/objects/`;
      sandbox.addFault({ upstream: "taxii", path, skip: 1, answer: { kind: "html", status: 504 } });
      const database = await openDatabase();
      await load(database, { env: env(sandbox) });
      expect(limitsOf(sandbox, "/objects/")).toEqual([200, 200, 200, 200, 100, 100, 100, 100]);
      expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed({ MITRE_RELEASES: "all" }));
      await deleteAllDocuments(database);
      const before = sandbox.requests.length;
      await load(database, { env: env(sandbox) });
      // 18.1 came in pages of 200.
      expect(limitsOf(sandbox, "/objects/", before)).toEqual([200, 200, 100, 100, 100, 100]);
    });

    test("is forgotten where MITRE_PAGE_SIZE is another", async () => {
      const sandbox = await start({ taxii: { largePage } });
      const database = await openDatabase();
      await load(database, { env: envOf(sandbox) });
      await deleteAllDocuments(database);
      const before = sandbox.requests.length;
      await load(database, { env: envOf(sandbox, { MITRE_PAGE_SIZE: "1000" }) });
      expect(limitsOf(sandbox, "/objects/", before)).toEqual([1000, 500, 250, 250]);
      expect(limitsOf(sandbox, "/manifest/", before).slice(0, 2)).toEqual([10_000, 5000]);
      expect(await contentsWithoutRoots(database)).toEqual(await loadUndisturbed());
    });

    test("survives that the run is broken off, and so do the pages that came with it", async () => {
      const sandbox = await start({ taxii: { largePage } });
      const expected = await loadUndisturbed();
      const { pages } = await load(await openDatabase(), { env: envOf(sandbox) });
      for (const stopAfterPages of pagesToStopAfter(pages, "interrupt")) {
        const database = await openDatabase();
        const before = sandbox.requests.length;
        await load(database, { env: envOf(sandbox), stopAfterPages, stop: "interrupt" });
        await load(database, { env: envOf(sandbox) });
        expect(await contentsWithoutRoots(database)).toEqual(expected);
        const objects = limitsOf(sandbox, "/objects/", before);
        // At most the page that the run was broken off at comes twice.
        expect(objects.length).toBeLessThanOrEqual(untilObjectsCome.length + whole.length + 1);
      }
    });
  });
});

describeOnServers("the size of pages", (openDatabase) => {
  test("is as set again in a full run", async () => {
    const sandbox = await start({ taxii: { largePage: { objects: 300, status: 504 } } });
    const store = await openDatabase();
    for (const full of [false, true]) {
      const before = sandbox.requests.length;
      expect(
        await runPipeline(store, { ...envOf(sandbox), MITRE_REQUEST_BUDGET: "off" }, { full }),
      ).toMatchObject({ status: "ok" });
      expect(limitsOf(sandbox, "/objects/", before)).toEqual([...untilObjectsCome, ...whole]);
    }
    expect(await store.database.collection("objects").countDocuments({ removed_at: null })).toBe(321);
  });

  test("goes down to 100; then it is tried as often as HTTP_RETRIES says, and the run fails", async () => {
    const sandbox = await start();
    const path = `${collectionId}/objects/?limit=`;
    sandbox.addFault({ upstream: "taxii", path, times: 1000, answer: { kind: "html", status: 504 } });
    const store = await openDatabase();
    const run = await runPipeline(store, envOf(sandbox), { http: { retries: 2 } });
    expect(limitsOf(sandbox, "/objects/")).toEqual([...untilObjectsCome, 156, 100, 100, 100]);
    expect(run).toMatchObject({ status: "failed", retries: 2 });
    expect(run.reason).toContain("504");
    expect(stepOf(run, "manifest")).toMatchObject({ inserted: 321 });

    // What was learnt in vain is no reason to learn it again.
    const before = sandbox.requests.length;
    expect(await runPipeline(store, envOf(sandbox), { http: { retries: 0 } })).toMatchObject({
      status: "failed",
    });
    expect(limitsOf(sandbox, "/objects/", before)).toEqual([100]);
  });
});
