import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import type { Sandbox } from "@cti-connectors/sandbox";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  checkpointsIn,
  contentsOf,
  deleteAllDocuments,
  deleteDocument,
  moveCheckpoints,
} from "../../src/testing/database.js";
import { load, pagesToStopAfter } from "../../src/testing/pipeline.js";
import { useServers } from "../../src/testing/start-servers.js";
import { wordedRelease } from "../../src/testing/write-bundle.js";

// Dozens of runs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

describeOnEmbedded("the history", (openDatabase) => {
  const servers = useServers();
  const first = "x-mitre-collection--1";
  const second = "x-mitre-collection--2";
  const early = "2024-01-01T00:00:00.000Z";
  const middle = "2024-02-01T00:00:00.000Z";
  const late = "2024-03-01T00:00:00.000Z";
  const latest = "2024-04-01T00:00:00.000Z";

  const v16 = { a: early, b: early, c: early, d: early, e: early };
  const v17 = { a: early, b: middle, d: middle, e: early, f: middle };
  const v18 = { a: late, d: middle, e: early, f: late, g: late };
  const releases = [
    wordedRelease({ collectionId: first, version: "16.1", at: early, tools: v16 }),
    wordedRelease({ collectionId: first, version: "17.1", at: middle, tools: v17 }),
    wordedRelease({ collectionId: first, version: "18.1", at: late, tools: v18 }),
    wordedRelease({ collectionId: second, version: "17.1", at: middle, tools: v17 }),
    wordedRelease({ collectionId: second, version: "18.1", at: late, tools: v18 }),
  ];

  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await servers.start(releases);
  });

  const envOf = ({ taxiiUrl }: Sandbox, more: Readonly<Record<string, string>> = {}) => ({
    MITRE_TAXII_URL: taxiiUrl,
    MITRE_RELEASES: "all",
    MITRE_PAGE_SIZE: "3",
    ...more,
  });

  async function askedBy(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = sandbox.requests.length;
    await work();
    return sandbox.requests.slice(before).map(({ url }) => decodeURIComponent(url));
  }

  async function loadUndisturbed(more: Readonly<Record<string, string>> = {}) {
    const database = await openDatabase();
    return { database, ...(await load(database, { env: envOf(sandbox, more) })) };
  }

  /** Paths of the API roots whose releases are stored whole. */
  async function finishedIn(database: Store): Promise<readonly string[]> {
    const { releases } = await checkpointsIn(database);
    const saved = z
      .object({ releases: z.record(z.string(), z.object({ stored: z.unknown() })) })
      .safeParse(releases).data;
    return Object.entries(saved?.releases ?? {})
      .filter(([, { stored }]) => stored !== null)
      .map(([url]) => new URL(url).pathname);
  }

  /** A server that has the second collection in these releases, and the first one in a later one. */
  function startBehind(...versions: readonly (keyof typeof behind)[]): Promise<Sandbox> {
    return servers.start([
      wordedRelease({ collectionId: first, version: "18.1", at: late, tools: v18 }),
      ...versions.map((version) => wordedRelease({ collectionId: second, version, ...behind[version] })),
    ]);
  }
  const behind = {
    "16.1": { at: early, tools: v16 },
    "17.1": { at: middle, tools: v17 },
    "17.2": { at: late, tools: v18 },
  };

  /** `_id` without the collection → how the document was removed. */
  async function removedIn(database: Store, collectionId: string) {
    const { objects = {} } = await contentsOf(database);
    return Object.fromEntries(
      Object.entries(objects)
        .filter(([id]) => id.startsWith(`${collectionId}/tool--`))
        .map(([id, { removed }]) => [id.slice(`${collectionId}/tool--`.length), removed]),
    );
  }

  describe("an object version of an earlier release", () => {
    test("is superseded by a later release that has another one, and else withdrawn", async () => {
      const { database } = await loadUndisturbed();
      expect(await removedIn(database, first)).toEqual({
        [`a/${early}`]: "superseded",
        [`a/${late}`]: undefined,
        [`b/${early}`]: "superseded",
        [`b/${middle}`]: "withdrawn",
        [`c/${early}`]: "withdrawn",
        [`d/${early}`]: "superseded",
        [`d/${middle}`]: undefined,
        [`e/${early}`]: undefined,
        [`f/${middle}`]: "superseded",
        [`f/${late}`]: undefined,
        [`g/${late}`]: undefined,
      });
    });

    test("is the same where the releases were loaded as they came out", async () => {
      const database = await openDatabase();
      for (const setting of ["16.1", "16.1,17.1", "all"]) {
        await load(database, { env: envOf(sandbox, { MITRE_RELEASES: setting }) });
      }
      const { database: fresh } = await loadUndisturbed();
      const { objects, versions } = await contentsOf(fresh);
      expect(await contentsOf(database)).toMatchObject({ objects, versions });
    });
  });

  describe("a collection that the newest release has not", () => {
    test("is current as its own newest release has it", async () => {
      const server = await startBehind("16.1", "17.1");
      const database = await openDatabase();
      await load(database, { env: envOf(server) });
      const at17 = {
        [`a/${early}`]: undefined,
        [`b/${early}`]: "superseded",
        [`b/${middle}`]: undefined,
        [`c/${early}`]: "withdrawn",
        [`d/${early}`]: "superseded",
        [`d/${middle}`]: undefined,
        [`e/${early}`]: undefined,
        [`f/${middle}`]: undefined,
      };
      expect(await removedIn(database, second)).toEqual(at17);
      const { versions = {} } = await contentsOf(database);
      expect(versions[`${second}/tool--c`]?.removed).toBe("withdrawn");
      expect(versions[`${second}/tool--b`]?.removed).toBeUndefined();

      const next = await startBehind("16.1", "17.1", "17.2");
      await moveCheckpoints(database, server, next);
      await load(database, { env: envOf(next) });
      const fresh = await openDatabase();
      await load(fresh, { env: envOf(next) });
      expect(await removedIn(database, second)).toEqual(await removedIn(fresh, second));
      expect((await contentsOf(database)).versions).toEqual((await contentsOf(fresh)).versions);
      expect((await load(database, { env: envOf(next) })).written).toBe(0);
    });
  });

  describe("a history run that is broken off at any page and resumed", () => {
    test.each(["crash", "interrupt"] as const)(
      "by a %s ends with the same database, and asks for no finished release again",
      async (stop) => {
        const undisturbed = await loadUndisturbed();
        for (const stopAfterPages of pagesToStopAfter(undisturbed.pages, stop)) {
          const database = await openDatabase();
          const asked = await askedBy(async () => {
            const broken = await load(database, { env: envOf(sandbox), stopAfterPages, stop });
            expect(broken.stopped).toBe(true);
          });
          const finished = await finishedIn(database);
          const askedAgain = await askedBy(() => load(database, { env: envOf(sandbox) }));
          expect(await contentsOf(database)).toEqual(await contentsOf(undisturbed.database));
          const ofFinished = askedAgain.filter((url) => finished.some((path) => url.startsWith(path)));
          expect(ofFinished).toEqual([]);
          const twice = askedAgain.filter(
            (url) => /attack-1[67].*\/objects\//.test(url) && asked.includes(url),
          );
          expect(twice.length).toBeLessThanOrEqual(stop === "crash" ? 2 : 1);
          expect(await askedBy(() => load(database, { env: envOf(sandbox) }))).toEqual(["/taxii2/"]);
        }
      },
    );

    test("takes over a release that came out meanwhile", async () => {
      const v19 = { a: late, d: middle, f: latest };
      const next = await servers.start([
        ...releases,
        wordedRelease({ collectionId: first, version: "19.0", at: latest, tools: v19 }),
      ]);
      const fresh = await openDatabase();
      await load(fresh, { env: envOf(next) });
      const { objects, versions } = await contentsOf(fresh);
      const { pages } = await loadUndisturbed();
      for (const stopAfterPages of pagesToStopAfter(pages, "interrupt")) {
        const database = await openDatabase();
        await load(database, { env: envOf(sandbox), stopAfterPages, stop: "interrupt" });
        await moveCheckpoints(database, sandbox, next);
        await load(database, { env: envOf(next) });
        expect(await contentsOf(database)).toMatchObject({ objects, versions });
        expect((await load(database, { env: envOf(next) })).written).toBe(0);
      }
    });

    test("is the same where it is broken off again and again", async () => {
      const undisturbed = await loadUndisturbed();
      const database = await openDatabase();
      let runs = 0;
      for (let stopped = true; stopped; runs += 1) {
        expect(runs).toBeLessThan(undisturbed.pages);
        ({ stopped } = await load(database, {
          env: envOf(sandbox),
          stopAfterPages: 8,
          stop: "interrupt",
        }));
      }
      expect(runs).toBeGreaterThan(2);
      expect(await contentsOf(database)).toEqual(await contentsOf(undisturbed.database));
    });
  });

  describe("documents that were deleted from the database", () => {
    test.each([
      { of: "the oldest release", collection: "objects", id: `${first}/tool--c/${early}`, said: "16.1" },
      { of: "two releases", collection: "objects", id: `${second}/tool--b/${middle}`, said: "17.1" },
      { of: "the current release", collection: "objects", id: `${first}/tool--g/${late}`, said: undefined },
      { of: "the oldest release", collection: "versions", id: `${first}/tool--c`, said: "16.1" },
    ])("of $of in $collection are loaded again, and that is said", async ({ collection, id, said }) => {
      const { database } = await loadUndisturbed();
      const before = await contentsOf(database);
      await deleteDocument(database, collection, id);
      const { log, written } = await load(database, { env: envOf(sandbox) });
      expect(await contentsOf(database)).toEqual(before);
      expect(written).toBeGreaterThanOrEqual(1);
      const lines = log.filter((line) => line.includes("were deleted from the database"));
      expect(lines).toHaveLength(said === undefined ? 0 : 1);
      if (said !== undefined) {
        expect(lines[0]).toContain(`documents of ATT&CK ${said} were deleted`);
      }
      expect(await askedBy(() => load(database, { env: envOf(sandbox) }))).toEqual(["/taxii2/"]);
    });

    test("are all loaded again where none is left", async () => {
      const { database } = await loadUndisturbed();
      const before = await contentsOf(database);
      await deleteAllDocuments(database);
      await load(database, { env: envOf(sandbox) });
      expect(await contentsOf(database)).toEqual(before);
    });
  });

  describe("a part of the history", () => {
    test("is that of the collections of MITRE_COLLECTIONS, and the rest comes when it is asked for", async () => {
      const { database, ...some } = await loadUndisturbed({ MITRE_COLLECTIONS: first });
      expect(some.log.filter((line) => line.includes("no collection matches"))).toEqual([]);
      const asked = sandbox.requests.map(({ url }) => url);
      expect(asked.filter((url) => url.includes(second))).toEqual([]);
      const more = await askedBy(() => load(database, { env: envOf(sandbox) }));
      expect(more.filter((url) => url.includes(first))).toEqual([]);
      expect(await contentsOf(database)).toEqual(await contentsOf((await loadUndisturbed()).database));
    });

    test("is the first objects of each release with MITRE_MAX_OBJECTS, and then all of them without", async () => {
      const { database } = await loadUndisturbed({ MITRE_MAX_OBJECTS: "3" });
      const { objects = {} } = await contentsOf(database);
      const tools = Object.keys(objects).filter((id) => id.startsWith(`${first}/tool--`));
      expect(tools.map((id) => id.slice(`${first}/tool--`.length)).sort()).toEqual(
        [`a/${early}`, `a/${late}`, `b/${early}`, `b/${middle}`, `d/${middle}`].sort(),
      );
      await load(database, { env: envOf(sandbox) });
      expect(await contentsOf(database)).toEqual(await contentsOf((await loadUndisturbed()).database));
    });
  });

  describe("an earlier release whose pages end early", () => {
    const path = `attack-17.1/collections/${first}/objects/`;

    /** Cuts so many walks off before their second page. */
    function endEarly(walks: number): void {
      for (let walk = 0; walk < walks; walk += 1) {
        sandbox.addFault({
          upstream: "taxii",
          path,
          skip: 1,
          answer: { kind: "status", status: 404, body: "{}" },
        });
      }
    }

    test("is read again in the same run", async () => {
      endEarly(1);
      const database = await openDatabase();
      await load(database, { env: envOf(sandbox) });
      expect(await contentsOf(database)).toEqual(await contentsOf((await loadUndisturbed()).database));
    });

    test("fails the run after the other releases where they end early again, and is loaded by the next one", async () => {
      endEarly(2);
      const database = await openDatabase();
      await expect(load(database, { env: envOf(sandbox) })).rejects.toThrow(
        `The manifest of ${first} in ATT&CK 17.1 lists 6 objects, but the server did not send 3 of them`,
      );
      expect(await finishedIn(database)).toContain("/api/v21/attack-16.1/");
      const asked = await askedBy(() => load(database, { env: envOf(sandbox) }));
      expect(asked.filter((url) => !url.startsWith("/taxii2/") && !url.includes(path))).toEqual([]);
      expect(await contentsOf(database)).toEqual(await contentsOf((await loadUndisturbed()).database));
    });
  });

  describe("all releases are loaded again", () => {
    test.each([
      { why: "with another MITRE_MAX_CONTENTS", more: { MITRE_MAX_CONTENTS: "2" }, full: false },
      { why: "in a full run", more: {}, full: true },
    ])("$why", async ({ more, full }) => {
      const { database } = await loadUndisturbed();

      const asked = await askedBy(() => load(database, { env: envOf(sandbox, more), full }));
      for (const version of ["16.1", "17.1", "18.1"]) {
        expect(asked.some((url) => url.includes(`attack-${version}/collections/${first}/objects/`))).toBe(
          true,
        );
      }
      expect(await contentsOf(database)).toEqual(await contentsOf((await loadUndisturbed(more)).database));
    });
  });
});
