import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { describe, expect, test, vi } from "vitest";
import { contentsOf } from "../testing/database.js";
import { load } from "../testing/pipeline.js";
import { requestsOf, useServers } from "../testing/start-servers.js";
import { attackRelease, tool } from "../testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("the manifest step", (openDatabase) => {
  const servers = useServers();
  const id = "x-mitre-collection--1";
  const early = "2024-01-01T00:00:00.000Z";
  const late = "2025-01-01T00:00:00.000Z";
  const old = [attackRelease(id, "1.0", early), ...["a", "b", "c", "d"].map((name) => tool(name, early))];
  const next = [attackRelease(id, "2.0", late), tool("a", late), tool("c", early), tool("d", early)];

  async function removedOf(database: Store, collection: string): Promise<Record<string, string>> {
    const documents = Object.entries((await contentsOf(database))[collection] ?? {});
    return Object.fromEntries(documents.flatMap(([_id, { removed }]) => (removed ? [[_id, removed]] : [])));
  }

  test("stores one document per record, with dates read in both spellings", async () => {
    for (const dateAdded of ["rfc3339", "javascript"] as const) {
      const sandbox = await servers.start([old], { taxii: { dateAdded } });
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl }, steps: ["manifest"] });
      expect(Object.keys((await contentsOf(database)).manifest ?? {})).toHaveLength(5);
      expect((await contentsOf(database)).manifest?.[`${id}/tool--a/${early}`]?.content).toEqual({
        data: {
          collection_id: id,
          objects: [
            expect.objectContaining({ id: "tool--a", version: early, date_added: expect.any(String) }),
          ],
        },
        enriched: {
          type: "tool",
          version: new Date(early),
          date_added: new Date("2021-01-01T00:00:00.000Z"),
        },
      });
    }
  });

  test("takes ten times as many records a page as objects", async () => {
    const sandbox = await servers.start([old]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "7" };
    await load(await openDatabase(), { env, steps: ["manifest"] });
    expect(requestsOf(sandbox).at(-1)).toBe(`${id}/manifest/?limit=70`);
  });

  describe("what the upstream lists no longer", () => {
    test("is superseded where another version is listed, and withdrawn otherwise", async () => {
      const before = await servers.start([old]);
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: before.taxiiUrl } });
      const after = await servers.start([next]);
      await load(database, { env: { MITRE_TAXII_URL: after.taxiiUrl } });
      const marks = {
        [`${id}/${id}/${early}`]: "superseded",
        [`${id}/tool--a/${early}`]: "superseded",
        [`${id}/tool--b/${early}`]: "withdrawn",
      };
      expect(await removedOf(database, "manifest")).toEqual(marks);
      expect(await removedOf(database, "objects")).toEqual(marks);
      expect(await removedOf(database, "versions")).toEqual({ [`${id}/tool--b`]: "withdrawn" });
    });

    test("comes back with the next listing that has it", async () => {
      const before = await servers.start([old]);
      const after = await servers.start([next]);
      const database = await openDatabase();
      for (const { taxiiUrl } of [before, after, before]) {
        await load(database, { env: { MITRE_TAXII_URL: taxiiUrl } });
      }
      for (const collection of ["manifest", "objects"]) {
        expect(await removedOf(database, collection)).toEqual({
          [`${id}/${id}/${late}`]: "superseded",
          [`${id}/tool--a/${late}`]: "superseded",
        });
      }
      expect(await removedOf(database, "versions")).toEqual({});
    });

    async function loadedWith(bundle: readonly object[]) {
      const sandbox = await servers.start([bundle]);
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      return database;
    }

    test("is not known where a limit is set", async () => {
      const database = await loadedWith(old);
      const after = await servers.start([next]);
      const limits = { MITRE_MAX_OBJECTS: "2", MITRE_MAX_COLLECTIONS: "1" };
      await load(database, { env: { MITRE_TAXII_URL: after.taxiiUrl, ...limits } });
      for (const collection of ["manifest", "objects", "versions"]) {
        expect(await removedOf(database, collection)).toEqual({});
      }
    });

    test("is not known where a record cannot be read: it is rejected", async () => {
      const database = await loadedWith(old);
      const after = await servers.start([next]);
      const objects = [{ id: "tool--a", date_added: early, version: late }, { id: "tool--c" }];
      const answer = { kind: "status", status: 200, body: JSON.stringify({ objects }) } as const;
      after.addFault({ upstream: "taxii", path: "/manifest/", answer });
      const { rejected } = await load(database, { env: { MITRE_TAXII_URL: after.taxiiUrl } });
      expect(rejected).toEqual([{ collection_id: id, record: { id: "tool--c" } }]);
      for (const collection of ["manifest", "objects", "versions"]) {
        expect(await removedOf(database, collection)).toEqual({});
      }
    });

    test("is not known where a later page is missing", async () => {
      const database = await loadedWith(old);
      const after = await servers.start([next], { flavor: "standard", taxii: { maxPageSize: 2 } });
      const answer = { kind: "status", status: 404, body: "" } as const;
      after.addFault({ upstream: "taxii", path: "next=", answer });
      await load(database, { env: { MITRE_TAXII_URL: after.taxiiUrl }, steps: ["manifest"] });
      expect(await removedOf(database, "manifest")).toEqual({});
    });

    test("is not a collection that is missing from the root", async () => {
      const other = [attackRelease("x-mitre-collection--2", "1.0", early)];
      const before = await servers.start([old, other]);
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: before.taxiiUrl } });
      const after = await servers.start([other]);
      await load(database, { env: { MITRE_TAXII_URL: after.taxiiUrl } });
      expect(await removedOf(database, "objects")).toEqual({});
    });
  });
});
