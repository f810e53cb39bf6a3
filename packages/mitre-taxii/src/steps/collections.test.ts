import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test, vi } from "vitest";
import { contentsOf } from "../testing/database.js";
import { load } from "../testing/pipeline.js";
import { requestsOf, useServers } from "../testing/start-servers.js";
import { attackRelease, tool } from "../testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("the collections step", (openDatabase) => {
  const servers = useServers();
  const at = "2024-01-01T00:00:00.000Z";
  const ics = [{ ...attackRelease("x-mitre-collection--ics", "1.0", at), name: "ICS ATT&CK" }, tool("1", at)];
  const mobile = [{ ...attackRelease("x-mitre-collection--mobile", "1.0", at), name: "Mobile ATT&CK" }];

  test("stores what the API root lists, as it lists it, under the root's URL", async () => {
    const sandbox = await servers.start([ics, mobile], { taxii: { collectionKeys: "camelCase" } });
    const database = await openDatabase();
    await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl }, steps: ["collections"] });
    const root = new URL("/api/v21/", sandbox.taxiiUrl).href;
    expect(await contentsOf(database)).toEqual({
      collections: {
        [root]: {
          removed: undefined,
          content: {
            data: [
              expect.objectContaining({ id: "x-mitre-collection--ics", title: "ICS ATT&CK", canRead: true }),
              expect.objectContaining({ id: "x-mitre-collection--mobile", title: "Mobile ATT&CK" }),
            ],
            enriched: {
              collection_ids: ["x-mitre-collection--ics", "x-mitre-collection--mobile"],
              titles: ["ICS ATT&CK", "Mobile ATT&CK"],
            },
          },
        },
      },
    });
    expect(sandbox.requests).toHaveLength(2);
  });

  test("loads only the collections that are asked for", async () => {
    const sandbox = await servers.start([ics, mobile]);
    const database = await openDatabase();
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_COLLECTIONS: "*ics*, Enterprise ATT&CK" };
    const { log } = await load(database, { env });
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toEqual([
      expect.stringContaining("x-mitre-collection--ics/tool--1/"),
      expect.stringContaining("x-mitre-collection--ics/x-mitre-collection--ics/"),
    ]);
    expect(requestsOf(sandbox).filter((request) => request.includes("mobile"))).toEqual([]);
    expect(log.join()).toContain('no collection matches "Enterprise ATT&CK"');
  });

  test("says what there is where nothing fits", async () => {
    const sandbox = await servers.start([ics]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_COLLECTIONS: "enterprise" };
    await expect(load(await openDatabase(), { env })).rejects.toThrow(
      /MITRE_COLLECTIONS matches no collection: enterprise: the server has ICS ATT&CK/,
    );
  });

  test("skips a collection that may not be read, and says so", async () => {
    const sandbox = await servers.start([ics, mobile], {
      taxii: { unreadable: ["x-mitre-collection--ics"] },
    });
    const database = await openDatabase();
    const { log } = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(log.join()).toContain(
      "no read access to ICS ATT&CK (x-mitre-collection--ics) (can_read: false): skipped",
    );
    expect(log.join()).not.toContain("no collection to load");
    expect(Object.keys((await contentsOf(database)).versions ?? {})).toEqual([
      "x-mitre-collection--mobile/x-mitre-collection--mobile",
    ]);
  });

  test("says so where all that is asked for may not be read", async () => {
    const sandbox = await servers.start([ics, mobile], {
      taxii: { unreadable: ["x-mitre-collection--ics"] },
    });
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_COLLECTIONS: "ICS*" };
    await expect(load(await openDatabase(), { env })).rejects.toThrow(
      "MITRE_COLLECTIONS matches only collections without read access: ICS ATT&CK (x-mitre-collection--ics)",
    );
    const all = await servers.start([ics], { taxii: { unreadable: ["x-mitre-collection--ics"] } });
    const { log } = await load(await openDatabase(), { env: { MITRE_TAXII_URL: all.taxiiUrl } });
    expect(log.join()).toContain("no collection to load: the selected ones have no read access");
  });

  test("says in every run that a collection which is stored is not listed any more", async () => {
    const sandbox = await servers.start([ics, mobile]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
    const database = await openDatabase();
    await load(database, { env });
    await sandbox.close();
    await servers.start([ics], { taxiiPort: Number(new URL(sandbox.taxiiUrl).port) });
    for (const _ of [1, 2]) {
      const { log } = await load(database, { env });
      expect(log.filter((line) => line.includes("no longer lists x-mitre-collection--mobile"))).toHaveLength(
        1,
      );
    }
  });

  test("is content with a root that has no collection", async () => {
    const sandbox = await servers.start([]);
    const database = await openDatabase();
    const { log } = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(log.join()).toContain("has no collection to load");
    expect(sandbox.requests).toHaveLength(2);
  });
});
