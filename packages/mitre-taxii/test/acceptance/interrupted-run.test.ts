import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  contentsOf,
  createMemoryDatabase,
  type MemoryDatabase,
  runInMemory,
} from "../../src/testing/memory-run.js";
import {
  attackRelease,
  type BundleFolder,
  createBundleFolder,
  tool,
} from "../../src/testing/write-bundle.js";

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

  /** As if the same server had been given the new release: what it says of itself does not change. */
  function moveCheckpoints({ checkpoints }: MemoryDatabase, from: Sandbox, to: Sandbox): void {
    const origins = [from, to].map(({ taxiiUrl }) => new URL(taxiiUrl).origin);
    for (const [step, checkpoint] of checkpoints) {
      const text = JSON.stringify(checkpoint).replaceAll(origins[0] ?? "", origins[1] ?? "");
      checkpoints.set(step, JSON.parse(text));
    }
  }

  test.each(["crash", "interrupt"] as const)(
    "by a %s ends with the database of an undisturbed one",
    async (stop) => {
      const undisturbed = createMemoryDatabase();
      const { pages } = await runInMemory(undisturbed, { env: envOf(oldServer) });
      const requestsOfWhole = await countRequests(oldServer, () =>
        runInMemory(createMemoryDatabase(), { env: envOf(oldServer) }),
      );
      expect(contentsOf(undisturbed).objects).toHaveProperty(`${first}/tool--15/${early}`);

      for (let stopAfterPages = 1; stopAfterPages < pages; stopAfterPages += 1) {
        const database = createMemoryDatabase();
        const requests = await countRequests(oldServer, async () => {
          const broken = await runInMemory(database, { env: envOf(oldServer), stopAfterPages, stop });
          expect(broken.stopped).toBe(true);
          await runInMemory(database, { env: envOf(oldServer) });
        });
        expect(contentsOf(database)).toEqual(contentsOf(undisturbed));
        // Collections, two releases or manifests for two steps, and at most one page or one collection's versions come twice.
        const manifestPages = flavor === "standard" && "maxPageSize" in taxii ? 9 : 2;
        expect(requests).toBeLessThanOrEqual(requestsOfWhole + 4 + 2 * manifestPages);
      }
    },
  );

  test.each(["crash", "interrupt"] as const)(
    "by a %s takes over a release that came out meanwhile, and marks what is gone",
    async (stop) => {
      const undisturbed = createMemoryDatabase();
      await runInMemory(undisturbed, { env: envOf(oldServer) });
      moveCheckpoints(undisturbed, oldServer, nextServer);
      const change = await runInMemory(undisturbed, { env: envOf(nextServer) });
      const settled = await runInMemory(undisturbed, { env: envOf(nextServer) });
      expect(settled.written).toBe(0);
      const fresh = createMemoryDatabase();
      await runInMemory(fresh, { env: envOf(nextServer) });
      expect(currentOf(undisturbed)).toEqual(currentOf(fresh));

      for (let stopAfterPages = 1; stopAfterPages < change.pages; stopAfterPages += 1) {
        const database = createMemoryDatabase();
        await runInMemory(database, { env: envOf(oldServer) });
        moveCheckpoints(database, oldServer, nextServer);
        await runInMemory(database, { env: envOf(nextServer), stopAfterPages, stop });
        await runInMemory(database, { env: envOf(nextServer) });
        expect(withoutRoots(database)).toEqual(withoutRoots(undisturbed));
        expect((await runInMemory(database, { env: envOf(nextServer) })).written).toBe(0);
      }
    },
  );

  test("whose content changed in between begins the changed collection again", async () => {
    const fresh = createMemoryDatabase();
    await runInMemory(fresh, { env: envOf(nextServer) });
    for (let stopAfterPages = 1; stopAfterPages < 12; stopAfterPages += 1) {
      const database = createMemoryDatabase();
      await runInMemory(database, { env: envOf(oldServer), stopAfterPages, stop: "interrupt" });
      moveCheckpoints(database, oldServer, nextServer);
      await runInMemory(database, { env: envOf(nextServer) });
      await runInMemory(database, { env: envOf(nextServer) });
      const { objects = {} } = contentsOf(database);
      const current = Object.entries(objects).filter(([, { removed }]) => removed === undefined);
      expect(Object.fromEntries(current)).toEqual(contentsOf(fresh).objects);
    }
  });
});

async function countRequests(sandbox: Sandbox, work: () => Promise<unknown>): Promise<number> {
  const before = sandbox.requests.length;
  await work();
  return sandbox.requests.length - before;
}

function currentOf(database: MemoryDatabase) {
  return Object.fromEntries(
    Object.entries(withoutRoots(database)).map(([name, documents]) => [
      name,
      Object.entries(documents).filter(([, { removed }]) => removed === undefined),
    ]),
  );
}

/** Without the documents that are about an API root: its address is in their `_id`. */
function withoutRoots(database: MemoryDatabase) {
  const { collections: _, ...rest } = contentsOf(database);
  return rest;
}
