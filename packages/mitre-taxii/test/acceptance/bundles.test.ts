import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { configureConnector, parseConfig, type Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { mitreTaxii } from "../../src/mitre-taxii.js";
import { loadedInto } from "../../src/testing/database.js";
import { load, runPipeline, stepOf, writtenIn } from "../../src/testing/pipeline.js";
import { startScriptedServer } from "../../src/testing/scripted-server.js";
import { ics as icsId, release, release17, release18, technique } from "../../src/testing/small-releases.js";
import { type BundleFolder, createBundleFolder } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

/** Documents as text: their content, its hash, and the order of its keys; without the times of the runs. */
async function documentsIn(store: Store): Promise<readonly string[]> {
  return Object.entries(await loadedInto(store)).flatMap(([collection, documents]) =>
    documents.map((document) =>
      `${collection} ${JSON.stringify(document)}`.replace(removedAt, '"removed_at":"…"'),
    ),
  );
}

const removedAt = /"removed_at":"[^"]*"/g;

/** The texts that only one of both has; so many as tell what is wrong. */
function differencesOf(one: readonly string[], other: readonly string[]) {
  const without = (some: readonly string[], known: ReadonlySet<string>) =>
    some.filter((text) => !known.has(text)).slice(0, 3);
  return { only: without(one, new Set(other)), missing: without(other, new Set(one)) };
}

const none = { only: [], missing: [] };

/** Settings of a load from bundles that stand for this server. */
function bundlesOf({ taxiiUrl }: Sandbox, files: readonly string[], more: object = {}) {
  return { MITRE_TAXII_URL: taxiiUrl, MITRE_BUNDLES: files.join(","), ...more };
}

/**
 * Loads the same releases from bundles and over TAXII, each into a database of its own, and then each the other way, too.
 *
 * @param releases MITRE_RELEASES over TAXII
 */
async function expectSameDocuments(
  openDatabase: () => Promise<Store>,
  files: readonly string[],
  releases: string,
): Promise<void> {
  const sandbox = await startSandbox({ attackFiles: [...files], quota: null });
  try {
    const overTaxii = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_RELEASES: releases };
    const fromBundles = bundlesOf(sandbox, files, { MITRE_RELEASES: releases });
    const [taxii, bundles] = [await openDatabase(), await openDatabase()];
    expect(await runPipeline(taxii, overTaxii)).toMatchObject({ status: "ok" });
    const asked = sandbox.requests.length;
    expect(await runPipeline(bundles, fromBundles)).toMatchObject({ status: "ok", requests: 0 });
    expect(sandbox.requests.length).toBe(asked);
    const expected = await documentsIn(taxii);
    expect(differencesOf(await documentsIn(bundles), expected)).toEqual(none);
    const bundlesAfterTaxii = await runPipeline(taxii, fromBundles);
    expect(bundlesAfterTaxii).toMatchObject({ status: "ok", requests: 0 });
    expect(writtenIn(bundlesAfterTaxii)).toBe(0);
    const taxiiAfterBundles = await runPipeline(bundles, overTaxii);
    expect(taxiiAfterBundles).toMatchObject({ status: "ok" });
    expect(writtenIn(taxiiAfterBundles)).toBe(0);
  } finally {
    await sandbox.close();
  }
}

describeOnEmbedded("bundles", (openDatabase) => {
  let folder: BundleFolder;
  let older: string;
  let newer: string;
  beforeAll(async () => {
    folder = await createBundleFolder();
    older = await folder.write("older", release17);
    newer = await folder.write("newer", release18);
  });
  afterAll(() => folder.remove());

  async function withServer<Result>(files: readonly string[], work: (sandbox: Sandbox) => Promise<Result>) {
    const sandbox = await startSandbox({ attackFiles: [...files], quota: null });
    try {
      return await work(sandbox);
    } finally {
      await sandbox.close();
    }
  }

  const fromFiles = (files: readonly string[], more: object = {}) => ({
    MITRE_BUNDLES: files.join(","),
    ...more,
  });

  test("make the same documents as TAXII, and either can follow the other", async () => {
    await expectSameDocuments(openDatabase, [newer], "latest");
  });

  test("of several releases make the same documents as TAXII, and either can follow the other", async () => {
    await expectSameDocuments(openDatabase, [older, newer], "all");
  });

  test("of a newer release withdraw and supersede what TAXII would", async () => {
    const [taxii, bundles] = [await openDatabase(), await openDatabase()];
    const accept = { acceptRemovals: true };
    for (const file of [older, newer]) {
      // The API root of both is that of the public server.
      await withServer([file], async ({ taxiiUrl }) => {
        await runPipeline(taxii, { MITRE_TAXII_URL: taxiiUrl }, { ...accept, full: true });
      });
      await runPipeline(bundles, fromFiles([file]), accept);
    }
    const withoutRoots = (documents: readonly string[]) =>
      documents.filter((document) => !document.startsWith("collections "));
    const expected = withoutRoots(await documentsIn(taxii));
    expect(expected.some((document) => document.includes('"removed_reason":"withdrawn"'))).toBe(true);
    expect(withoutRoots(await documentsIn(bundles))).toEqual(expected);
  });

  test("of one collection leave the others as they are", async () => {
    const other = "x-mitre-collection--00000000-0000-4000-8000-000000000002";
    const second = await folder.write(
      "other",
      release(
        "17.1",
        "2025-01-01T00:00:00.000Z",
        [technique("T0009", "Of another domain", "2025-01-01T00:00:00.000Z")],
        other,
      ),
    );
    await withServer([older, second], async (sandbox) => {
      for (const MITRE_RELEASES of ["latest", "17.1"]) {
        const store = await openDatabase();
        await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_RELEASES });
        const before = (await documentsIn(store)).filter((document) => document.includes(other));
        const report = await runPipeline(
          store,
          bundlesOf(sandbox, [newer], { MITRE_RELEASES: MITRE_RELEASES === "latest" ? "latest" : "18.1" }),
          { acceptRemovals: true },
        );
        expect(report).toMatchObject({ status: "ok" });
        const after = await documentsIn(store);
        for (const document of before.filter((text) => !text.startsWith("collections "))) {
          expect(after).toContain(document);
        }
        expect(
          await store.database.collection("collections").countDocuments({ "enriched.collection_ids": other }),
        ).toBe(1);
      }
    });
  });

  test("of some collections of a release do not keep TAXII from loading the others", async () => {
    const other = "x-mitre-collection--00000000-0000-4000-8000-000000000003";
    const at = "2025-01-01T00:00:00.000Z";
    const second = await folder.write(
      "second",
      release("17.1", at, [technique("T0009", "Other", at)], other),
    );
    await withServer([older, newer, second], async (sandbox) => {
      const [taxii, both] = [await openDatabase(), await openDatabase()];
      const overTaxii = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_RELEASES: "17.1,18.1" };
      await runPipeline(both, bundlesOf(sandbox, [older, newer]));
      await runPipeline(both, overTaxii);
      await runPipeline(taxii, overTaxii);
      expect(await documentsIn(both)).toEqual(await documentsIn(taxii));
    });
  });

  test("of an older release than the stored one change nothing unless that release is asked for", async () => {
    const store = await openDatabase();
    await runPipeline(store, fromFiles([newer]));
    const before = await documentsIn(store);
    const refused = await runPipeline(store, fromFiles([older]));
    expect(refused).toMatchObject({ status: "failed", reason: expect.stringContaining("18.1 is stored") });
    expect(await documentsIn(store)).toEqual(before);
    const asked = await runPipeline(store, fromFiles([older], { MITRE_RELEASES: "17.1" }));
    expect(asked).toMatchObject({ status: "ok" });
    expect(stepOf(asked, "objects").withdrawn).toBeGreaterThan(0);
  });

  test("are unpacked, whatever they are called, and a dry run writes nothing", async () => {
    const packed = `${newer}.packed`;
    await writeFile(packed, gzipSync(await readFile(newer)));
    const [plain, unpacked] = [await openDatabase(), await openDatabase()];
    await runPipeline(plain, fromFiles([newer]));
    const dry = await runPipeline(unpacked, fromFiles([packed]), { dryRun: true });
    expect(stepOf(dry, "objects").inserted).toBe(release18.length);
    expect((await documentsIn(unpacked)).length).toBe(0);
    await runPipeline(unpacked, fromFiles([packed]));
    expect(await documentsIn(unpacked)).toEqual(await documentsIn(plain));
  });

  test("put what is no STIX object into quarantine, and load the rest", async () => {
    const store = await openDatabase();
    const file = await folder.write("invalid", [...release18, { type: "tool" }]);
    const report = await runPipeline(store, fromFiles([file]));
    expect(report).toMatchObject({ status: "ok" });
    expect(stepOf(report, "objects")).toMatchObject({ inserted: release18.length, rejected: 1 });
    expect(await store.database.collection("etl_rejected").findOne({})).toMatchObject({
      reason: expect.stringContaining("expected a STIX object with id and type"),
    });
  });

  test("of collections that MITRE_COLLECTIONS does not name are an error that says what they hold", async () => {
    const report = await runPipeline(
      await openDatabase(),
      fromFiles([newer], { MITRE_COLLECTIONS: "*Mobile*" }),
    );
    expect(report.status).toBe("failed");
    expect(report.reason).toContain(
      `MITRE_COLLECTIONS matches no collection of the bundles: *Mobile*. They hold Release of ${icsId}`,
    );
  });

  test("give the history that MITRE_RELEASES selects, and say which bundle is left out", async () => {
    const store = await openDatabase();
    const report = await runPipeline(store, fromFiles([older, newer], { MITRE_RELEASES: "18.1" }));
    expect(report).toMatchObject({ status: "ok" });
    expect(await store.database.collection("objects").countDocuments({ "enriched.releases": "17.1" })).toBe(
      0,
    );
    const missing = await runPipeline(store, fromFiles([newer], { MITRE_RELEASES: "16.1,18.1" }));
    expect(missing.reason).toContain(
      "MITRE_RELEASES names releases that no bundle holds: 16.1. The bundles hold 18.1",
    );
  });

  test("take over from a load over TAXII that was broken off, and TAXII from one of bundles", async () => {
    await withServer([older, newer], async (sandbox) => {
      const paged = { MITRE_RELEASES: "all", MITRE_PAGE_SIZE: "3" };
      const ways = [
        { MITRE_TAXII_URL: sandbox.taxiiUrl, ...paged },
        bundlesOf(sandbox, [older, newer], paged),
      ];
      const undisturbed = await openDatabase();
      await load(undisturbed, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl, ...paged } });
      const expected = await documentsIn(undisturbed);
      for (const [first = {}, second = {}] of [ways, [...ways].reverse()]) {
        for (const stopAfterPages of [3, 5, 7, 9, 11]) {
          const store = await openDatabase();
          expect(await load(store, { env: first, stopAfterPages })).toMatchObject({ stopped: true });
          await load(store, { env: second });
          expect(differencesOf(await documentsIn(store), expected)).toEqual(none);
        }
      }
    });
  });

  describe("at a URL", () => {
    async function serve(...script: Parameters<typeof startScriptedServer>) {
      const server = await startScriptedServer(...script);
      onTestFinished(() => server.close());
      return server;
    }

    test("are downloaded, and the download is deleted", async () => {
      const filesFolder = join(dirname(newer), "files");
      const content = gzipSync(await readFile(newer));
      const { url } = await serve(() => ({ body: content }));
      const [fromUrl, fromFile] = [await openDatabase(), await openDatabase()];
      const report = await runPipeline(
        fromUrl,
        { MITRE_BUNDLES: `${url}/ics.json.gz?token=s3cret` },
        { filesFolder },
      );
      expect(report).toMatchObject({ status: "ok", requests: 1 });
      await runPipeline(fromFile, fromFiles([newer]));
      expect(await documentsIn(fromUrl)).toEqual(await documentsIn(fromFile));
      expect(await readdir(filesFolder)).toEqual([]);
    });

    test("that cannot be downloaded, or are larger than allowed, change nothing", async () => {
      const { url } = await serve((path) => ({
        status: path === "/missing.json" ? 404 : 200,
        body: "{".repeat(10_000),
      }));
      const store = await openDatabase();
      const missing = await runPipeline(store, { MITRE_BUNDLES: `${url}/missing.json` });
      expect(missing).toMatchObject({ status: "failed", reason: expect.stringContaining("404") });
      const http = { maxDownloadBytes: 1_000 };
      const large = await runPipeline(store, { MITRE_BUNDLES: `${url}/large.json` }, { http });
      expect(large).toMatchObject({
        status: "failed",
        reason: expect.stringContaining("HTTP_MAX_DOWNLOAD_MB"),
      });
      expect(await documentsIn(store)).toEqual([]);
    });
  });

  const text = JSON.stringify({ type: "bundle", id: "bundle--1", objects: release18 });
  test.each([
    ["cut off", text.slice(0, -20), "ends in the middle of the JSON"],
    ["cut off, packed", gzipSync(text).subarray(0, -20), "it was cut off"],
    ["a web page", "<html>", "it is a web page"],
    ["empty", "", "it is empty"],
    ["a zip archive", "PK\u0003\u0004", "it is a zip archive"],
    ["UTF-16", Buffer.from(text, "utf16le"), "it is UTF-16 text"],
    ["another JSON", '{"collections":[]}', "not a STIX bundle"],
    ["a list", JSON.stringify(release18), "not a STIX bundle"],
    ["another type", JSON.stringify({ type: "report", objects: [] }), "not a STIX bundle"],
    ["objects that are no list", '{"type":"bundle","objects":{"a":{}}}', "not a STIX bundle"],
    ["no release", '{"type":"bundle","objects":[]}', "no x-mitre-collection object"],
    [
      "a bomb",
      gzipSync(Buffer.concat([Buffer.from('{"type":"bundle","objects":['), Buffer.alloc(120_000_000, 32)])),
      "takes more than 32000000 bytes",
    ],
  ])("with a file that is %s change nothing, and name it", async (name, content, message) => {
    const store = await openDatabase();
    await runPipeline(store, fromFiles([older]));
    const before = await documentsIn(store);
    const file = `${newer}-${name.replaceAll(" ", "-").replaceAll(",", "")}`;
    await writeFile(file, content);
    const report = await runPipeline(store, fromFiles([newer, file]));
    expect(report.status).toBe("failed");
    expect(report.reason).toContain(file);
    expect(report.reason).toContain(message);
    expect(await documentsIn(store)).toEqual(before);
  });

  test("of which a sample is loaded over all of them change nothing", async () => {
    const store = await openDatabase();
    const settings = { MITRE_BUNDLES: newer };
    await runPipeline(store, settings);
    const before = await documentsIn(store);
    const config = parseConfig(mitreTaxii.config, settings);
    const report = await runPipeline(store, settings, {
      alter: () => configureConnector(mitreTaxii, config, { sample: true }),
    });
    expect(stepOf(report, "objects")).toMatchObject({ extracted: 3, unchanged: 3 });
    expect(await documentsIn(store)).toEqual(before);
  });

  test("that are the same twice are an error that names both", async () => {
    const twin = await folder.write("twin", release18);
    const report = await runPipeline(await openDatabase(), fromFiles([newer, twin]));
    expect(report.reason).toContain(`${newer} and ${twin} contain the same release`);
  });
});

const ics = realData("attack/ics-attack-18.1.json.gz");
const olderIcs = realData("attack/ics-attack-17.1.json.gz");
const real = [ics, olderIcs];

// Those of all three domains: see real-data.test.ts.
describe.skipIf(!hasRealData(...real))(`with ${nameRealData("two real releases of ICS", ...real)}`, () => {
  describeOnEmbedded("bundles", (openDatabase) => {
    test("of two releases of ICS make the same documents as TAXII, in either order", async () => {
      await expectSameDocuments(openDatabase, [olderIcs, ics], "17.1,18.1");
    });
  });
});
