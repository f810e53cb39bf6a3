import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  contentsOf,
  contentsWithoutRoots,
  copyInto,
  currentIn,
  moveCheckpoints,
} from "../../src/testing/database.js";
import { load, pagesToStopAfter } from "../../src/testing/pipeline.js";
import {
  attackRelease,
  type BundleFolder,
  createBundleFolder,
  tool,
} from "../../src/testing/write-bundle.js";

// Dozens of runs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

describeOnEmbedded("a run", (openDatabase) => {
  const early = "2024-01-01T00:00:00.000Z";
  const late = "2025-01-01T00:00:00.000Z";
  const first = "x-mitre-collection--1";
  const second = "x-mitre-collection--2";
  const ids = Array.from({ length: 16 }, (_, index) => String(index).padStart(2, "0"));

  const old = [attackRelease(first, "1.0", early), ...ids.map((id) => tool(id, early))];
  /** 00 to 03 are gone, 04 to 07 have a new version, two are new. */
  const next = [
    attackRelease(first, "2.0", late),
    ...ids.slice(4, 8).map((id) => tool(id, late)),
    ...ids.slice(8).map((id) => tool(id, early)),
    tool("98", late),
    tool("99", late),
  ];
  const other = [attackRelease(second, "1.0", early), ...ids.slice(0, 5).map((id) => tool(id, early))];

  let bundles: BundleFolder;
  let oldFile: string;
  let nextFile: string;
  let otherFile: string;
  beforeAll(async () => {
    bundles = await createBundleFolder();
    oldFile = await bundles.write("old", old);
    nextFile = await bundles.write("next", next);
    otherFile = await bundles.write("other", other);
  });
  afterAll(() => bundles.remove());

  describe.each([
    { flavor: "attack" as const, behavior: "numbered pages", taxii: {} },
    {
      flavor: "attack" as const,
      behavior: "numbered pages and no selection by id",
      taxii: { ignore: ["match[id]" as const] },
    },
    { flavor: "standard" as const, behavior: "opaque tokens and short pages", taxii: { maxPageSize: 4 } },
    { flavor: "standard" as const, behavior: "no tokens, so added_after", taxii: { omitNext: true } },
  ])("on a server with $behavior, a run that is broken off at any page and resumed", ({ flavor, taxii }) => {
    let oldServer: Sandbox;
    let nextServer: Sandbox;
    beforeAll(async () => {
      oldServer = await startSandbox({ flavor, taxii, quota: null, attackFiles: [oldFile, otherFile] });
      const nextFiles = flavor === "attack" ? [nextFile, otherFile] : [oldFile, nextFile, otherFile];
      nextServer = await startSandbox({ flavor, taxii, quota: null, attackFiles: nextFiles });
    });
    afterAll(async () => {
      await oldServer.close();
      await nextServer.close();
    });

    const envOf = ({ taxiiUrl }: Sandbox) => ({ MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE: "6" });

    test.each(["crash", "interrupt"] as const)(
      "by a %s ends with the database of an undisturbed one",
      async (stop) => {
        const undisturbed = await openDatabase();
        const { pages } = await load(undisturbed, { env: envOf(oldServer) });
        const requestsOfWhole = await countRequests(oldServer, async () => {
          await load(await openDatabase(), { env: envOf(oldServer) });
        });
        const expected = await contentsOf(undisturbed);
        expect(expected.objects).toHaveProperty(`${first}/tool--15/${early}`);

        for (const stopAfterPages of pagesToStopAfter(pages, stop)) {
          const database = await openDatabase();
          const requests = await countRequests(oldServer, async () => {
            const broken = await load(database, { env: envOf(oldServer), stopAfterPages, stop });
            expect(broken.stopped).toBe(true);
            await load(database, { env: envOf(oldServer) });
          });
          expect(await contentsOf(database)).toEqual(expected);
          // Collections, two releases or manifests for two steps, and at most one page or one collection's versions come twice.
          const manifestPages = flavor === "standard" && "maxPageSize" in taxii ? 9 : 2;
          expect(requests).toBeLessThanOrEqual(requestsOfWhole + 4 + 2 * manifestPages);
        }
      },
    );

    test.each(["crash", "interrupt"] as const)(
      "by a %s takes over a release that came out meanwhile, and marks what is gone",
      async (stop) => {
        const before = await openDatabase();
        await load(before, { env: envOf(oldServer) });
        await moveCheckpoints(before, oldServer, nextServer);
        const undisturbed = await copyInto(await openDatabase(), before);
        const change = await load(undisturbed, { env: envOf(nextServer) });
        const settled = await load(undisturbed, { env: envOf(nextServer) });
        expect(settled.written).toBe(0);
        const fresh = await openDatabase();
        await load(fresh, { env: envOf(nextServer) });
        expect(await currentOf(undisturbed)).toEqual(await currentOf(fresh));

        const expected = await contentsWithoutRoots(undisturbed);
        for (const stopAfterPages of pagesToStopAfter(change.pages, stop)) {
          const database = await copyInto(await openDatabase(), before);
          await load(database, { env: envOf(nextServer), stopAfterPages, stop });
          await load(database, { env: envOf(nextServer) });
          expect(await contentsWithoutRoots(database)).toEqual(expected);
          expect((await load(database, { env: envOf(nextServer) })).written).toBe(0);
        }
      },
    );

    test("whose content changed in between begins the changed collection again", async () => {
      const fresh = await openDatabase();
      await load(fresh, { env: envOf(nextServer) });
      const expected = (await contentsOf(fresh)).objects;
      for (const stopAfterPages of pagesToStopAfter(12, "interrupt")) {
        const database = await openDatabase();
        await load(database, { env: envOf(oldServer), stopAfterPages, stop: "interrupt" });
        await moveCheckpoints(database, oldServer, nextServer);
        await load(database, { env: envOf(nextServer) });
        await load(database, { env: envOf(nextServer) });
        expect(await currentIn(database, "objects")).toEqual(expected);
      }
    });
  });

  async function countRequests(sandbox: Sandbox, work: () => Promise<unknown>): Promise<number> {
    const before = sandbox.requests.length;
    await work();
    return sandbox.requests.length - before;
  }

  async function currentOf(database: Store) {
    return Object.fromEntries(
      Object.entries(await contentsWithoutRoots(database)).map(([name, documents]) => [
        name,
        Object.entries(documents).filter(([, { removed }]) => removed === undefined),
      ]),
    );
  }
});
